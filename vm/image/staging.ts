/**
 * A tree written out on the host, for programs that make a filesystem from a directory.
 *
 * An ordinary user can neither chown nor read a file of mode 0. Where a tree needs that, root does it; anybody else
 * hands the tree to the program under fakeroot(1), with a state file written here that tells every entry's mode and
 * owner, so the files themselves stay the user's own and readable. Extended attributes are set in there too, by
 * setfattr(1), for root as well: so they come in one order, and none that the host puts on files comes with them.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, constants, copyFile, lchown, link, lstat, lutimes, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UnsupportedError } from '../errors.ts';
import { requireProgram } from '../programs.ts';
import { buildComposefs } from './composefs.ts';
import { writeContent } from './content.ts';
import { damagedImage } from './damage.ts';
import { buildErofs } from './erofs.ts';
import type { Directory, TreeNode } from './spec.ts';
import { modeOf, walk, xattrBytes } from './tree.ts';
import type { WalkedNode } from './tree.ts';

export interface StagingOptions {
  /** An empty directory for the tree and what goes with it; the caller removes it. */
  readonly directory: string;
  /** What the program is to see of the entries; what it is not to see it is told in some other way. */
  readonly shows: { readonly modes: boolean; readonly owners: boolean; readonly xattrs: boolean };
  /** Seconds since 1970, given to every entry. */
  readonly mtime: number;
  readonly signal: AbortSignal;
}

export interface StagedTree {
  readonly root: string;
  /** For `ProgramRun.under`: run the program under this to make it see the tree as it is meant. */
  readonly under: readonly string[];
}

/** Writes a tree that has been checked. Throws UnsupportedError when fakeroot or setfattr is needed and missing. */
export async function stageTree(tree: Directory, options: StagingOptions): Promise<StagedTree> {
  const { directory, shows, signal } = options;
  const root = path.join(directory, 'tree');
  const nodes = walk(tree);
  const isRoot = process.geteuid?.() === 0;
  const hasXattrs = shows.xattrs && nodes.some(({ node }) => Object.keys(node.xattrs ?? {}).length > 0);
  // Nobody makes device nodes here: a whiteout is an empty file that is shown as one.
  const hasDevices = nodes.some(({ node }) => node.kind === 'whiteout' || node.kind === 'node');
  const faked = hasXattrs || hasDevices || (!isRoot && needsFake(nodes, shows));
  const under = faked ? [fakeroot(), '-i', path.join(directory, 'fakeroot-state'), '--'] : [];

  for (const { path: place, node } of nodes) {
    signal.throwIfAborted();
    if (node.kind !== 'link') await writeNode(path.join(root, place), node, signal);
  }
  const others = nodes.filter(({ node }) => node.kind !== 'link');
  for (const { path: place, node } of nodes)
    if (node.kind === 'link') await link(path.join(root, node.to), path.join(root, place));
  let restore: readonly string[] = [];
  if (hasXattrs) {
    const dump = path.join(directory, 'xattrs');
    await writeFile(dump, xattrDump(root, nodes));
    restore = ['/bin/sh', '-c', '"$0" -h --restore="$1" && shift && exec "$@"', setfattr(), dump];
  }
  const state: string[] = [];
  // Entries before their directories: a directory's time changes with its entries.
  for (const { path: place, node } of others.toReversed()) {
    const file = path.join(root, place);
    if (isRoot && shows.owners && !faked) await lchown(file, node.uid ?? 0, node.gid ?? 0);
    if (shows.modes && !faked && node.kind !== 'symlink') await chmod(file, modeOf(node));
    await lutimes(file, options.mtime, options.mtime);
    if (faked) state.push(await stateLine(file, node));
  }
  if (faked) await writeFile(path.join(directory, 'fakeroot-state'), state.join(''));
  return { root, under: [...under, ...restore] };
}

async function writeNode(file: string, node: Exclude<TreeNode, { kind: 'link' }>, signal: AbortSignal): Promise<void> {
  switch (node.kind) {
    case 'directory':
      return mkdir(file, { mode: 0o700 });
    case 'symlink':
      return symlink(node.target, file);
    case 'file':
      return writeContent(file, node.content, signal);
    case 'whiteout':
    case 'node':
      return writeContent(file, { kind: 'text', text: '' }, signal);
    case 'image':
    case 'blob':
      await writeImage(file, node, signal);
      return chmod(file, 0o600);
    default:
      return node satisfies never;
  }
}

