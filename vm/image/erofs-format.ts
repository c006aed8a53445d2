/** As much of erofs's on-disk format as it takes to find things in an image (fs/erofs/erofs_fs.h). */
import { HarnessError } from '../errors.ts';

export const SUPERBLOCK_AT = 1024;
export const CHECKSUM_AT = 4;
const FEATURE_COMPAT_AT = 8;
const SB_CHKSUM = 1;
const COMPACT_BYTES = 32;
const EXTENDED_BYTES = 64;
const DIRENT_BYTES = 12;
/** EROFS_INODE_FLAT_PLAIN, _COMPRESSED_FULL, _FLAT_INLINE, _COMPRESSED_COMPACT, _CHUNK_BASED. */
const LAYOUTS = ['plain', 'compressed', 'inline', 'compressed', 'chunks'] as const;

export interface Inode {
  readonly nid: number;
  /** In the image, in bytes. */
  readonly at: number;
  readonly layout: (typeof LAYOUTS)[number] | undefined;
  readonly sizeBytes: number;
  /** Where the data begin; undefined for compressed and chunk-based files. */
  readonly dataAt: number | undefined;
  /** Where what does not fill a block begins, for `inline`. */
  readonly tailAt: number;
}

/** The inode of an entry. Throws HarnessError when the image has no such entry, or is of a kind not read here. */
export function inodeOf(image: Buffer, path: string): Inode {
  let inode = readInode(image, image.readUInt16LE(SUPERBLOCK_AT + 14));
  for (const name of path.split('/').filter((part) => part !== '' && part !== '.')) {
    const nid = lookUp(image, inode, name);
    if (nid === undefined) throw new HarnessError(`the image that was built has no /${path}`);
    inode = readInode(image, nid);
  }
  return inode;
}

/** Where byte `at` of a file or directory is in the image. Throws HarnessError for what is not stored plain. */
export function placeOf(image: Buffer, { layout, sizeBytes, dataAt, tailAt }: Inode, at: number): number {
  if (dataAt === undefined || at >= sizeBytes)
    throw new HarnessError(`byte ${at} has no place of its own (${layout ?? '?'})`);
  const wholeBytes = Math.floor(sizeBytes / blockBytesOf(image)) * blockBytesOf(image);
  return layout === 'inline' && at >= wholeBytes ? tailAt + (at - wholeBytes) : dataAt + at;
}

/** Makes the superblock's checksum right, if it has one. super.c:erofs_superblock_csum_verify */
export function seal(image: Buffer, blockBytes: number): void {
  if ((image.readUInt32LE(SUPERBLOCK_AT + FEATURE_COMPAT_AT) & SB_CHKSUM) === 0) return;
  const length = blockBytes > SUPERBLOCK_AT ? blockBytes - SUPERBLOCK_AT : blockBytes;
  image.writeUInt32LE(0, SUPERBLOCK_AT + CHECKSUM_AT);
  image.writeUInt32LE(crc32c(image.subarray(SUPERBLOCK_AT, SUPERBLOCK_AT + length)), SUPERBLOCK_AT + CHECKSUM_AT);
}

export function blockBytesOf(image: Buffer): number {
  return 2 ** image.readUInt8(SUPERBLOCK_AT + 12);
}

function readInode(image: Buffer, nid: number): Inode {
  const at = image.readUInt32LE(SUPERBLOCK_AT + 40) * blockBytesOf(image) + nid * COMPACT_BYTES;
  const format = image.readUInt16LE(at);
  const isExtended = (format & 1) === 1;
  const layout = LAYOUTS[(format >> 1) & 7];
  const attributes = image.readUInt16LE(at + 2);
  const tailAt =
    at + (isExtended ? EXTENDED_BYTES : COMPACT_BYTES) + (attributes === 0 ? 0 : 12 + 4 * (attributes - 1));
  const isPlain = layout === 'plain' || layout === 'inline';
  return {
    nid,
    at,
    layout,
    sizeBytes: isExtended ? Number(image.readBigUInt64LE(at + 8)) : image.readUInt32LE(at + 8),
    dataAt: isPlain ? image.readUInt32LE(at + 16) * blockBytesOf(image) : undefined,
    tailAt,
  };
}

function lookUp(image: Buffer, directory: Inode, name: string): number | undefined {
  const blockBytes = blockBytesOf(image);
  for (let begin = 0; begin < directory.sizeBytes; begin += blockBytes) {
    const at = placeOf(image, directory, begin);
    const end = at + Math.min(blockBytes, directory.sizeBytes - begin);
    const count = image.readUInt16LE(at + 8) / DIRENT_BYTES;
    for (let index = 0; index < count; index++) {
      const entry = at + index * DIRENT_BYTES;
      const from = at + image.readUInt16LE(entry + 8);
      const to = index + 1 < count ? at + image.readUInt16LE(entry + DIRENT_BYTES + 8) : end;
      const found = image.toString('utf8', from, to).replace(/\0[^]*$/, '');
      if (found === name) return Number(image.readBigUInt64LE(entry));
    }
  }
  return undefined;
}

/** CRC-32C as the kernel's crc32c(~0, …) gives it: not inverted at the end. */
function crc32c(bytes: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0x82f6_3b78 : 0);
  }
  return crc >>> 0;
}
