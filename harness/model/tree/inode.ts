/** What plain filesystems hold: disks, images and tmpfs as trees of inodes, which an overlay's layers are made of. */
import type { Directory, FileContent, TreeNode } from '../../../vm/machine.ts';
import type { Contents } from '../prediction.ts';
import type { Failure } from './failure.ts';
import { hexOf } from './hex.ts';

export type NodeType = 'file' | 'directory' | 'symlink' | 'character' | 'block' | 'fifo' | 'socket';

export interface Device {
  readonly major: number;
  readonly minor: number;
}

/** A plain filesystem: one superblock. */
export interface Volume {
  readonly kind: 'volume';
  /** A name for its st_dev. */
  readonly id: string;
  readonly filesystem: 'xfs' | 'ext4' | 'btrfs' | 'squashfs' | 'erofs' | 'tmpfs';
  readonly readOnly: boolean;
  /** Its inodes can be found again by file handle: overlayfs follows a copy to its origin, and may index. */
  readonly fileHandles: boolean;
  /** Its files can be sealed. */
  readonly fsVerity: boolean;
  /** `s_uuid` is not null: what was copied up is found again by its origin whatever may be changed meanwhile. */
  readonly hasUuid: boolean;
  /** It keeps attributes of the namespace user. */
  readonly userXattrs: boolean;
  /** O_DIRECT, of a file with these contents: rule R1. Undefined: the model does not know. */
  hasDirectIo(contents: Contents | undefined): boolean | undefined;
  readonly root: Inode;
  /** Inodes that it has given out. */
  inodes: number;
  /** Whether some of its files can be read is chance: what all of it shows is not known. */
  unsure: boolean;
}

/** Hexadecimal, or null for a value that only the kernel knows (a file handle, say). */
export type XattrValue = string | null;

export interface Inode {
  readonly kind: 'inode';
  readonly volume: Volume;
  /** Of its volume: two names with one number are hard links. */
  readonly number: number;
  readonly type: NodeType;
  /** Permission bits, with set-uid, set-gid and sticky. */
  mode: number;
  uid: number;
  gid: number;
  /** Names of anything but a directory, an overlay's index entry among them. */
  nlink: number;
  /** Nanoseconds since 1970 in decimal; undefined: a time that the model does not know. */
  mtimeNs: string | undefined;
  /** Of symbolic links. */
  readonly target: string | undefined;
  /** Of device nodes. */
  readonly rdev: Device | undefined;
  /** Of files; undefined for images and blobs, whose bytes the model does not know. */
  contents: Contents | undefined;
  /** Why its bytes, or the names of a directory, cannot be read; its metadata are whole. */
  unreadable: Failure | undefined;
  /** Why looking its name up fails. */
  lost: Failure | undefined;
  /** Why looking a name up in it fails, of a directory. */
  unsearchable: Failure | undefined;
  /** By fs-verity. */
  sealed: boolean;
  /** Of directories. */
  readonly entries: Map<string, Inode>;
  readonly xattrs: Map<string, XattrValue>;
}

export type NewInode = Pick<Inode, 'type'> & Partial<Omit<Inode, 'kind' | 'volume' | 'number' | 'entries' | 'xattrs'>>;

export const EMPTY: Contents = { base: { kind: 'text', text: '' }, edits: [] };

export function createInode(volume: Volume, parts: NewInode): Inode {
  return {
    kind: 'inode',
    volume,
    number: volume.inodes++,
    mode: 0,
    uid: 0,
    gid: 0,
    nlink: 1,
    mtimeNs: undefined,
    target: undefined,
    rdev: undefined,
    contents: parts.type === 'file' ? EMPTY : undefined,
    unreadable: undefined,
    lost: undefined,
    unsearchable: undefined,
    sealed: false,
    entries: new Map(),
    xattrs: new Map(),
    ...parts,
  };
}

export type VolumeParts = Pick<
  Volume,
  'id' | 'filesystem' | 'readOnly' | 'fileHandles' | 'fsVerity' | 'hasUuid' | 'userXattrs' | 'hasDirectIo'
>;

/** A volume with an empty root directory. */
export function createVolume(parts: VolumeParts, root: Omit<NewInode, 'type'> = { mode: 0o755 }): Volume {
  const volume: Volume = { kind: 'volume', ...parts, inodes: 0, unsure: false, root: undefined as unknown as Inode };
  return Object.assign(volume, { root: createInode(volume, { type: 'directory', ...root }) });
}

/** How a built tree comes to be inodes. */
export interface Building {
  readonly mtimeNs: string | undefined;
  readonly forceUid?: number | undefined;
  readonly forceGid?: number | undefined;
  /** Mode of a node that names none. */
  readonly modeOf: (node: TreeNode) => number;
}

/** Makes the inodes of a built tree. */
export function plant(volume: Volume, tree: Directory, building: Building): Inode {
  const root = plantNode(volume, tree, building);
  linkNames(root, tree, root);
  return root;
}

function plantNode(volume: Volume, node: Exclude<TreeNode, { kind: 'link' }>, building: Building): Inode {
  const inode = createInode(volume, {
    ...bodyOf(node),
    mode: building.modeOf(node),
    uid: building.forceUid ?? node.uid ?? 0,
    gid: building.forceGid ?? node.gid ?? 0,
    mtimeNs: building.mtimeNs,
  });
  for (const [name, value] of Object.entries(node.xattrs ?? {}))
    inode.xattrs.set(name, typeof value === 'string' ? hexOf(value) : value.hex);
  if (node.kind === 'directory')
    for (const [name, child] of Object.entries(node.entries))
      if (child.kind !== 'link') inode.entries.set(name, plantNode(volume, child, building));
  return inode;
}

/** Other names of what is there by now. */
function linkNames(directory: Inode, { entries }: Directory, root: Inode): void {
  for (const [name, child] of Object.entries(entries)) {
    if (child.kind === 'directory') linkNames(directory.entries.get(name)!, child, root);
    if (child.kind !== 'link') continue;
    const inode = child.to.split('/').reduce((at, part) => at.entries.get(part)!, root);
    inode.nlink++;
    directory.entries.set(name, inode);
  }
}

function bodyOf(node: Exclude<TreeNode, { kind: 'link' }>): NewInode {
  switch (node.kind) {
    case 'directory':
      return { type: 'directory' };
    case 'symlink':
      return { type: 'symlink', target: node.target };
    case 'file':
      return { type: 'file', contents: unedited(node.content) };
    case 'image':
    case 'blob':
      return { type: 'file', contents: undefined };
    case 'whiteout':
      return { type: 'character', rdev: { major: 0, minor: 0 } };
    case 'node':
      return { type: node.type, rdev: node.rdev };
  }
  return node satisfies never;
}

function unedited(base: FileContent): Contents {
  return { base, edits: [] };
}

/** IS_WHITEOUT: include/linux/fs.h */
export function isWhiteoutDevice({ type, rdev }: Pick<Inode, 'type' | 'rdev'>): boolean {
  return type === 'character' && rdev?.major === 0 && rdev.minor === 0;
}