type ImageNode = Extract<TreeNode, { kind: 'image' | 'blob' }>;

/** Zeros in front of an image, in bytes. */
export function offsetOf(node: ImageNode): number {
  return node.kind === 'image' ? (node.offsetBytes ?? 0) : 0;
}

/** Makes the file that an image or blob node stands for. */
export async function writeImage(file: string, node: ImageNode, signal: AbortSignal): Promise<void> {
  const built = await imageOf(node, signal);
  const offset = offsetOf(node);
  if (offset === 0) return copyFile(built, file, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await writeFile(file, Buffer.alloc(offset), { flag: 'wx' });
  await pipeline(createReadStream(built), createWriteStream(file, { flags: 'a' }), { signal });
}

/** The file on the host that an image or blob node stands for, without the zeros in front of it. */
export async function imageOf(node: ImageNode, signal: AbortSignal): Promise<string> {
  if (node.image.kind === 'composefs') return buildComposefs(node.image, { signal });
  const built = await buildErofs(node.image, { signal });
  if (node.kind === 'blob') return built.blobs[node.index]!;
  return node.damage === undefined ? built.image : damagedImage(node.image, built.image, node.damage, signal);
}

function needsFake(nodes: readonly WalkedNode[], shows: StagingOptions['shows']): boolean {
  return nodes.some(({ node }) => shows.owners || (shows.modes && !isReadableByOwner(node)));
}

/** Whether its owner can read it, and remove it afterwards. */
function isReadableByOwner(node: TreeNode): boolean {
  const needed = node.kind === 'directory' ? 0o700 : 0o400;
  return (modeOf(node) & needed) === needed;
}

function namesOf(node: TreeNode): readonly string[] {
  return Object.keys(node.xattrs ?? {});
}

/** A line of fakeroot's state file (`faked.c:save_database`); st_dev is hexadecimal, the mode octal, the rest decimal. */
async function stateLine(file: string, node: TreeNode): Promise<string> {
  const { dev, ino, mode, nlink } = await lstat(file, { bigint: true });
  const type =
    node.kind === 'whiteout'
      ? BigInt(constants.S_IFCHR)
      : node.kind === 'node'
        ? BigInt(NODE_TYPES[node.type])
        : mode & BigInt(constants.S_IFMT);
  const faked = type | BigInt(modeOf(node));
  const rdev = node.kind === 'node' && node.rdev !== undefined ? deviceNumber(node.rdev) : 0n;
  return `dev=${dev.toString(16)},ino=${ino},mode=${faked.toString(8)},uid=${node.uid ?? 0},gid=${node.gid ?? 0},nlink=${nlink},rdev=${rdev}\n`;
}

const NODE_TYPES = {
  character: constants.S_IFCHR,
  block: constants.S_IFBLK,
  fifo: constants.S_IFIFO,
  socket: constants.S_IFSOCK,
};

/** glibc's makedev(3). */
function deviceNumber({ major, minor }: { readonly major: number; readonly minor: number }): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return ((high & ~0xfffn) << 32n) | ((high & 0xfffn) << 8n) | ((low & ~0xffn) << 12n) | (low & 0xffn);
}

/** What `setfattr --restore` reads: names in octal escapes where they need it, values in hexadecimal (of an empty one
 * in base64 nothing is left). */
function xattrDump(root: string, nodes: readonly WalkedNode[]): string {
  return nodes
    .filter(({ node }) => namesOf(node).length > 0)
    .map(({ path: place, node }) => {
      const file = escaped(path.join(root, place));
      const values = Object.entries(node.xattrs ?? {}).map(
        ([name, value]) => `${escaped(name)}=0x${xattrBytes(value).toString('hex')}`,
      );
      return `# file: ${file}\n${values.join('\n')}\n\n`;
    })
    .join('');
}

function escaped(name: string): string {
  return name.replace(/[\\\n\r=]/g, (letter) => `\\${letter.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

function fakeroot(): string {
  return needed('fakeroot', 'owners, modes or attributes that an ordinary user cannot give a file');
}

function setfattr(): string {
  return needed('setfattr', 'extended attributes');
}

function needed(program: string, purpose: string): string {
  try {
    return requireProgram(program);
  } catch (cause) {
    if (cause instanceof UnsupportedError)
      throw new UnsupportedError(program, {
        message: `${cause.message}: the tree has ${purpose}`,
        cause,
        ...(cause.remedy === undefined ? {} : { remedy: cause.remedy }),
      });
    throw cause;
  }
}
