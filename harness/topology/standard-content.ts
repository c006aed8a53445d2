/**
 * What the filesystems of a topology on the command line are filled with: files to read, copy up and churn while the
 * kernel's stack is measured. Paths are relative to the root of the mount that is measured.
 */
import { directory, file, symlink, text, type TreeNode } from '../../vm/machine.ts';

/** Size of each of the large files, in bytes: two readahead windows of the kernel's default 128 KiB. */
export const FILE_BYTES = 256 * 1024;

/** Regular files of FILE_BYTES; 8 MiB together, so that a memory cgroup of 3 MB has to reclaim while they are read. */
export const FILES: readonly string[] = numbered(32, 'files/f');

/** A text of one line. */
export const SMALL = 'small';

/** A directory of 200 entries: more than one getdents(2) of 4 KiB, and more than one block. */
export const DIRECTORY = 'dir';
const DIRECTORY_ENTRIES = 200;

/** A symbolic link to SMALL. */
export const LINK = 'link';

/** A file with the extended attributes `user.short` and `user.long`; without them on a disk of XFS (docs/topology.md). */
export const XATTR = 'xattr';

/** Nested directories, four in each, three deep, with a file of 8 KiB in each of the deepest. */
export const TREE = 'tree';
const TREE_WIDTH = 4;
const TREE_DEPTH = 3;
const LEAF_BYTES = 8 * 1024;

/** The tree as entries of a root directory. mkfs.xfs's protofiles cannot say extended attributes. */
export function standardEntries(options: { readonly xattrs: boolean }): Readonly<Record<string, TreeNode>> {
  return {
    ...carriedEntries(),
    files: directory(Object.fromEntries(FILES.map((path) => [path.slice('files/'.length), file(path, FILE_BYTES)]))),
    [DIRECTORY]: directory(
      Object.fromEntries(numbered(DIRECTORY_ENTRIES, 'entry').map((name) => [name, text(`${name}\n`)])),
    ),
    [LINK]: symlink(SMALL),
    [XATTR]: text(
      'has attributes\n',
      options.xattrs ? { xattrs: { 'user.short': 'short', 'user.long': 'long'.repeat(64) } } : {},
    ),
    [TREE]: branch(TREE, TREE_DEPTH),
  };
}

/** What is there too where a filesystem only carries images for others. */
export function carriedEntries(): Readonly<Record<string, TreeNode>> {
  return { [SMALL]: text('NAME=fathom\n') };
}

function branch(path: string, depth: number): TreeNode {
  if (depth === 0) return directory({ leaf: file(path, LEAF_BYTES) });
  return directory(
    Object.fromEntries(numbered(TREE_WIDTH, 'd').map((name) => [name, branch(`${path}/${name}`, depth - 1)])),
  );
}

function numbered(count: number, prefix: string): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}
