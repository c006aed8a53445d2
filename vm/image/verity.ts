/**
 * The hash tree of dm-verity, as `veritysetup format --no-superblock` makes it: format version 1, SHA-256, blocks of
 * 4096 bytes on both sides. Layout: Linux Documentation/admin-guide/device-mapper/verity.rst and
 * drivers/md/dm-verity-target.c:verity_ctr.
 */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { HarnessError, UsageError } from '../errors.ts';
import type { DiskVerity } from './spec.ts';

export const VERITY_BLOCK_BYTES = 4096;
const DIGEST_BYTES = 32;
const DIGESTS_A_BLOCK = VERITY_BLOCK_BYTES / DIGEST_BYTES;
/** Read at once, bytes: whole blocks. */
const READ_BYTES = 2 ** 20;

export interface VerityTree {
  /** Hexadecimal. With one block of data it is that block's digest, and the tree is empty. */
  readonly rootHash: string;
  readonly dataBlocks: number;
  /** Whole blocks, the level of one block first, the data's digests last. */
  readonly tree: Buffer;
}

/** The tree of the blocks that come; the last may be short and counts as filled up with zeros. `salt` is hexadecimal. */
export async function verityTree(data: AsyncIterable<Buffer> | Iterable<Buffer>, salt: string): Promise<VerityTree> {
  const salted = createHash('sha256').update(salt, 'hex');
  const digest = (block: Buffer): Buffer => salted.copy().update(block).digest();
  const ofData: Buffer[] = [];
  for await (const blocks of data) for (const one of digestsOfBlocks(blocks, digest)) ofData.push(one);
  const { root, levels } = digestsAbove(ofData, digest);
  return { rootHash: root.toString('hex'), dataBlocks: ofData.length, tree: Buffer.concat(levels) };
}

/** The levels above the digests of the data, that of one block first, and the digest at the top. */
export function digestsAbove(
  ofData: readonly Buffer[],
  digest: (block: Buffer) => Buffer,
): { readonly root: Buffer; readonly levels: readonly Buffer[] } {
  const levels: Buffer[] = [];
  let digests = ofData;
  while (digests.length > 1) {
    const level = levelOf(digests);
    levels.unshift(level);
    digests = digestsOfBlocks(level, digest);
  }
  const [root] = digests;
  if (root === undefined) throw new HarnessError('no hash tree of no data');
  return { root, levels };
}

export interface VerityRequest {
  /** The image, from the disk's first byte on. */
  readonly imageBytes: number;
  /** The whole disk. */
  readonly sizeBytes: number;
  readonly salt: string;
}

/** Writes the tree of a disk's image behind it. UsageError when the disk is too small for it. */
export async function appendVerity(disk: string, request: VerityRequest): Promise<DiskVerity> {
  const { imageBytes, sizeBytes, salt } = request;
  const file = await open(disk, 'r+');
  try {
    const { rootHash, dataBlocks, tree } = await verityTree(blocksOf(file, imageBytes), salt);
    const hashStart = dataBlocks * VERITY_BLOCK_BYTES;
    if (hashStart + tree.length > sizeBytes)
      throw new UsageError(
        `erofs disk: image and hash tree have ${hashStart} and ${tree.length} bytes, the disk ${sizeBytes}`,
      );
    await file.write(tree, 0, tree.length, hashStart);
    return { rootHash, salt, dataBlocks, hashStartBlock: dataBlocks };
  } finally {
    await file.close();
  }
}

/** A file's first `sizeBytes` bytes in pieces of whole blocks, filled up with zeros. */
export async function* blocksOf(file: FileHandle, sizeBytes: number): AsyncGenerator<Buffer> {
  for (let position = 0; position < sizeBytes; position += READ_BYTES) {
    const wanted = Math.min(READ_BYTES, sizeBytes - position);
    const piece = Buffer.alloc(Math.ceil(wanted / VERITY_BLOCK_BYTES) * VERITY_BLOCK_BYTES);
    const { bytesRead } = await file.read(piece, 0, wanted, position);
    if (bytesRead !== wanted) throw new HarnessError(`an image ended at ${position + bytesRead} of ${sizeBytes} bytes`);
    yield piece;
  }
}

/** A digest a block, the last filled up with zeros. */
export function digestsOfBlocks(blocks: Buffer, digest: (block: Buffer) => Buffer): readonly Buffer[] {
  return Array.from({ length: Math.ceil(blocks.length / VERITY_BLOCK_BYTES) }, (_none, index) => {
    const block = blocks.subarray(index * VERITY_BLOCK_BYTES, (index + 1) * VERITY_BLOCK_BYTES);
    return digest(block.length === VERITY_BLOCK_BYTES ? block : Buffer.concat([block], VERITY_BLOCK_BYTES));
  });
}

/** Digests one after the other, the last block filled up with zeros. */
function levelOf(digests: readonly Buffer[]): Buffer {
  return Buffer.concat(digests, Math.ceil(digests.length / DIGESTS_A_BLOCK) * VERITY_BLOCK_BYTES);
}
