/** Trees as they read in a scenario, and what a listing of the mounted tree must show. */
import { digestOf } from './content.ts';
import type { Damage, Directory, ErofsSpec, ImageSpec, Metadata, TreeNode, XattrValue } from './spec.ts';

export const DEFAULT_FILE_MODE = 0o644;
export const DEFAULT_DIRECTORY_MODE = 0o755;

type Owner = Pick<Metadata, 'uid' | 'gid' | 'xattrs'>;

/** A directory; its entries by name. */
export function directory(entries: Readonly<Record<string, TreeNode>>, metadata: Metadata = {}): Directory {
  return { kind: 'directory', entries, ...metadata };
}

/** A file of `sizeBytes` made from a seed. `zeros` is the share of each 4 KiB that is zeros, 0 to 1, default 0.5. */
export function file(
  seed: string,
  sizeBytes: number,
  { zeros, ...metadata }: Metadata & { readonly zeros?: number } = {},
): TreeNode {
  return {
    kind: 'file',
    content: { kind: 'seeded', seed, sizeBytes, ...(zeros === undefined ? {} : { zeros }) },
    ...metadata,
  };
}

/** A file that holds this text in UTF-8. */
export function text(content: string, metadata: Metadata = {}): TreeNode {
  return { kind: 'file', content: { kind: 'text', text: content }, ...metadata };
}

/** A symbolic link. It has no mode of its own: Linux shows 0o777. */
export function symlink(target: string, owner: Owner = {}): TreeNode {
  return { kind: 'symlink', target, ...owner };
}

/** What hides a name of the lowers below from an overlay. overlayfs itself makes them with mode 0 (dir.c:ovl_whiteout). */
export function whiteout(metadata: Metadata = {}): TreeNode {
  return { kind: 'whiteout', ...metadata };
}

/** A device, a FIFO or a socket. */
export function node(
  type: Extract<TreeNode, { kind: 'node' }>['type'],
  options: Metadata & { readonly rdev?: { readonly major: number; readonly minor: number } } = {},
): TreeNode {
  return { kind: 'node', type, ...options };
}

/** Another name of what lies at a path of the same tree. */
export function hardLink(to: string): TreeNode {
  return { kind: 'link', to };
}

/** What lies at a path below a directory, a link followed to what it is another name of. */
export function nodeAt(tree: Directory, path: string): TreeNode | undefined {
  let found: TreeNode | undefined = tree;
  for (const name of path.split('/').filter((part) => part !== '')) {
    if (found?.kind !== 'directory') return undefined;
    found = Object.hasOwn(found.entries, name) ? found.entries[name] : undefined;
  }
  return found?.kind === 'link' ? nodeAt(tree, found.to) : found;
}

/** The bytes of an extended attribute. */
export function xattrBytes(value: XattrValue): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'utf8') : Buffer.from(value.hex, 'hex');
}

/** An erofs or composefs image as a file of a disk or of another image; with `offsetBytes`, behind as many zeros. */
export function imageFile(image: ImageSpec, options: Metadata & { readonly offsetBytes?: number } = {}): TreeNode {
  return { kind: 'image', image, ...options };
}

/** An erofs image as a file, damaged after it was made. */
export function damagedImageFile(image: ErofsSpec, damage: readonly Damage[], metadata: Metadata = {}): TreeNode {
  return { kind: 'image', image, damage, ...metadata };
}

/** A blob device of an erofs image as a file: what `device=` names. */
export function blobFile(image: ErofsSpec, index = 0, metadata: Metadata = {}): TreeNode {
  return { kind: 'blob', image, index, ...metadata };
}

/** What `treeEntry` of vm/agent/protocol.ts must say of an entry; what is undefined does not follow from the spec. */
export interface ExpectedEntry {
  /** Relative to the root of the listing; the root itself is `.`. */
  readonly path: string;
  readonly type: 'file' | 'directory' | 'symlink' | 'character' | 'block' | 'fifo' | 'socket';
  /** Permission bits, with set-uid, set-gid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Undefined for a directory (each filesystem counts its own way) and for an image or blob in the tree. */
  readonly sizeBytes: number | undefined;
  /** Symbolic links only. */
  readonly target: string | undefined;
  /** Files only; undefined for an image or blob in the tree. */
  readonly sha256: string | undefined;
}

/**
 * Every entry of a tree, a directory before its entries, names in byte order. `forced` are an erofs image's
 * `forceUid` and `forceGid`, which win over each entry's own; an owner that nobody named is root.
 */
export function expectedEntries(
  tree: Directory,
  forced: Pick<ErofsSpec, 'forceUid' | 'forceGid'> = {},
): readonly ExpectedEntry[] {
  return walk(tree).map(({ path, node: named }) => {
    const node = named.kind === 'link' ? nodeAt(tree, named.to)! : named;
    return {
      path,
      mode: modeOf(node),
      uid: forced.forceUid ?? node.uid ?? 0,
      gid: forced.forceGid ?? node.gid ?? 0,
      ...bodyOf(node),
    };
  });
}

function bodyOf(node: TreeNode): Pick<ExpectedEntry, 'type' | 'sizeBytes' | 'target' | 'sha256'> {
  switch (node.kind) {
    case 'directory':
      return { type: 'directory', sizeBytes: undefined, target: undefined, sha256: undefined };
    case 'symlink':
      return { type: 'symlink', sizeBytes: Buffer.byteLength(node.target), target: node.target, sha256: undefined };
    case 'whiteout':
      return { type: 'character', sizeBytes: 0, target: undefined, sha256: undefined };
    case 'node':
      return { type: node.type, sizeBytes: 0, target: undefined, sha256: undefined };
    case 'link':
      throw new Error(`a link to ${node.to} has nothing of its own`);
    case 'file':
      return { type: 'file', ...digestOf(node.content), target: undefined };
    case 'image':
    case 'blob':
      return { type: 'file', sizeBytes: undefined, target: undefined, sha256: undefined };
    default:
      return node satisfies never;
  }
}

/** Permission bits of a node as `stat` shows them. */
export function modeOf(node: TreeNode): number {
  if (node.kind === 'symlink') return 0o777;
  if (node.kind === 'whiteout') return node.mode ?? 0;
  return node.mode ?? (node.kind === 'directory' ? DEFAULT_DIRECTORY_MODE : DEFAULT_FILE_MODE);
}

export interface WalkedNode {
  readonly path: string;
  readonly node: TreeNode;
}

/** Every node with its path, the root (`.`) first, a directory before its entries, names in byte order. */
export function walk(tree: Directory): readonly WalkedNode[] {
  const found: WalkedNode[] = [];
  const visit = (path: string, node: TreeNode) => {
    found.push({ path, node });
    if (node.kind !== 'directory') return;
    const names = Object.keys(node.entries).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const name of names) visit(path === '.' ? name : `${path}/${name}`, node.entries[name]!);
  };
  visit('.', tree);
  return found;
}
