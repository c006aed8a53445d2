/** E0 to E11: what an erofs mount is made from, and what that may stand on. */
import { erofsOption, unless, type Rows } from '../row.ts';
import type { Behaviours } from '../../behaviour.ts';

const fileBacked = unless(({ fileBacked }) => fileBacked, 'it has no file-backed erofs');

/** Rules of one way of stacking. */
function stacking(...states: readonly Behaviours['erofsStacking'][]) {
  return ({ erofsStacking, fileBacked }: Behaviours): string | undefined => {
    if (!fileBacked) return 'it has no file-backed erofs';
    return states.includes(erofsStacking) ? undefined : `its erofs stacking is ${erofsStacking}`;
  };
}

export const EROFS_SOURCE = {
  E0: {
    condition: 'an option that this kernel does not know',
    outcome: 'refuses',
    errno: 'EINVAL',
    message: "erofs: Unknown parameter '…'",
    channel: 'context',
    kernels: 'all',
    source: ['fs/fs_context.c:vfs_parse_fs_param'],
    oneSided: 'every option that is known',
  },
  E1: {
    condition: 'the source is a regular file, and this erofs knows only block devices',
    outcome: 'refuses',
    errno: 'ENOTBLK',
    message: "…: Can't open blockdev; 6.6 on: …: Can't lookup blockdev",
    channel: 'context',
    kernels: 'before 6.12',
    absent: unless(({ erofsStacking }) => erofsStacking === 'no-file-backed', 'it has file-backed erofs'),
    source: ['fs/super.c:get_tree_bdev'],
  },
  E2: {
    condition: 'the source is a regular file, and CONFIG_EROFS_FS_BACKED_BY_FILE is off',
    outcome: 'refuses',
    errno: 'ENOTBLK',
    message: "…: Can't lookup blockdev",
    channel: 'context',
    kernels: '6.12 on, with CONFIG_EROFS_FS_BACKED_BY_FILE off',
    absent: unless(
      ({ erofsStacking, fileBacked }) => erofsStacking !== 'no-file-backed' && !fileBacked,
      'not so built: CONFIG_EROFS_FS_BACKED_BY_FILE is on, or there is no such option yet',
    ),
    source: ['fs/super.c:get_tree_bdev_flags'],
  },
  E3: {
    condition: 'the source does not exist',
    outcome: 'refuses',
    errno: 'ENOENT',
    message: "before 6.12: …: Can't open blockdev; 6.12 on: nothing",
    channel: 'context',
    kernels: 'all',
    source: ['fs/super.c:get_tree_bdev', 'fs/super.c:get_tree_bdev_flags'],
  },
  E4: {
    condition: 'the source is a file whose a_ops have no read_folio (overlayfs, tmpfs), or neither file nor device',
    outcome: 'refuses',
    errno: 'ENOTBLK',
    channel: 'none',
    kernels: '6.12 on',
    absent: fileBacked,
    source: ['fs/erofs/super.c:erofs_fc_get_tree'],
  },
  E5: {
    condition: 'as E4, the source being given as a descriptor',
    outcome: 'refuses',
    errno: 'EINVAL',
    message: 'erofs: source is unsupported',
    channel: 'context',
    kernels: '7.3 on',
    absent: erofsOption('source'),
    source: ['fs/erofs/super.c:erofs_fc_get_tree'],
  },
  E6: {
    condition: 'file-backed, on anything that can be read',
    outcome: 'mounts, depth 0',
    channel: 'none',
    kernels: '6.12.0 to 6.12.62, 6.13 to 6.16, 6.17.0 to 6.17.12, 6.18.0, 6.18.1',
    absent: stacking('unchecked'),
    source: ['fs/erofs/super.c:erofs_fc_fill_super'],
    oneSided: 'nothing is asked, so nothing is refused',
  },
  E7: {
    condition: 'file-backed, on a filesystem of depth 0 or 1',
    outcome: 'mounts; depth = that of the backing and one more',
    channel: 'none',
    kernels: '6.12.63 to 6.12.65, 6.17.13, 6.18.2 to 6.18.5, 6.19-rc1 to rc4',
    absent: stacking('counted'),
    source: ['fs/erofs/super.c:erofs_fc_fill_super'],
    oneSided: 'what is deeper falls under E8',
  },
  E8: {
    condition: 'file-backed, and the depth would be more than 2',
    outcome: 'refuses',
    errno: 'ENOTBLK',
    message: 'erofs (device erofs): maximum fs stacking depth exceeded',
    channel: 'log',
    kernels: 'as E7',
    absent: stacking('counted'),
    source: ['fs/erofs/super.c:erofs_fc_fill_super'],
  },
  E9: {
    condition: 'file-backed, on any erofs or on anything stacked',
    outcome: 'refuses',
    errno: 'ENOTBLK',
    message: 'erofs (device erofs): file-backed mounts cannot be applied to stacked fses',
    channel: 'log',
    kernels: 'mainline only, from 072a7c7cdbea to 7893cc12251f, before 6.19: no release',
    absent: stacking('no-erofs-backing'),
    source: ['fs/erofs/super.c:erofs_fc_fill_super'],
  },
  E10: {
    condition: 'file-backed, on file-backed erofs or on anything of depth 1 or 2',
    outcome: 'refuses',
    errno: 'ENOTBLK',
    message: 'erofs (device erofs): file-backed mounts cannot be applied to stacked fses',
    channel: 'log',
    kernels: '6.12.66 on, 6.18.6 on, 6.19 on',
    absent: stacking('no-stacked-backing'),
    source: ['fs/erofs/super.c:erofs_fc_fill_super'],
  },
  E11: {
    condition: 'file-backed, on erofs of a block device or on any other filesystem of depth 0',
    outcome: 'mounts, depth 0',
    channel: 'none',
    kernels: 'as E10',
    absent: stacking('no-stacked-backing'),
    source: ['fs/erofs/super.c:erofs_fc_fill_super'],
    oneSided: 'what is refused falls under E10',
  },
} as const satisfies Rows;
