/**
 * The mount graph, as data. A node refers to what it stands on directly, so a graph is acyclic by construction and
 * a scenario reads in the order in which it would be typed.
 */
import {
  composefsLayer,
  nodeAt,
  type Directory as TreeDirectory,
  type DiskSpec,
  type Encoding,
  type ImageSpec,
  type TreeNode,
  type VerityOptions,
} from '../../vm/machine.ts';
import type { Step } from '../scenario.ts';

export { fsverityDigest } from '../../vm/machine.ts';

export type Mount =
  DiskMount | TmpfsMount | MachineMount | ErofsMount | OverlayMount | FuseMount | EcryptfsMount | BindMount;

/** A filesystem on a block device of the machine: depth 0 (rule D1). */
export interface DiskMount {
  readonly kind: 'disk';
  readonly disk: DiskSpec;
}

export interface TmpfsMount {
  readonly kind: 'tmpfs';
  /** In place of tmpfs: memory as well, and without extended attributes and whiteouts (rule O28). */
  readonly type?: 'ramfs';
  /** `casefold=`: directories of it can fold case (rules O14, O15); 6.13 on. */
  readonly casefold?: Encoding;
}

/** What the machine has mounted before any plan: its root, with /proc. Directories of it are paths from `/`. */
export interface MachineMount {
  readonly kind: 'machine';
}

/** A directory of a mounted tree, mounted once more: the superblock is the same, the mount is another. */
export interface BindMount {
  readonly kind: 'bind';
  readonly of: DirectoryIn;
  /** The mount, not the superblock. */
  readonly readOnly: boolean;
  /** MS_UNBINDABLE (rule O38). */
  readonly unbindable: boolean;
}

export interface ErofsMount {
  readonly kind: 'erofs';
  readonly source: ErofsSource;
  /**
   * How the kernel is told of the source; by its path, unless said otherwise. A descriptor (FSCONFIG_SET_FD, rule E5)
   * and nothing at all (rule V1) go through fsopen(2) only.
   */
  readonly sourceAs?: 'descriptor' | 'nothing';
  /** `device=` options: files that hold the blobs, or loop devices on them, in the image's order. */
  readonly devices: readonly ErofsSource[];
  readonly options: ErofsOptions;
}

/** Where an erofs image lies: a file mounted as it is, or a loop device on a file. */
export type ErofsSource = FileSource | LoopDevice;

/** Mount options of erofs beyond `device=`, by their kernel names. */
export interface ErofsOptions {
  /** `fsoffset=`, in bytes. */
  readonly fsoffset?: number;
  readonly domain_id?: string;
  readonly inode_share?: true;
  readonly directio?: boolean;
  readonly dax?: 'always' | 'never';
  readonly user_xattr?: boolean;
  readonly acl?: boolean;
  readonly cache_strategy?: 'disabled' | 'readahead' | 'readaround';
  /** No kernel knows it. */
  readonly unheard_of?: true;
}

export type FileSource = FileIn | CopiedFile | MissingFile;

/** A file that a mounted tree holds. */
export interface FileIn {
  readonly kind: 'file';
  readonly on: Mount;
  /** Relative to the mount's root. */
  readonly path: string;
}

/** A file copied at run time onto a writable mount. */
export interface CopiedFile {
  readonly kind: 'copy';
  readonly from: FileIn;
  readonly on: Mount;
  readonly path: string;
}

/** A path at which there is nothing. */
export interface MissingFile {
  readonly kind: 'missing';
  readonly on: Mount;
  readonly path: string;
}

export interface LoopDevice {
  readonly kind: 'loop';
  /** A file, or another loop device. */
  readonly backing: FileSource | LoopDevice;
  readonly directIo: boolean;
}

export interface OverlayMount {
  readonly kind: 'overlay';
  /** Top first, as in `lowerdir=`. */
  readonly lowers: readonly DirectoryIn[];
  /** Data-only lowers, behind `::`. */
  readonly dataOnly: readonly DirectoryIn[];
  /** The mount that holds upperdir and workdir; both are made at run time. Undefined: read-only. */
  readonly upper: UpperSource | undefined;
  readonly options: OverlayOptions;
  /** What is handed to the kernel, where that is not what the fields above make of themselves: as it is written. */
  readonly parameters?: readonly OverlayParameter[];
}

