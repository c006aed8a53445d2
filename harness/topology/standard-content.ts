/**
 * What the filesystems of a topology on the command line are filled with: files to read, copy up and churn while the
 * kernel's stack is measured. Paths are relative to the root of the mount that is measured.
 */
import { directory, file, symlink, text, type TreeNode } from '../../vm/machine.ts';

/** Size of each of the large files, in bytes: two readahead windows of the kernel's default 128 KiB. */
export const FILE_BYTES = 256 * 1024;

/** Regular files of FILE_BYTES; 8 MiB together, so that a memory cgroup of 3 MB has to reclaim while they are read. */
export const FILES: readonly string[] = numbered(32, 'files/f');

/**
 * A file read and copied up as a whole: larger than a memory cgroup of 3 MB, so that what reads it has to reclaim, and
 * long enough for slow paths to come by (1 MiB on btrfs shows a read 1,200 bytes less deep).
 */
export const BIG = 'big';
const BIG_BYTES = 8 * 1024 * 1024;

/** A static executable that exits at once: the smallest ELF file that x86_64 runs, and nothing but ASCII. */
export const EXECUTABLE = 'executable';
const EXIT_AT_ONCE =
  // e_ident, then type EXEC, machine x86_64, entry 0x400078, program headers at 64.
  '\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0' +
  '\x02\0\x3e\0\x01\0\0\0\x78\0\x40\0\0\0\0\0\x40\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' +
  '\0\0\0\0\x40\0\x38\0\x01\0\0\0\0\0\0\0' +
  // One PT_LOAD, readable and executable, of the whole file at 0x400000.
  '\x01\0\0\0\x05\0\0\0\0\0\0\0\0\0\0\0\0\0\x40\0\0\0\0\0\0\0\x40\0\0\0\0\0' +
  '\x7d\0\0\0\0\0\0\0\x7d\0\0\0\0\0\0\0\0\x10\0\0\0\0\0\0' +
  // push 60 (exit); pop rax; syscall: rdi is 0 in a new program.
  '\x6a\x3c\x58\x0f\x05';

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
    [BIG]: file(BIG, BIG_BYTES),
    [EXECUTABLE]: text(EXIT_AT_ONCE, { mode: 0o755 }),
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
