/** Refuses specs that no image can be made from, with a UsageError that names the field or the path. */
import { UsageError } from '../errors.ts';
import type { Compression, Directory, DiskSpec, ErofsSpec, FileContent, ImageSpec, TreeNode } from './spec.ts';
import { checkDamage } from './validate-damage.ts';
import { DEFAULT_DIRECTORY_MODE, modeOf, nodeAt, walk, xattrBytes } from './tree.ts';
import { checkComposefs } from './validate-composefs.ts';

/** Smallest XFS that mkfs.xfs makes, since xfsprogs 5.19 (`mkfs/xfs_mkfs.c:validate_supported`). */
const XFS_MINIMUM_BYTES = 300 * 1024 * 1024;
export const DEFAULT_BLOCK_BYTES = 4096;
/** Zeros in front of an image: more than any test of offsets wants. */
const MAX_OFFSET_BYTES = 2 ** 30;
const LARGEST_ID = 0xffff_fffe;
/** XATTR_SIZE_MAX and XATTR_NAME_MAX of linux/limits.h. */
const XATTR_VALUE_BYTES = 65536;
const XATTR_NAME_BYTES = 255;

/** Levels that each algorithm of mkfs.erofs takes (`mkfs.erofs --help`, 1.8). */
const LEVELS: Readonly<Record<Compression, readonly (readonly [number, number])[]>> = {
  lz4: [],
  lz4hc: [[0, 12]],
  lzma: [
    [0, 9],
    [100, 109],
  ],
  deflate: [[0, 9]],
  zstd: [[0, 22]],
};
const NEED_COMPRESSION = ['legacy-compress', 'ztailpacking', 'fragments', 'all-fragments', 'dedupe'] as const;