/** One parameter of an overlay mount as it is written; their order is that in which the kernel sees them. */
export type OverlayParameter =
  /** `lowerdir=`: directories and what stands between them. */
  | { readonly kind: 'lowerdir'; readonly pieces: readonly LowerPiece[] }
  | {
      readonly kind: 'layer';
      readonly key: 'lowerdir+' | 'datadir+' | 'upperdir' | 'workdir';
      readonly directory: DirectoryIn;
      /** The path, or FSCONFIG_SET_FD of it (rule O42). */
      readonly as: 'path' | 'descriptor';
    }
  | { readonly kind: 'option'; readonly key: string; readonly value?: string | undefined };

/** Any run of unescaped colons, or a backslash that escapes nothing; else a directory, escaped as it must be. */
export type LowerPiece = DirectoryIn | ':' | '::' | ':::' | '\\';

export interface UpperSource {
  readonly on: Mount;
  /** A mount other than `on` for the workdir (rule O7). */
  readonly workOn?: Mount;
  /** Leave the workdir out (rule O4). */
  readonly withoutWork?: boolean;
  /** The upperdir's path; left out, it is one that no other overlay has. */
  readonly upperdir?: string;
  /** The workdir's, on the mount that is for it. */
  readonly workdir?: string;
}

export interface OverlayOptions {
  readonly metacopy?: 'on' | 'off';
  readonly redirect_dir?: 'on' | 'off' | 'follow' | 'nofollow';
  readonly index?: 'on' | 'off';
  readonly nfs_export?: 'on' | 'off';
  readonly xino?: 'on' | 'off' | 'auto';
  readonly userxattr?: true;
  readonly volatile?: true;
}

/** A directory of a mounted tree; `path` is '' for its root. */
export interface DirectoryIn {
  readonly on: Mount;
  readonly path: string;
  /** The plan makes it when a step is the first to need it; `casefolded`: and has it fold case. */
  readonly made?: 'plain' | 'casefolded';
}

/** FUSE, with or without passthrough. The depth is what the daemon declares (rule D7), not what is there. */
export interface FuseMount {
  readonly kind: 'fuse';
  readonly over: DirectoryIn;
  readonly passthrough: { readonly maxStackDepth: number; readonly writebackCache: boolean } | undefined;
}

export interface EcryptfsMount {
  readonly kind: 'ecryptfs';
  readonly over: DirectoryIn;
}

/** Graphs do not change, so what a node stands on is found once. */
const BELOW = new WeakMap<Mount, readonly Mount[]>();

/** The mounts that a mount stands on directly, each once. */
export function mountsBelow(mount: Mount): readonly Mount[] {
  const known = BELOW.get(mount);
  if (known !== undefined) return known;
  const below = findBelow(mount);
  BELOW.set(mount, below);
  return below;
}

function findBelow(mount: Mount): readonly Mount[] {
  switch (mount.kind) {
    case 'disk':
    case 'tmpfs':
    case 'machine':
      return [];
    case 'erofs':
      return unique([...mountsOfSource(mount.source), ...mount.devices.flatMap(mountsOfSource)]);
    case 'overlay':
      return unique([
        ...[...mount.lowers, ...mount.dataOnly].map((directory) => directory.on),
        ...(mount.upper === undefined ? [] : [mount.upper.on, mount.upper.workOn ?? mount.upper.on]),
        ...(mount.parameters ?? []).flatMap(directoriesOf).map((directory) => directory.on),
      ]);
    case 'bind':
      return [mount.of.on];
    case 'fuse':
    case 'ecryptfs':
      return [mount.over.on];
  }
  return mount satisfies never;
}

