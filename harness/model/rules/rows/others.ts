/** V, B, W, R, C: what the VFS asks of any mount, what the disks of fathom say, writes, reads, and composefs. */
import { INCOMPAT } from '../../erofs-history.ts';
import { unless, type Rows } from '../row.ts';

export const OTHERS = {
  V1: {
    condition: 'erofs is mounted without a source',
    outcome: 'refuses',
    errno: 'EINVAL',
    message: 'No source specified',
    channel: 'context',
    kernels: 'all',
    source: ['fs/super.c:get_tree_bdev', 'fs/super.c:get_tree_bdev_flags'],
  },
  V2: {
    condition: 'the source is given as a descriptor, and the filesystem does not take one',
    outcome: 'refuses',
    errno: 'EINVAL',
    message: 'Non-string source; 5.10: VFS: Non-string source',
    channel: 'context',
    kernels: 'before 7.3',
    absent: unless(({ erofsOptions }) => !erofsOptions.has('source'), 'its erofs takes a descriptor'),
    source: ['fs/fs_context.c:vfs_parse_fs_param_source', 'fs/fs_context.c:vfs_parse_fs_param'],
  },
  B1: {
    condition: 'an XFS with timestamps beyond 2038 is mounted',
    outcome: 'mounts, and warns',
    message: 'XFS (…): EXPERIMENTAL big timestamp feature in use. Use at your own risk!',
    channel: 'log',
    kernels: '5.10 to 5.15',
    absent: unless(
      ({ xfsBigTimestamps }) => xfsBigTimestamps === 'experimental',
      'it takes them as a matter of course',
    ),
    source: ['fs/xfs/xfs_super.c:xfs_fc_fill_super'],
    oneSided: "every XFS of fathom's has them",
  },
  B2: {
    condition: 'tmpfs is mounted with casefold by a kernel whose tmpfs cannot fold case',
    outcome: 'refuses',
    errno: 'EINVAL',
    message:
      "tmpfs: Unknown parameter 'casefold'; from 6.13 on, without CONFIG_UNICODE: tmpfs: tmpfs: Kernel not built with CONFIG_UNICODE",
    channel: 'context',
    kernels: 'before 6.13, or without CONFIG_UNICODE',
    absent: unless(({ tmpfsCasefold }) => !tmpfsCasefold, 'its tmpfs can fold case'),
    source: ['mm/shmem.c:shmem_fs_parameters', 'fs/fs_context.c:vfs_parse_fs_param'],
  },
  W1: {
    condition: 'a file is opened for writing through a read-only mount or superblock',
    outcome: 'refuses',
    errno: 'EROFS',
    channel: 'none',
    kernels: 'all',
    source: ['fs/namespace.c:mnt_want_write'],
  },
  R1: {
    condition:
      'a file is opened with O_DIRECT, and what has its data has none: file-backed or compressed erofs, erofs before 5.15, tmpfs before 6.6',
    outcome: 'refuses, through overlays too',
    errno: 'EINVAL',
    channel: 'none',
    kernels: 'all',
    source: ['fs/open.c:do_dentry_open', 'fs/overlayfs/file.c:ovl_open_realfile'],
  },
  C1: {
    condition:
      'a chunk-based file, where the image does not say that it has any (composefs), and the kernel knows none',
    outcome: 'the image mounts, and the file is refused when it is looked up',
    errno: 'EOPNOTSUPP',
    message: 'erofs: (device …): erofs_read_inode: unsupported datalayout 4 of nid …',
    channel: 'log',
    kernels: 'before 5.15',
    absent: unless(({ erofsIncompat }) => (erofsIncompat & INCOMPAT.chunkedFile) === 0, 'it knows chunk-based files'),
    source: ['fs/erofs/inode.c:erofs_read_inode'],
  },
  C2: {
    condition: 'verity=on or require, an image that has the digest of an object, and an object without fs-verity',
    outcome: 'mounts, and the file is refused when it is opened',
    errno: 'EIO',
    message: "overlayfs: lower file '…' has no fs-verity digest",
    channel: 'log',
    kernels: '6.6 on',
    absent: unless(({ overlayOptionNames }) => overlayOptionNames.has('verity'), 'it has no verity'),
    source: ['fs/overlayfs/util.c:ovl_validate_verity'],
  },
  C3: {
    condition: 'verity=require, and an image without the digest of an object; verity=on takes it',
    outcome: 'mounts, and the file is refused when it is opened',
    errno: 'EIO',
    message: "overlayfs: metacopy file '…' has no digest specified",
    channel: 'log',
    kernels: '6.6 on',
    absent: unless(({ overlayOptionNames }) => overlayOptionNames.has('verity'), 'it has no verity'),
    source: ['fs/overlayfs/namei.c:ovl_maybe_validate_verity'],
  },
} as const satisfies Rows;
