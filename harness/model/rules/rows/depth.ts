/** D: arithmetic of s_stack_depth. */
import { unless, type Rows } from '../row.ts';

const passthrough = unless(({ fusePassthrough }) => fusePassthrough, 'it has no FUSE passthrough');

const ECRYPTFS =
  "Debian's cloud kernels have no eCryptfs: `fathom run ecryptfs --kernel debian:VERSION/amd64` tries it on those that do";

export const DEPTH = {
  D0: {
    condition: 'FILESYSTEM_MAX_STACK_DEPTH',
    outcome: 'is 2',
    channel: 'none',
    kernels: 'all',
    source: ['include/linux/fs.h'],
    unobservable: 'a constant: what follows from it is D3, D5, D8 and E8',
  },
  D1: {
    condition:
      'a filesystem that does not assign s_stack_depth: disks, tmpfs, FUSE without passthrough; not procfs, which is as deep as can be',
    outcome: 'depth 0',
    channel: 'none',
    kernels: 'all',
    source: ['fs/super.c:alloc_super', 'fs/proc/root.c:proc_fill_super'],
    oneSided: 'what has another depth falls under D2, D5, D7 or E7',
  },
  D2: {
    condition: 'an overlay is mounted',
    outcome: 'depth = the deepest of upper and all lowers, data-only ones too, and one more',
    channel: 'none',
    kernels: 'all',
    source: ['fs/overlayfs/super.c:ovl_fill_super', 'fs/overlayfs/super.c:ovl_get_lowerstack'],
    oneSided: 'every overlay falls under it; what refuses by it is D3',
  },
  D3: {
    condition: 'the depth of an overlay would be more than 2',
    outcome: 'refuses',
    errno: 'EINVAL',
    message: 'overlayfs: maximum fs stacking depth exceeded',
    channel: 'log',
    kernels: 'all',
    source: ['fs/overlayfs/super.c:ovl_get_lowerstack'],
  },
  D4: {
    condition: 'D3 refuses an overlay that has an upper',
    outcome: 'the directory work is left behind in its workdir',
    channel: 'none',
    kernels: 'all',
    source: ['fs/overlayfs/super.c:ovl_fill_super'],
  },
  D5: {
    condition: 'eCryptfs would be deeper than 2',
    outcome: 'depth = that of its lower and one more; above 2 it refuses',
    errno: 'EINVAL',
    message: 'eCryptfs: maximum fs stacking depth exceeded; Reading sb failed; rc = [-22]',
    channel: 'log',
    kernels: 'all (full flavour)',
    source: ['fs/ecryptfs/main.c:ecryptfs_mount', 'fs/ecryptfs/main.c:ecryptfs_get_tree'],
    untested: ECRYPTFS,
  },
  D6: {
    condition: 'eCryptfs on eCryptfs',
    outcome: 'refuses',
    errno: 'EINVAL',
    message: 'Mount on filesystem of type eCryptfs explicitly disallowed due to known incompatibilities',
    channel: 'log',
    kernels: 'all (full flavour)',
    source: ['fs/ecryptfs/main.c:ecryptfs_mount', 'fs/ecryptfs/main.c:ecryptfs_get_tree'],
    untested: ECRYPTFS,
  },
  D7: {
    condition: 'a FUSE daemon asks for passthrough with max_stack_depth 1 or 2 and no writeback cache',
    outcome: 'depth = max_stack_depth, whatever lies below; 0 until INIT is answered',
    channel: 'none',
    kernels: '6.9 on',
    absent: passthrough,
    source: ['fs/fuse/inode.c:process_init_reply'],
  },
  D8: {
    condition: 'the file system of a FUSE backing file is as deep as the daemon declared, or deeper',
    outcome: 'FUSE_DEV_IOC_BACKING_OPEN fails',
    errno: 'ELOOP',
    channel: 'none',
    kernels: '6.9 on',
    absent: passthrough,
    source: ['fs/fuse/backing.c:fuse_backing_open', 'fs/fuse/passthrough.c:fuse_backing_open'],
  },
  D9: {
    condition: 'a FUSE daemon asks for passthrough with max_stack_depth 0 or above 2, with writeback cache, or in vain',
    outcome: 'mounts, without passthrough, depth 0; FUSE_DEV_IOC_BACKING_OPEN fails',
    errno: 'EPERM (before 6.9 ENOTTY, without CONFIG_FUSE_PASSTHROUGH EOPNOTSUPP)',
    channel: 'none',
    kernels: 'all',
    source: ['fs/fuse/inode.c:process_init_reply'],
  },
  D10: {
    condition: 'a filesystem on a loop device',
    outcome: 'depth 0, on whatever its file lies',
    channel: 'none',
    kernels: 'all',
    source: ['drivers/block/loop.c'],
    oneSided: 'the same image straight from its file falls under E6 to E11',
  },
  D11: {
    condition: 's_stack_depth of a mount',
    outcome: 'is shown to nobody',
    channel: 'none',
    kernels: 'all',
    source: ['include/linux/fs.h'],
    unobservable: 'nothing exports it: what follows from it is D3, D5, D8, E8 and E10',
  },
} as const satisfies Rows;
