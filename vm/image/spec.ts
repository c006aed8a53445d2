/**
 * What to build, as data. Every byte of every file follows from its spec, so contents can be checked in the guest
 * without keeping the files, and an image is cached by its spec and the programs that made it.
 */

import type { Damage } from './damage-spec.ts';

export type { Damage, SuperblockField } from './damage-spec.ts';

/** A file's contents: a repeatable stream made from a seed, or text as given. */
export type FileContent =
  | {
      readonly kind: 'seeded';
      readonly seed: string;
      readonly sizeBytes: number;
      /** Share of each 4 KiB that is filled with zeros, 0 to 1: how well it compresses. Default 0.5. */
      readonly zeros?: number;
    }
  | { readonly kind: 'text'; readonly text: string };

export interface Metadata {
  /** Permission bits, default 0o644 for files and 0o755 for directories. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Extended attributes, name with its namespace → value. */
  readonly xattrs?: Readonly<Record<string, XattrValue>>;
}

/** Text in UTF-8, or any bytes. */
export type XattrValue = string | { readonly hex: string };

/** A file tree; names are single path components. */
export type TreeNode =
  | ({ readonly kind: 'directory'; readonly entries: Readonly<Record<string, TreeNode>> } & Metadata)
  | ({ readonly kind: 'file'; readonly content: FileContent } & Metadata)
  | ({ readonly kind: 'symlink'; readonly target: string } & Metadata)
  /** A character device 0:0: what hides a name of the lowers below it from an overlay. */
  | ({ readonly kind: 'whiteout' } & Metadata)
  /** A device, a FIFO or a socket; of an erofs image's tree alone. */
  | ({
      readonly kind: 'node';
      readonly type: 'character' | 'block' | 'fifo' | 'socket';
      /** Of the two kinds of device. */
      readonly rdev?: { readonly major: number; readonly minor: number };
    } & Metadata)
  /** Another name of a file or node, by its path from the tree's root, with whose metadata; of an erofs image's tree alone. */
  | ({ readonly kind: 'link'; readonly to: string } & Metadata)
  /** An erofs or composefs image as a file (what a file-backed mount or a loop device is made from), behind `offsetBytes` zeros. */
  | ({
      readonly kind: 'image';
      readonly image: ImageSpec;
      readonly offsetBytes?: number;
      /** Done to an erofs image after it was made. */
      readonly damage?: readonly Damage[];
    } & Metadata)
  /** A blob device of an erofs image, as a file: what `device=` names. */
  | ({ readonly kind: 'blob'; readonly image: ErofsSpec; readonly index: number } & Metadata);

export type Directory = Extract<TreeNode, { kind: 'directory' }>;

export type Compression = 'lz4' | 'lz4hc' | 'lzma' | 'deflate' | 'zstd';

/** An erofs image by mkfs.erofs; fields are its options. */
export interface ErofsSpec {
  readonly kind: 'erofs';
  readonly tree: Directory;
  /**
   * Which mkfs.erofs makes it: the installed one or the newest of Debian's archive. Default: the installed one when it
   * can make the image, else the newest that can.
   */
  readonly tool?: 'installed' | 'newest';
  readonly compression?: {
    readonly algorithm: Compression;
    readonly level?: number;
    /** Largest physical cluster (`-C`), in bytes: a power of two, at least a block. Default: a block. */
    readonly pclusterBytes?: number;
  };
  /** Chunk-based files with chunks of this size in bytes (a power of two, at least the block size). */
  readonly chunkBytes?: number;
  /** Number of blob devices (0 or 1 with mkfs.erofs's `--blobdev`); needs chunkBytes. */
  readonly blobs?: number;
  readonly blockBytes?: number;
  /** mkfs.erofs `-E` features. */
  readonly features?: readonly (
    | 'legacy-compress'
    | 'force-inode-compact'
    | 'force-inode-extended'
    | 'noinline_data'
    | 'ztailpacking'
    | 'fragments'
    | 'all-fragments'
    | 'dedupe'
    | 'nosbcrc'
    | '48bit'
  )[];
  /** Beginnings of attribute names that are kept once for the whole image (`--xattr-prefix`). */
  readonly xattrPrefixes?: readonly string[];
  /** Compresses inodes and directories, in physical clusters of this size in bytes (`-m`); needs compression. */
  readonly metadataPclusterBytes?: number;
  /** Default: derived from the tree, so that two different images never share one. */
  readonly uuid?: string;
  /** Seconds since 1970 given to every file (`-T`). Default 1577836800 (2020-01-01). */
  readonly mtime?: number;
  readonly forceUid?: number;
  readonly forceGid?: number;
}

/**
 * A composefs image by mkcomposefs: an erofs with the metadata of a tree, whose larger files name objects that lie
 * elsewhere (composefsObjects). An overlay of it and of the objects as a data-only lower shows the tree.
 */
export interface ComposefsSpec {
  readonly kind: 'composefs';
  /** Files, symbolic links and directories. */
  readonly tree: Directory;
  /** How objects are named: `XX/YYYY…` by fs-verity digest, or the same with ostree's ending, `.file`. Default composefs. */
  readonly naming?: 'composefs' | 'ostree';
  /** fs-verity digests of the objects in the image, for `verity=`. Default true. */
  readonly digests?: boolean;
  /** Seconds since 1970 given to every file. Default 1577836800 (2020-01-01). */
  readonly mtime?: number;
}

/** What can be mounted as erofs. */
export type ImageSpec = ErofsSpec | ComposefsSpec;

/** What directories that fold case take names for: any bytes, or UTF-8 alone. */
export type Encoding = 'utf8' | 'utf8-strict';

/** A disk with a filesystem filled at build time, or holding one image from its first byte on. */
export type DiskSpec =
  | {
      readonly kind: 'disk';
      readonly filesystem: 'xfs' | 'ext4' | 'btrfs' | 'squashfs';
      readonly sizeBytes: number;
      readonly tree: Directory;
      /** ext4 alone: its files can be sealed with fs-verity. */
      readonly fsVerity?: true;
      /** ext4 alone: its directories can fold case. */
      readonly casefold?: Encoding;
    }
  | {
      readonly kind: 'disk';
      readonly filesystem: 'erofs';
      readonly sizeBytes: number;
      readonly image: ErofsSpec;
      readonly verity?: VerityOptions;
    };

/** dm-verity's hash tree behind an image. */
export interface VerityOptions {
  /** Hexadecimal, at most 256 bytes, may be empty. */
  readonly salt: string;
  /** Bytes of files that are altered after the tree was made: dm-verity reads none of their blocks. */
  readonly damage?: readonly Extract<Damage, { kind: 'data' }>[];
}

/** What dm-verity is told of a disk with a hash tree: version 1, sha256, blocks of 4096 bytes, no superblock. */
export interface DiskVerity {
  /** Hexadecimal. */
  readonly rootHash: string;
  readonly salt: string;
  /** The image, from block 0 on. */
  readonly dataBlocks: number;
  /** Where the tree begins, in blocks. */
  readonly hashStartBlock: number;
}
