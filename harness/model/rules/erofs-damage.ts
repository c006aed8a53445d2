/**
 * What comes of a damaged image after its superblock was believed: at an inode, a directory or the data. A read fails
 * at the first that it comes upon. No checksum guards any of this, so what still makes sense is believed (I10).
 */
import type { Damage } from '../../../vm/machine.ts';
import type { Behaviours } from '../behaviour.ts';
import { erofsError, refuse } from './erofs-facts.ts';
import type { Refusal } from './rule.ts';

export interface DamagedMount {
  readonly damage: readonly Damage[];
  readonly isFileBacked: boolean;
}

/** Where an entry of a mounted image stops whoever wants something of it. */
export interface Hurt {
  /** Its name is looked up. */
  readonly lookup: Refusal | undefined;
  /** A name is looked up in it. */
  readonly search: Refusal | undefined;
  /** Its names, or its bytes, are read. */
  readonly read: Refusal | undefined;
}

/** `path` is relative to the image's root, `.` for the root itself. */
export function hurtOf(path: string, mount: DamagedMount, behaviours: Behaviours): Hurt {
  const { damage } = mount;
  return {
    lookup: inodeDamaged(path, damage, behaviours),
    search: lookUpDamaged(path, damage, behaviours),
    read: readdirDamaged(path, damage, behaviours) ?? dataDamaged(path, mount, behaviours),
  };
}

/**
 * I9, where short reads are believed: pages are taken to have been read into, and show what was in that memory. Says why
 * nobody knows what comes of a read that does not fail; undefined where it is known.
 */
export function undeterminedRead(
  path: string,
  { damage, isFileBacked }: DamagedMount,
  { erofsShortReads }: Behaviours,
): string | undefined {
  return isFileBacked &&
    erofsShortReads === 'believed' &&
    damage.some((one) => one.kind === 'truncated' && one.before === path)
    ? `the image ends before the data of /${path}, this kernel does not notice, and reads whatever its pages held`
    : undefined;
}

/**
 * I5: bits of i_format beyond EROFS_I_ALL, or a data layout that there is not; I6: a file type that there is not.
 * inode.c:erofs_read_inode. The root's inode is read when the image is mounted, any other when its name is looked up.
 */
export function inodeDamaged(of: string, damage: readonly Damage[], behaviours: Behaviours): Refusal | undefined {
  for (const one of damage) {
    if (one.kind !== 'inode' || one.of !== of) continue;
    const { field, value } = one;
    if (field === 'i_format' && (value & ~FORMAT_BITS) !== 0)
      return refuse('I5', 'EOPNOTSUPP', `the inode of /${of} has an i_format of 0x${value.toString(16)}`, [
        erofsError('I5', behaviours, `unsupported i_format ${value} of nid \\d+`),
      ]);
    const layout = (value >> 1) & 7;
    if (field === 'i_format' && layout >= LAYOUTS)
      return refuse('I5', 'EOPNOTSUPP', `the inode of /${of} has the data layout ${layout}`, [
        erofsError('I5', behaviours, `unsupported datalayout ${layout} of nid \\d+`),
      ]);
    if (field === 'i_mode' && !FILE_TYPES.has(value >> 12))
      return refuse('I6', 'EUCLEAN', `the inode of /${of} is of no type (i_mode ${value.toString(8)})`, [
        erofsError('I6', behaviours, `bogus i_mode \\(${value.toString(8)}\\) @ nid \\d+`),
      ]);
  }
  return undefined;
}

/** Those that every kernel from 5.10 on takes; later ones have taken two more. */
const FORMAT_BITS = 0b11_1111;
/** EROFS_INODE_DATALAYOUT_MAX; 5.10 has no chunks (4). */
const LAYOUTS = 5;
/** S_IFMT's values, shifted: FIFO, character device, directory, block device, file, link, socket. */
const FILE_TYPES = new Set([0o1, 0o2, 0o4, 0o6, 0o10, 0o12, 0o14]);

/** I7: a directory block whose first entry says that there is none. namei.c:erofs_find_target_block */
function lookUpDamaged(directory: string, damage: readonly Damage[], behaviours: Behaviours): Refusal | undefined {
  return withoutEntries(directory, damage, [erofsError('I7', behaviours, 'corrupted dir block \\d+ @ nid \\d+')]);
}

/** I7. dir.c:erofs_readdir */
function readdirDamaged(directory: string, damage: readonly Damage[], behaviours: Behaviours): Refusal | undefined {
  return withoutEntries(directory, damage, [
    erofsError('I7', behaviours, 'invalid de\\[0\\]\\.nameoff \\d+ @ nid \\d+'),
  ]);
}

function withoutEntries(
  directory: string,
  damage: readonly Damage[],
  messages: Refusal['messages'],
): Refusal | undefined {
  const isHurt = damage.some((one) => one.kind === 'directory' && one.of === directory);
  const name = directory === '.' ? '' : directory;
  return isHurt
    ? refuse('I7', 'EUCLEAN', `the first block of the directory /${name} has no entries`, messages)
    : undefined;
}

/**
 * I8: what does not decompress. The decompressor's errno reaches read(2) from 6.12 on (zdata.c:z_erofs_read_folio); until
 * then the page just stays unread, which is EIO.
 * decompressor.c:z_erofs_lz4_decompress_mem and its like (up to 6.12), zdata.c:z_erofs_decompress_pcluster (later).
 * I9: data behind the image's end. fileio.c:erofs_fileio_ki_complete; of a block device the block layer.
 */
function dataDamaged(
  path: string,
  { damage, isFileBacked }: DamagedMount,
  behaviours: Behaviours,
): Refusal | undefined {
  for (const one of damage) {
    if (one.kind === 'clusters' && one.of === path)
      return refuse('I8', behaviours.erofsDecompressErrno, `the data of /${path} do not decompress`, [
        erofsError('I8', behaviours, 'failed to decompress .+'),
        ...(behaviours.erofsDecompressErrno === 'EUCLEAN'
          ? [erofsError('I8', behaviours, 'read error -117 @ \\d+ of nid \\d+')]
          : []),
      ]);
    if (one.kind === 'truncated' && one.before === path && (!isFileBacked || behaviours.erofsShortReads === 'EIO'))
      return refuse('I9', 'EIO', `the image ends before the data of /${path}`, []);
  }
  return undefined;
}
