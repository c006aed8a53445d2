/** Builders for mount graphs, meant to be read in a scenario file. */
import {
  directory,
  nodeAt,
  objectPath,
  UsageError,
  type ComposefsSpec,
  type DiskSpec,
  type Encoding,
  type ErofsSpec,
  type TreeNode,
  type VerityOptions,
} from '../../vm/machine.ts';

export {
  composefsObjects,
  blobFile,
  damagedImageFile,
  hardLink,
  node,
  directory,
  file,
  imageFile,
  symlink,
  text,
  whiteout,
  type Compression,
  type Damage,
  type ErofsSpec,
} from '../../vm/machine.ts';
import type {
  BindMount,
  CopiedFile,
  DirectoryIn,
  DiskMount,
  EcryptfsMount,
  ErofsMount,
  ErofsSource,
  ErofsOptions,
  FileIn,
  FileSource,
  FuseMount,
  LoopDevice,
  MissingFile,
  Mount,
  OverlayMount,
  OverlayOptions,
  TmpfsMount,
  UpperSource,
} from './topology.ts';

/** Size of a disk unless said otherwise: what mkfs.xfs and mkfs.btrfs both accept, with room for uppers. */
export const DISK_BYTES = 512 * 1024 * 1024;

/** An erofs image, by mkfs.erofs. */
export function erofsImage(
  entries: Readonly<Record<string, TreeNode>>,
  options: Omit<ErofsSpec, 'kind' | 'tree'> = {},
): ErofsSpec {
  return { kind: 'erofs', tree: directory(entries), ...options };
}

/** A composefs image, by mkcomposefs; `composefsObjects` are what it names. */
export function composefsImage(
  entries: Readonly<Record<string, TreeNode>>,
  options: Omit<ComposefsSpec, 'kind' | 'tree'> = {},
): ComposefsSpec {
  return { kind: 'composefs', tree: directory(entries), ...options };
}

/** Where the object of a file of a composefs image lies below the directory of objects. */
export function objectOf(image: ComposefsSpec, path: string): string {
  const node = nodeAt(image.tree, path);
  if (node?.kind !== 'file') throw new UsageError(`${path} is no file of the composefs image`);
  return objectPath(image, node.content);
}

/** A backing filesystem on a disk of its own, filled at build time. */
export function disk(
  filesystem: 'xfs' | 'ext4' | 'btrfs' | 'squashfs',
  entries: Readonly<Record<string, TreeNode>>,
  sizeBytes = DISK_BYTES,
): DiskMount {
  return { kind: 'disk', disk: { kind: 'disk', filesystem, sizeBytes, tree: directory(entries) } };
}

/** An ext4 whose files can be sealed with fs-verity. */
export function verityDisk(entries: Readonly<Record<string, TreeNode>>): DiskMount {
  return {
    kind: 'disk',
    disk: { kind: 'disk', filesystem: 'ext4', sizeBytes: DISK_BYTES, tree: directory(entries), fsVerity: true },
  };
}

/** An ext4 whose directories can fold case. */
export function casefoldDisk(entries: Readonly<Record<string, TreeNode>>, casefold: Encoding = 'utf8'): DiskMount {
  return {
    kind: 'disk',
    disk: { kind: 'disk', filesystem: 'ext4', sizeBytes: DISK_BYTES, tree: directory(entries), casefold },
  };
}

/** An erofs image on a block device of its own, from the first byte on; with `verity`, read through dm-verity. */
export function erofsDisk(image: ErofsSpec, sizeBytes = DISK_BYTES, verity?: VerityOptions): DiskMount {
  const spec: DiskSpec = {
    kind: 'disk',
    filesystem: 'erofs',
    sizeBytes,
    image,
    ...(verity === undefined ? {} : { verity }),
  };
  return { kind: 'disk', disk: spec };
}

export function tmpfs(options: Pick<TmpfsMount, 'casefold'> = {}): TmpfsMount {
  return { kind: 'tmpfs', ...options };
}

export function ramfs(): TmpfsMount {
  return { kind: 'tmpfs', type: 'ramfs' };
}

/** What the machine has mounted by itself. */
export const machine: Mount = { kind: 'machine' };

/** A directory of a mounted tree, mounted once more. */
export function bind(of: Layer, { readOnly = false, unbindable = false } = {}): BindMount {
  return { kind: 'bind', of: directoryOf(of), readOnly, unbindable };
}

/** A file of a mounted tree. */
export function fileIn(on: Mount, path: string): FileIn {
  return { kind: 'file', on, path };
}

/** A file copied onto another mount at run time. */
export function copyOf(from: FileIn, on: Mount, path: string): CopiedFile {
  return { kind: 'copy', from, on, path };
}

/** A path at which there is nothing. */
export function missingFile(on: Mount, path: string): MissingFile {
  return { kind: 'missing', on, path };
}

/** A loop device on a file, or on another loop device. */
export function loop(backing: FileSource | LoopDevice, options: { directIo?: boolean } = {}): LoopDevice {
  return { kind: 'loop', backing, directIo: options.directIo ?? false };
}

/** An erofs mount: file-backed when its source is a file, on a block device when it is a loop device. */
export function erofs(
  source: FileSource | LoopDevice,
  options: ErofsOptions & { devices?: readonly ErofsSource[]; sourceAs?: 'descriptor' | 'nothing' } = {},
): ErofsMount {
  const { devices = [], sourceAs, ...rest } = options;
  return { kind: 'erofs', source, devices, options: rest, ...(sourceAs === undefined ? {} : { sourceAs }) };
}

/**
 * An overlay. `lower` is a mount, a directory of one, or several, top first; `upper` the mount on which upperdir and
 * workdir are made, left out for a read-only overlay (which needs two lowers: rule O1).
 */
export function overlay(
  parts: {
    readonly lower: Layer | readonly Layer[];
    readonly dataOnly?: readonly Layer[];
    readonly upper?: Mount | UpperSource;
  } & OverlayOptions,
): OverlayMount {
  const { lower, dataOnly = [], upper, ...options } = parts;
  return {
    kind: 'overlay',
    lowers: (isList(lower) ? lower : [lower]).map(directoryOf),
    dataOnly: dataOnly.map(directoryOf),
    upper: upper === undefined ? undefined : 'kind' in upper ? { on: upper } : upper,
    options,
  };
}

type Layer = Mount | DirectoryIn;

function isList(layers: Layer | readonly Layer[]): layers is readonly Layer[] {
  return Array.isArray(layers);
}

function directoryOf(layer: Layer): DirectoryIn {
  return 'on' in layer ? layer : { on: layer, path: '' };
}

/** A directory of a mounted tree. */
export function directoryIn(on: Mount, path: string): DirectoryIn {
  return { on, path };
}

/** A directory that is made when a step is the first to need it. */
export function newDirectory(on: Mount, path: string, made: NonNullable<DirectoryIn['made']> = 'plain'): DirectoryIn {
  return { on, path, made };
}

/** FUSE over a directory; with `maxStackDepth`, a passthrough daemon that declares it. */
export function fuse(
  over: Layer,
  passthrough?: { readonly maxStackDepth: number; readonly writebackCache?: boolean },
): FuseMount {
  return {
    kind: 'fuse',
    over: directoryOf(over),
    passthrough: passthrough === undefined ? undefined : { writebackCache: false, ...passthrough },
  };
}

export function ecryptfs(over: Layer): EcryptfsMount {
  return { kind: 'ecryptfs', over: directoryOf(over) };
}
