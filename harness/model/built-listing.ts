/** What a filesystem that was filled at build time shows, before anything of it is changed. */
import type { Directory as TreeDirectory, ImageSpec, TreeNode, XattrValue } from '../../vm/machine.ts';
import { builtTree, imageOf, join, type DirectoryIn, type Mount } from '../topology/topology.ts';
import type { ExpectedEntry, ExpectedListing } from './listing.ts';

/** As the builders of vm/image have it: seconds since 1970. */
const BUILD_TIME = 1_577_836_800;

/** How a filesystem shows what it was filled with. */
interface Shows {
  readonly device: string;
  readonly mtimeNs: string | undefined;
  readonly forceUid: number | undefined;
  readonly forceGid: number | undefined;
  /** `2 and each subdirectory`, as most have it, or always 1, as btrfs. */
  readonly directoryNlink: 'counted' | 'one';
}

/**
 * `device` is the name of the mount's superblock. Undefined for what is made at run time, and for a path that leads to
 * no directory.
 */
export function builtListing({ on, path }: DirectoryIn, device: string): ExpectedListing | undefined {
  const shows = showsOf(on, device);
  const tree = on.kind === 'tmpfs' ? TMPFS_ROOT : builtTree(on);
  if (shows === undefined || tree === undefined) return undefined;
  const top = on.kind === 'disk' && on.disk.filesystem === 'ext4' ? withLostAndFound(tree) : tree;
  const start = descend(top, path);
  if (start?.kind !== 'directory') return undefined;
  const listing = walk('.', start, shows, path);
  // mkfs.btrfs makes the root itself, and takes its time from the clock.
  const isOwnRoot = path === '' && on.kind === 'disk' && on.disk.filesystem === 'btrfs';
  return isOwnRoot ? listing.map((entry) => (entry.path === '.' ? { ...entry, mtimeNs: undefined } : entry)) : listing;
}

const TMPFS_ROOT: TreeDirectory = { kind: 'directory', entries: {}, mode: 0o1777 };

/** mke2fs makes it. */
function withLostAndFound(tree: TreeDirectory): TreeDirectory {
  return { ...tree, entries: { ...tree.entries, 'lost+found': { kind: 'directory', entries: {}, mode: 0o700 } } };
}

function showsOf(mount: Mount, device: string): Shows | undefined {
  const none = { device, forceUid: undefined, forceGid: undefined, directoryNlink: 'counted' as const };
  switch (mount.kind) {
    case 'disk': {
      const { disk } = mount;
      if (disk.filesystem === 'erofs') return { ...none, ...erofsShows(disk.image) };
      // mkfs.xfs before 6.17 takes the time from the clock.
      const mtimeNs = disk.filesystem === 'xfs' ? undefined : nanoseconds(BUILD_TIME);
      return { ...none, mtimeNs, directoryNlink: disk.filesystem === 'btrfs' ? 'one' : 'counted' };
    }
    case 'erofs': {
      const image = imageOf(mount);
      return image === undefined ? undefined : { ...none, ...erofsShows(image) };
    }
    case 'tmpfs':
      return { ...none, mtimeNs: undefined };
    case 'overlay':
    case 'fuse':
    case 'ecryptfs':
    case 'bind':
    case 'machine':
      return undefined;
  }
  return mount satisfies never;
}

function erofsShows(image: ImageSpec): Pick<Shows, 'mtimeNs' | 'forceUid' | 'forceGid'> {
  const { mtime = BUILD_TIME } = image;
  const { forceUid, forceGid } = image.kind === 'erofs' ? image : {};
  return { mtimeNs: nanoseconds(mtime), forceUid, forceGid };
}

function nanoseconds(seconds: number): string {
  return `${BigInt(seconds) * 1_000_000_000n}`;
}

function descend(top: TreeDirectory, path: string): TreeNode | undefined {
  let node: TreeNode | undefined = top;
  for (const name of path === '' ? [] : path.split('/'))
    node = node?.kind === 'directory' && Object.hasOwn(node.entries, name) ? node.entries[name] : undefined;
  return node;
}

/** `place` is the path from the mount's root, `path` that from the directory listed. */
function walk(path: string, node: TreeNode, shows: Shows, place: string): readonly ExpectedEntry[] {
  const entries = node.kind === 'directory' ? Object.entries(node.entries) : [];
  entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return [
    entryOf(path, node, shows, place),
    ...entries.flatMap(([name, child]) =>
      walk(path === '.' ? name : `${path}/${name}`, child, shows, join(place, name)),
    ),
  ];
}

function entryOf(path: string, node: TreeNode, shows: Shows, place: string): ExpectedEntry {
  const { device, mtimeNs, forceUid, forceGid } = shows;
  return {
    path,
    type: typeOf(node),
    mode: modeOf(node),
    uid: forceUid ?? node.uid ?? 0,
    gid: forceGid ?? node.gid ?? 0,
    sizeBytes: sizeOf(node),
    nlink: nlinkOf(node, shows),
    mtimeNs,
    target: node.kind === 'symlink' ? node.target : undefined,
    rdev: node.kind === 'whiteout' ? '0:0' : undefined,
    contents: node.kind === 'file' ? { base: node.content, edits: [] } : undefined,
    xattrs: new Map(Object.entries(node.xattrs ?? {}).map(([name, value]) => [name, hexOf(value)])),
    device,
    inode: `${device}:/${place}`,
  };
}

function typeOf(node: TreeNode): ExpectedEntry['type'] {
  if (node.kind === 'whiteout') return 'character';
  return node.kind === 'image' || node.kind === 'blob' ? 'file' : node.kind;
}

function sizeOf(node: TreeNode): number | undefined {
  if (node.kind === 'symlink') return Buffer.byteLength(node.target);
  if (node.kind === 'whiteout') return 0;
  if (node.kind !== 'file') return undefined;
  return node.content.kind === 'text' ? Buffer.byteLength(node.content.text) : node.content.sizeBytes;
}

function nlinkOf(node: TreeNode, { directoryNlink }: Shows): number {
  if (node.kind !== 'directory' || directoryNlink === 'one') return 1;
  return 2 + Object.values(node.entries).filter(({ kind }) => kind === 'directory').length;
}

/** Permission bits, as vm/image/tree.ts gives them. */
function modeOf(node: TreeNode): number {
  if (node.kind === 'symlink') return 0o777;
  if (node.kind === 'whiteout') return node.mode ?? 0;
  return node.mode ?? (node.kind === 'directory' ? 0o755 : 0o644);
}

function hexOf(value: XattrValue): string {
  return typeof value === 'string' ? Buffer.from(value, 'utf8').toString('hex') : value.hex;
}
