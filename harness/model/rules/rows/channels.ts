/** CH: where messages go, and how they begin. */
import { unless, type Rows } from '../row.ts';

export const CHANNELS = {
  CH1: {
    condition: 'overlayfs speaks by pr_err, pr_warn or pr_info',
    outcome: 'the kernel log has it, whatever the mount API',
    message: 'overlayfs: …',
    channel: 'log',
    kernels: 'all',
    source: ['fs/overlayfs/overlayfs.h:pr_fmt'],
  },
  CH2: {
    condition: 'a filesystem speaks by invalfc or errorfc',
    outcome: "mount(2): the kernel log; after fsopen(2): only the context's own log",
    message: 'overlay: … or erofs: …; in the context e overlay: …',
    channel: 'context',
    kernels: 'all with a mount context of their own: erofs, and overlayfs from 6.5 on',
    source: ['fs/fs_context.c:logfc', 'fs/fsopen.c:fscontext_alloc_log'],
  },
  CH3: {
    condition: 'the VFS speaks of a mount by errorf, invalf or warnf',
    outcome: 'as CH2, without a prefix',
    message: "…: Can't lookup blockdev; No source specified",
    channel: 'context',
    kernels: 'all',
    source: ['include/linux/fs_context.h:__logfc'],
  },
  CH4: {
    condition: 'erofs speaks by erofs_err or erofs_info',
    outcome: 'the kernel log has it, with the device, and up to 6.12 the function of an error',
    message: 'erofs: (device …): …: …; 6.13 on: erofs (device …): …',
    channel: 'log',
    kernels: 'all; two forms',
    source: ['fs/erofs/super.c:_erofs_err', 'fs/erofs/super.c:_erofs_printk'],
    oneSided: 'what is said of an erofs otherwise falls under CH2 and CH3',
  },
  CH5: {
    condition: 'the erofs that speaks is file-backed',
    outcome: 'the device is named erofs; 7.2 on, once stacking is checked, by the numbers of its anonymous device',
    message: 'erofs (device erofs): …',
    channel: 'log',
    kernels: '6.12 on',
    absent: unless(({ fileBacked }) => fileBacked, 'it has no file-backed erofs'),
    source: ['fs/super.c:sget_fc', 'fs/erofs/super.c:erofs_fc_fill_super'],
  },
  CH6: {
    condition: 'overlayfs speaks of a path in its options',
    outcome: 'before 6.5 by pr_err (CH1), with quotes; since then through the mount context (CH2), without',
    message: "overlayfs: filesystem on '…' …; 6.5 on: overlay: filesystem on … …",
    channel: 'path',
    kernels: 'all; two forms',
    source: ['fs/overlayfs/super.c:ovl_mount_dir', 'fs/overlayfs/params.c:ovl_mount_dir_check'],
    oneSided: 'what is not said of a path falls under CH1',
  },
} as const satisfies Rows;
