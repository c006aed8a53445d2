/** fs-verity's digest of a file, by which composefs names its objects. */
import { createHash } from 'node:crypto';
import { contentOf } from './content.ts';
import type { FileContent } from './spec.ts';
import { digestsAbove, digestsOfBlocks, VERITY_BLOCK_BYTES } from './verity.ts';

/** FS_VERITY_HASH_ALG_SHA256, include/uapi/linux/fsverity.h */
export const SHA256 = 1;
const DESCRIPTOR_BYTES = 256;

/**
 * Hexadecimal: SHA-256, blocks of 4096 bytes, no salt. `struct fsverity_descriptor` and the tree below its root hash:
 * Linux Documentation/filesystems/fsverity.rst
 */
export function fsverityDigest(content: FileContent): string {
  const bytes = contentOf(content);
  const descriptor = Buffer.alloc(DESCRIPTOR_BYTES);
  descriptor.writeUInt8(1, 0);
  descriptor.writeUInt8(SHA256, 1);
  descriptor.writeUInt8(Math.log2(VERITY_BLOCK_BYTES), 2);
  descriptor.writeBigUInt64LE(BigInt(bytes.length), 8);
  // The root of an empty file is zeros.
  if (bytes.length > 0) digestsAbove(digestsOfBlocks(bytes, sha256), sha256).root.copy(descriptor, 16);
  return sha256(descriptor).toString('hex');
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