/** Throws UsageError when the image cannot be meant. What the installed mkfs.erofs cannot do is not asked here. */
export function checkErofs(spec: ErofsSpec, where = 'erofs image'): void {
  const refuse = (why: string): never => {
    throw new UsageError(`${where}: ${why}`);
  };
  const { blockBytes, chunkBytes, blobs = 0, compression, features = [] } = spec;
  if (blockBytes !== undefined && !isPowerOfTwo(blockBytes, 512, 65536))
    refuse(`blockBytes ${blockBytes} is not a power of two from 512 to 65536`);
  if (chunkBytes !== undefined && !isPowerOfTwo(chunkBytes, blockBytes ?? DEFAULT_BLOCK_BYTES, 2 ** 31))
    refuse(`chunkBytes ${chunkBytes} is not a power of two of at least a block (${blockBytes ?? DEFAULT_BLOCK_BYTES})`);
  if (blobs !== 0 && blobs !== 1) refuse(`blobs ${blobs}: mkfs.erofs makes 0 or 1 blob device (--blobdev)`);
  if (blobs > 0 && chunkBytes === undefined) refuse('blobs without chunkBytes: only chunks go to a blob device');
  if (chunkBytes !== undefined && compression !== undefined)
    refuse('chunkBytes with compression: chunks are stored as they are, the compression would be ignored');
  if (compression?.pclusterBytes !== undefined) checkPcluster('pclusterBytes', compression.pclusterBytes, spec, refuse);
  if (spec.metadataPclusterBytes !== undefined) {
    if (compression === undefined) refuse('metadataPclusterBytes without compression: it would do nothing');
    checkPcluster('metadataPclusterBytes', spec.metadataPclusterBytes, spec, refuse);
  }
  for (const prefix of spec.xattrPrefixes ?? [])
    if (!/^(user|trusted|security)\.[^\0\n="]+$/.test(prefix) || Buffer.byteLength(prefix) > XATTR_NAME_BYTES)
      refuse(`the prefix ${JSON.stringify(prefix)} of attributes does not begin with user., trusted. or security.`);
  if (compression?.level !== undefined) checkLevel(compression.algorithm, compression.level, refuse);
  for (const feature of NEED_COMPRESSION) {
    if (features.includes(feature) && compression === undefined)
      refuse(`feature ${feature} without compression: it would do nothing`);
  }
  if (features.includes('force-inode-compact') && features.includes('force-inode-extended'))
    refuse('force-inode-compact and force-inode-extended exclude each other');
  if (spec.uuid !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(spec.uuid))
    refuse(`uuid ${JSON.stringify(spec.uuid)} is not a UUID`);
  if (spec.mtime !== undefined && !isMtime(spec.mtime))
    refuse(`mtime ${spec.mtime} is not a number of seconds since 1970 below 2^32`);
  checkId('forceUid', spec.forceUid, refuse);
  checkId('forceGid', spec.forceGid, refuse);
  checkTree(spec.tree, where, { nodes: true });
}

function checkImage(image: ImageSpec, where: string): void {
  if (image.kind === 'composefs') checkComposefs(image, where);
  else checkErofs(image, where);
}

/** Throws UsageError when the disk cannot be meant. */
export function checkDisk(spec: DiskSpec): void {
  const where = `${spec.filesystem} disk`;
  if (!isWhole(spec.sizeBytes, Number.MAX_SAFE_INTEGER) || spec.sizeBytes === 0 || spec.sizeBytes % 4096 !== 0)
    throw new UsageError(`${where}: sizeBytes ${spec.sizeBytes} is not a positive multiple of 4096`);
  if (spec.filesystem === 'erofs') {
    if (spec.verity !== undefined && !/^(?:[0-9a-f]{2}){0,256}$/.test(spec.verity.salt))
      throw new UsageError(`${where}: the salt ${spec.verity.salt} is not at most 256 bytes in hexadecimal`);
    checkErofs(spec.image, where);
    for (const one of spec.verity?.damage ?? [])
      checkDamage(one, spec.image, (why) => {
        throw new UsageError(`${where}: ${why}`);
      });
    return;
  }
  if (spec.filesystem === 'xfs' && spec.sizeBytes < XFS_MINIMUM_BYTES)
    throw new UsageError(`${where}: sizeBytes ${spec.sizeBytes} is below ${XFS_MINIMUM_BYTES}, the smallest XFS`);
  if (spec.fsVerity === true && spec.filesystem !== 'ext4')
    throw new UsageError(`${where}: fathom puts fs-verity on ext4`);
  if (spec.casefold !== undefined && spec.filesystem !== 'ext4')
    throw new UsageError(`${where}: fathom has ext4 fold case`);
  checkTree(spec.tree, where, { nodes: spec.filesystem === 'squashfs' });
  if (
    spec.filesystem === 'btrfs' &&
    (modeOf(spec.tree) !== DEFAULT_DIRECTORY_MODE || spec.tree.uid || spec.tree.gid || spec.tree.xattrs)
  )
    throw new UsageError(
      `${where}, /: a mode, owner or attribute of the root, which mkfs.btrfs 6.2 ignores; ext4 has it`,
    );
  for (const { path, node } of walk(spec.tree)) {
    const refuse = (why: string): never => {
      throw new UsageError(`${where}, /${path}: ${why}; ext4 or btrfs can`);
    };
    if (spec.filesystem === 'ext4' && path.includes('\n'))
      throw new UsageError(`${where}, ${JSON.stringify(path)}: a line break in a name; btrfs can`);
    if (spec.filesystem !== 'xfs') continue;
    const words = node.kind === 'symlink' ? [path, node.target] : [path];
    if (words.some((word) => /\s/.test(word)))
      refuse('white space in a name or target, which a protofile of mkfs.xfs cannot say');
    if (path === '$' || path.endsWith('/$')) refuse('the name $ ends a directory in a protofile of mkfs.xfs');
    if (((node.mode ?? 0) & 0o1000) !== 0) refuse('the sticky bit, which a protofile of mkfs.xfs cannot say');
    if (Object.keys(node.xattrs ?? {}).length > 0)
      refuse('extended attributes, which a protofile of mkfs.xfs cannot say');
  }
}

/** `nodes`: whether the image can hold devices, FIFOs, sockets and hard links as fathom makes it. */
export function checkTree(tree: TreeNode, where: string, holds: { readonly nodes: boolean } = { nodes: false }): void {
  if (tree.kind !== 'directory') throw new UsageError(`${where}: the root is a ${tree.kind}, not a directory`);
  for (const { path, node } of walk(tree)) {
    const refuse = (why: string): never => {
      throw new UsageError(`${where}, /${path === '.' ? '' : path}: ${why}`);
    };
    if (node.kind === 'directory') for (const name of Object.keys(node.entries)) checkName(name, refuse);
    if (node.mode !== undefined && !isWhole(node.mode, 0o7777)) refuse(`mode ${node.mode} is not between 0 and 0o7777`);
    if (node.mode !== undefined && node.kind === 'symlink') refuse('a symbolic link has no mode');
    checkId('uid', node.uid, refuse);
    checkId('gid', node.gid, refuse);
    checkXattrs(node, refuse);
    if (node.kind === 'file') checkContent(node.content, refuse);
    if (node.kind === 'node') checkNode(node, refuse);
    if (node.kind === 'link') checkLink(node, tree, refuse);
    if ((node.kind === 'node' || node.kind === 'link') && !holds.nodes)
      refuse(
        `a ${node.kind === 'link' ? 'hard link' : node.type}: fathom puts those into erofs images and squashfs alone`,
      );
    if (
      node.kind === 'symlink' &&
      (node.target === '' || node.target.includes('\0') || Buffer.byteLength(node.target) > 4095)
    )
      refuse('a target has 1 to 4095 bytes and no NUL');
    if (node.kind === 'image' || node.kind === 'blob') checkImage(node.image, `${where}, image /${path}`);
    if (node.kind === 'image' && !isWhole(node.offsetBytes ?? 0, MAX_OFFSET_BYTES))
      refuse(`an image ${node.offsetBytes} bytes into its file: 0 to ${MAX_OFFSET_BYTES} can be had`);
    if (node.kind === 'image' && node.damage !== undefined) {
      if (node.image.kind !== 'erofs') refuse('damage to a composefs image: only what mkfs.erofs made can be damaged');
      else for (const one of node.damage) checkDamage(one, node.image, refuse);
    }
    if (node.kind === 'blob' && !isWhole(node.index, (node.image.blobs ?? 0) - 1))
      refuse(`blob ${node.index} of an image with ${node.image.blobs ?? 0}`);
  }
}

type Refuse = (why: string) => never;

/** MAJOR and MINOR of include/linux/kdev_t.h. */
const LARGEST_MAJOR = 2 ** 12 - 1;
const LARGEST_MINOR = 2 ** 20 - 1;

function checkNode({ type, rdev }: Extract<TreeNode, { kind: 'node' }>, refuse: Refuse): void {
  const isDevice = type === 'character' || type === 'block';
  if (isDevice !== (rdev !== undefined)) refuse(`a ${type} ${isDevice ? 'needs' : 'has no'} rdev`);
  if (rdev === undefined) return;
  if (!isWhole(rdev.major, LARGEST_MAJOR) || !isWhole(rdev.minor, LARGEST_MINOR))
    refuse(`rdev ${rdev.major}:${rdev.minor} is not within ${LARGEST_MAJOR}:${LARGEST_MINOR}`);
  if (type === 'character' && rdev.major === 0 && rdev.minor === 0) refuse('the character device 0:0 is a whiteout');
}

function checkLink(
  { to, mode, uid, gid, xattrs }: Extract<TreeNode, { kind: 'link' }>,
  tree: Directory,
  refuse: Refuse,
): void {
  if (walk(tree).some(({ path, node }) => path === to && node.kind === 'link'))
    refuse(`a hard link to ${to}, which is one itself: name what both are`);
  const found = nodeAt(tree, to);
  if (found === undefined || found.kind === 'directory') refuse(`a hard link to ${to}, which is no file of the tree`);
  if ([mode, uid, gid, xattrs].some((own) => own !== undefined)) refuse('a hard link has the metadata of what it is');
}

function checkName(name: string, refuse: Refuse): void {
  const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
  if (name === '' || name === '.' || name === '..') refuse(`an entry named ${shown}`);
  if (name.includes('/') || name.includes('\0'))
    refuse(`the name ${shown} has a / or a NUL; names are single path components`);
  if (Buffer.byteLength(name) > 255)
    refuse(`the name ${shown} has ${Buffer.byteLength(name)} bytes, more than 255 (NAME_MAX)`);
  if (Buffer.from(name, 'utf8').toString('utf8') !== name)
    refuse(`the name ${shown} has half a surrogate pair and no UTF-8 form`);
}

function checkContent(content: FileContent, refuse: Refuse): void {
  if (content.kind !== 'seeded') return;
  if (!isWhole(content.sizeBytes, Number.MAX_SAFE_INTEGER))
    refuse(`sizeBytes ${content.sizeBytes} is not a whole number of bytes`);
  const { zeros = 0 } = content;
  if (!(zeros >= 0 && zeros <= 1)) refuse(`zeros ${zeros} is not between 0 and 1`);
}

function checkXattrs(node: TreeNode, refuse: Refuse): void {
  for (const [name, value] of Object.entries(node.xattrs ?? {})) {
    if (!/^(user|trusted|security)\.[^\0\n="]+$/.test(name) || Buffer.byteLength(name) > XATTR_NAME_BYTES)
      refuse(
        `the attribute ${JSON.stringify(name)} is not user.…, trusted.… or security.… of at most ${XATTR_NAME_BYTES} bytes`,
      );
    if (name.startsWith('user.') && (node.kind === 'symlink' || node.kind === 'whiteout' || node.kind === 'node'))
      refuse(
        `the attribute ${name} on a ${node.kind === 'symlink' ? 'symbolic link' : 'device'}: Linux has user.* on files and directories only`,
      );
    if (typeof value !== 'string' && !/^(?:[0-9a-f]{2})*$/.test(value.hex))
      refuse(`the attribute ${name} is ${JSON.stringify(value.hex)}, which is no bytes in hexadecimal`);
    const { length } = xattrBytes(value);
    if (length > XATTR_VALUE_BYTES) refuse(`the attribute ${name} has ${length} bytes, more than ${XATTR_VALUE_BYTES}`);
  }
}

function checkLevel(algorithm: Compression, level: number, refuse: Refuse): void {
  const ranges = LEVELS[algorithm];
  if (ranges.some(([low, high]) => Number.isInteger(level) && level >= low && level <= high)) return;
  refuse(
    `level ${level}: ${algorithm} takes ${ranges.length === 0 ? 'no level' : ranges.map(([low, high]) => `${low} to ${high}`).join(' or ')}`,
  );
}

/** Z_EROFS_PCLUSTER_MAX_SIZE of erofs_fs.h. */
const LARGEST_PCLUSTER_BYTES = 1024 * 1024;

function checkPcluster(
  field: string,
  bytes: number,
  { blockBytes = DEFAULT_BLOCK_BYTES }: ErofsSpec,
  refuse: Refuse,
): void {
  if (!isPowerOfTwo(bytes, blockBytes, LARGEST_PCLUSTER_BYTES))
    refuse(`${field} ${bytes} is not a power of two from a block (${blockBytes}) to ${LARGEST_PCLUSTER_BYTES}`);
}

function checkId(name: string, id: number | undefined, refuse: Refuse): void {
  if (id !== undefined && !isWhole(id, LARGEST_ID)) refuse(`${name} ${id} is not between 0 and ${LARGEST_ID}`);
}

/** Seconds since 1970, in 32 bits. */
export function isMtime(value: number): boolean {
  return isWhole(value, 2 ** 32 - 1);
}

function isWhole(value: number, largest: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= largest;
}

function isPowerOfTwo(value: number, smallest: number, largest: number): boolean {
  return isWhole(value, largest) && value >= smallest && Number.isInteger(Math.log2(value));
}