/** The directories that a parameter names. */
export function directoriesOf(parameter: OverlayParameter): readonly DirectoryIn[] {
  switch (parameter.kind) {
    case 'lowerdir':
      return parameter.pieces.filter((piece) => typeof piece !== 'string');
    case 'layer':
      return [parameter.directory];
    case 'option':
      return [];
  }
  return parameter satisfies never;
}

/** The mounts that a file or loop device stands on. */
export function mountsOfSource(source: ErofsSource): readonly Mount[] {
  if (source.kind === 'loop') return mountsOfSource(source.backing);
  return source.kind === 'copy' ? [source.from.on, source.on] : [source.on];
}

/** The mounts that a step stands on directly. */
export function mountsNeeded(step: Step): readonly Mount[] {
  switch (step.kind) {
    case 'mount':
      return mountsBelow(step.mount);
    case 'unmount':
    case 'reconfigure':
    case 'lose-writes':
      return [step.mount];
    case 'look':
      return [step.at.on];
    case 'attach':
    case 'detach':
      return mountsOfSource(step.loop);
    case 'read':
    case 'write':
    case 'sound':
    case 'seal':
      return [step.file.on];
    case 'list':
    case 'unchanged':
      return [step.directory.on];
    case 'backing':
      return [step.fuse, step.file.on];
    case 'upper':
      return [step.overlay];
    case 'change':
      return [step.on];
  }
  return step satisfies never;
}

/** The loop devices that a step attaches or detaches, or needs to be attached. */
export function loopsOf(step: Step): readonly LoopDevice[] {
  if (step.kind === 'attach' || step.kind === 'detach') return [step.loop];
  return step.kind === 'mount' ? loopsOfMount(step.mount) : [];
}

/** The loop devices that a mount stands on directly, each once: an image's, and its blobs'. */
export function loopsOfMount(mount: Mount): readonly LoopDevice[] {
  if (mount.kind !== 'erofs') return [];
  return unique([mount.source, ...mount.devices].filter((source) => source.kind === 'loop'));
}

/**
 * Filesystems that a plan mounts when they are first needed; every other mount is a step of its own, as is what kernels may
 * refuse (rule B3).
 */
export function isImplicit(mount: Mount): boolean {
  return mount.kind === 'disk' ? encodingOf(mount) === undefined : mount.kind === 'tmpfs' || mount.kind === 'machine';
}

/** A mount and all that it stands on, what stands lowest first. */
export function mountsUpTo(mount: Mount): readonly Mount[] {
  return unique([...mountsBelow(mount).flatMap(mountsUpTo), mount]);
}

function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Set(items)];
}

/** How a disk is read through dm-verity; undefined where it is not. */
export function verityOf({ disk }: DiskMount): VerityOptions | undefined {
  return disk.filesystem === 'erofs' ? disk.verity : undefined;
}

/** Whether directories of a disk can fold case, and how. */
export function encodingOf({ disk }: DiskMount): Encoding | undefined {
  return disk.filesystem === 'erofs' ? undefined : disk.casefold;
}

/** Whether files of a disk can be sealed with fs-verity. */
export function canSeal({ disk }: DiskMount): boolean {
  return disk.filesystem !== 'erofs' && disk.fsVerity === true;
}

/** Whether the filesystem of a disk is one that nothing can be written to. */
export function isReadOnlyDisk({ filesystem }: DiskMount['disk']): boolean {
  return filesystem === 'erofs' || filesystem === 'squashfs';
}

/** The tree that a filesystem was filled with at build time; undefined where it is made at run time. */
export function builtTree(mount: Mount): TreeDirectory | undefined {
  switch (mount.kind) {
    case 'disk':
      return mount.disk.filesystem === 'erofs' ? mount.disk.image.tree : mount.disk.tree;
    case 'erofs': {
      const image = imageOf(mount);
      return image?.kind === 'composefs' ? composefsLayer(image) : image?.tree;
    }
    case 'tmpfs':
    case 'machine':
    case 'overlay':
    case 'fuse':
    case 'ecryptfs':
    case 'bind':
      return undefined;
  }
  return mount satisfies never;
}

