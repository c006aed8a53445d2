/** L: attaching a loop device. */
import { unless, type Rows } from '../row.ts';

export const LOOP = {
  L0: {
    condition: 'the file to be attached does not exist',
    outcome: 'open(2) fails, and nothing is attached',
    errno: 'ENOENT',
    channel: 'none',
    kernels: 'all',
    source: ['fs/open.c:do_filp_open'],
  },
  L1: {
    condition: 'a chain of loop devices on loop devices leads back to the one that is attached',
    outcome: 'refuses',
    errno: 'EBADF',
    channel: 'none',
    kernels: 'all',
    source: ['drivers/block/loop.c:loop_validate_file'],
  },
  L2: {
    condition: 'a loop device in the chain has no backing',
    outcome: 'refuses',
    errno: 'EINVAL',
    channel: 'none',
    kernels: 'all',
    source: ['drivers/block/loop.c:loop_validate_file'],
  },
  L3: {
    condition: 'the backing is neither a regular file nor a block device',
    outcome: 'refuses',
    errno: 'EINVAL',
    channel: 'none',
    kernels: 'all',
    source: ['drivers/block/loop.c:loop_validate_file'],
  },
  L4: {
    condition: 'the backing has no read_iter, or is opened for writing and has no write_iter',
    outcome: 'refuses',
    errno: 'EINVAL',
    channel: 'none',
    kernels: '6.12 on',
    absent: unless(({ loopChecksIterators }) => loopChecksIterators, 'its loop driver does not ask for iterators'),
    source: ['drivers/block/loop.c:loop_check_backing_file'],
  },
  L5: {
    condition: 'loop → file on a filesystem → loop → …',
    outcome: 'attaches; the chain is not followed through filesystems',
    channel: 'none',
    kernels: 'all',
    source: ['drivers/block/loop.c:loop_validate_file'],
    oneSided: 'a chain of devices only falls under L1 and L2',
  },
  L6: {
    condition: 'direct I/O is asked for, and the backing cannot do it, or not in blocks of this size',
    outcome: 'attaches, and direct I/O is dropped; LOOP_GET_STATUS64 tells',
    channel: 'none',
    kernels: 'all',
    source: ['drivers/block/loop.c:__loop_update_dio', 'drivers/block/loop.c:lo_can_use_dio'],
  },
  L7: {
    condition: 'a filesystem on a loop device is read',
    outcome: 'the file below is read by a worker, on a stack of its own: loop… or a kworker',
    channel: 'none',
    kernels: 'all; a kworker from 5.15 on',
    source: ['drivers/block/loop.c:loop_configure', 'drivers/block/loop.c:loop_queue_work'],
    oneSided: 'it holds of every loop device',
  },
} as const satisfies Rows;
