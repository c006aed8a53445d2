/** Damage to a finished erofs image, as data: in words of its format, so that what a kernel does with it follows. */

/** Fields of `struct erofs_super_block` (fs/erofs/erofs_fs.h) that can be overwritten: place behind it, and width. */
export const SUPERBLOCK_FIELDS = {
  magic: { at: 0, bytes: 4 },
  feature_compat: { at: 8, bytes: 4 },
  blkszbits: { at: 12, bytes: 1 },
  sb_extslots: { at: 13, bytes: 1 },
  feature_incompat: { at: 80, bytes: 4 },
  extra_devices: { at: 86, bytes: 2 },
  dirblkbits: { at: 90, bytes: 1 },
} as const;
export type SuperblockField = keyof typeof SUPERBLOCK_FIELDS;

/**
 * Whatever is done, the superblock's checksum is made right again, so that nothing but the damage is wrong.
 * Paths are those of the image's tree, relative to its root, `.` for the root itself.
 */
export type Damage =
  | { readonly kind: 'superblock'; readonly field: SuperblockField; readonly value: number }
  /** One bit of the checksum, after all else. */
  | { readonly kind: 'checksum' }
  /** All 16 bytes of the volume's name are letters: none ends it. */
  | { readonly kind: 'volume-name' }
  /** The root directory is said to be the inode of this entry. */
  | { readonly kind: 'root'; readonly of: string }
  /** `i_format` or `i_mode` of an entry's inode. */
  | { readonly kind: 'inode'; readonly of: string; readonly field: 'i_format' | 'i_mode'; readonly value: number }
  /** `nameoff` of the first entry of a directory's first block. */
  | { readonly kind: 'directory'; readonly of: string; readonly nameoff: number }
  /** One byte of a file that is not compressed: `xor` is 1 to 255. */
  | { readonly kind: 'data'; readonly of: string; readonly at: number; readonly xor: number }
  /** Every byte of a compressed file on disk becomes 0xff: no stream of any algorithm. */
  | { readonly kind: 'clusters'; readonly of: string }
  /** The image ends where a file's data begin. */
  | { readonly kind: 'truncated'; readonly before: string };