/** The image that an erofs mount is made from; undefined when its source is no erofs image. */
export function imageOf(mount: ErofsMount): ImageSpec | undefined {
  return imageNodeOf(mount)?.image;
}

/** The image with the damage that was done to it. */
export function imageNodeOf(mount: ErofsMount): Extract<TreeNode, { kind: 'image' }> | undefined {
  const node = lookUpFile(fileUnder(mount.source));
  return node?.kind === 'image' ? node : undefined;
}

/** The file at the bottom of a chain of loop devices, or the file itself. */
export function fileUnder(source: ErofsSource): FileSource {
  return source.kind === 'loop' ? fileUnder(source.backing) : source;
}

/** How far into its source the image of an erofs mount begins, in bytes. */
export function imageOffsetOf(mount: ErofsMount): number {
  const node = lookUpFile(fileUnder(mount.source));
  return node?.kind === 'image' ? (node.offsetBytes ?? 0) : 0;
}

/** The loop devices that a loop device stands on, the nearest first. */
export function loopsUnder({ backing }: LoopDevice): readonly LoopDevice[] {
  return backing.kind === 'loop' ? [backing, ...loopsUnder(backing)] : [];
}

/** What a file reference leads to, as it was built; undefined when there is nothing. */
export function lookUpFile(file: FileSource): TreeDirectory['entries'][string] | undefined {
  if (file.kind === 'missing') return undefined;
  return file.kind === 'copy' ? lookUp(file.from.on, file.from.path) : lookUp(file.on, file.path);
}

type Found = TreeDirectory | TreeDirectory['entries'][string] | undefined;

/** By mount and path. */
const FOUND = new WeakMap<Mount, Map<string, Found>>();

/** What a path of a mounted tree shows before anything is changed: of an overlay, the topmost lower that has it. */
export function lookUp(mount: Mount, path: string): Found {
  const known = FOUND.get(mount) ?? new Map<string, Found>();
  FOUND.set(mount, known);
  if (known.has(path)) return known.get(path);
  const found = find(mount, path);
  known.set(path, found);
  return found;
}

function find(mount: Mount, path: string): Found {
  switch (mount.kind) {
    case 'overlay': {
      const lower = mount.lowers[topmostWith(mount, path)];
      return lower === undefined ? undefined : lookUp(lower.on, join(lower.path, path));
    }
    case 'fuse':
    case 'ecryptfs':
      return lookUp(mount.over.on, join(mount.over.path, path));
    case 'bind':
      return lookUp(mount.of.on, join(mount.of.path, path));
    case 'machine':
      return undefined;
    case 'disk':
    case 'erofs':
    case 'tmpfs': {
      const tree = builtTree(mount);
      return tree === undefined ? undefined : nodeAt(tree, path);
    }
  }
  return mount satisfies never;
}

/** The position of the topmost lower that shows a path as it was built; -1 where none does, or one above hides it. */
export function topmostWith({ lowers }: OverlayMount, path: string): number {
  for (const [at, lower] of lowers.entries()) {
    if (lookUp(lower.on, join(lower.path, path)) !== undefined && !hides(lower, path)) return at;
    if (hides(lower, path)) return -1;
  }
  return -1;
}

/** A whiteout on the way, or a file where a directory has to be. An overlay's own are hidden already. */
function hides({ on, path }: DirectoryIn, below: string): boolean {
  if (isStacked(on)) return false;
  const names = below.split('/').filter((part) => part !== '');
  return names.some((_name, index) => {
    const node = lookUp(on, join(path, names.slice(0, index + 1).join('/')));
    return node?.kind === 'whiteout' || (index < names.length - 1 && node !== undefined && node.kind !== 'directory');
  });
}

/** Whether it shows what lies on other mounts: what it shows is not what was built. */
export function isStacked(mount: Mount): boolean {
  return mount.kind === 'overlay' || mount.kind === 'fuse' || mount.kind === 'ecryptfs' || mount.kind === 'bind';
}

/** Joins two relative paths. */
export function join(base: string, path: string): string {
  return [base, path].filter((part) => part !== '').join('/');
}
