/** E23 to E30: options of erofs, and what a mount that succeeds says. */
import { allOf, erofsOption, unless, type Rows } from '../row.ts';

const shares = allOf(
  erofsOption('inode_share'),
  unless(
    ({ erofsIneffectiveOptions }) => !erofsIneffectiveOptions.has('inode_share'),
    'CONFIG_EROFS_FS_PAGE_CACHE_SHARE is off',
  ),
);

export const EROFS_OPTIONS = {
  E23: {
    condition: 'inode_share without domain_id',
    outcome: 'refuses',
    errno: 'EINVAL',
    message: 'erofs: domain_id is needed when inode_share is on',
    channel: 'context',
    kernels: '7.0 on, with CONFIG_EROFS_FS_PAGE_CACHE_SHARE',
    absent: shares,
    source: ['fs/erofs/super.c:erofs_fc_fill_super'],
  },
  E24: {
    condition: 'inode_share with dax=always',
    outcome: 'refuses',
    errno: 'EINVAL',
    message: 'erofs: FSDAX is not allowed when inode_share is on',
    channel: 'context',
    kernels: 'as E23',
    absent: shares,
    source: ['fs/erofs/super.c:erofs_fc_fill_super'],
  },
  E25: {
    condition: 'inode_share, and the image has no xattrs for it',
    outcome: 'mounts, the option without effect',
    message: 'erofs (device …): on-disk ishare xattrs not found. Turning off inode_share.',
    channel: 'log',
    kernels: 'as E23',
    absent: shares,
    source: ['fs/erofs/super.c:erofs_fc_fill_super'],
  },
  E26: {
    condition: 'an option whose CONFIG is off, or dax where there is none',
    outcome: 'mounts, with an error line; only dax without CONFIG_FS_DAX refuses',
    errno: 'EINVAL, of dax only',
    message: 'erofs: … option not supported; erofs: DAX unsupported by block device. Turning off DAX.',
    channel: 'context',
    kernels: 'all',
    absent: unless(
      ({ erofsIneffectiveOptions, erofsOptions }) => erofsIneffectiveOptions.size > 0 || erofsOptions.has('dax'),
      'every option that it has is built, and it has no dax',
    ),
    source: ['fs/erofs/super.c:erofs_fc_parse_param', 'fs/erofs/super.c:erofs_scan_devices'],
  },
  E27: {
    condition: 'directio, on a file that cannot be read directly',
    outcome: 'mounts, and reads through the page cache',
    channel: 'none',
    kernels: '6.12 on',
    absent: erofsOption('directio'),
    source: ['fs/erofs/fileio.c:erofs_fileio_rq_submit'],
    unobservable: 'the same bytes come either way, and nothing is said',
  },
  E28: {
    condition: 'an erofs is mounted, and its superblock is new',
    outcome: 'says so',
    message: 'erofs (device …): mounted with root inode @ nid ….',
    channel: 'log',
    kernels: 'all',
    source: ['fs/erofs/super.c:erofs_fc_fill_super'],
  },
  E29: {
    condition: 'erofs is mounted by root of a user namespace',
    outcome:
      'refuses: the type has no FS_USERNS_MOUNT. It keeps FS_REQUIRES_DEV: no nodev in /proc/filesystems, which no step reads',
    errno: 'EPERM',
    channel: 'none',
    kernels: 'all',
    source: ['fs/erofs/super.c:erofs_fs_type', 'fs/super.c:mount_capable'],
  },
  E30: {
    condition: 'fsid is given',
    outcome: 'mounts through fscache, without a block device',
    message: 'erofs (device …): [deprecated] fscache-based on-demand read feature in use. Use at your own risk!',
    channel: 'log',
    kernels: '5.19 to 7.0, with CONFIG_EROFS_FS_ONDEMAND on',
    absent: allOf(
      erofsOption('fsid'),
      unless(({ erofsIneffectiveOptions }) => !erofsIneffectiveOptions.has('fsid'), 'CONFIG_EROFS_FS_ONDEMAND is off'),
    ),
    source: ['fs/erofs/super.c:erofs_fc_get_tree'],
    untested: 'on-demand reading wants a cachefiles daemon, and no kernel of Debian is so built',
  },
} as const satisfies Rows;
