/**
 * Attaching a loop device: drivers/block/loop.c, in the order of loop_configure.
 * L6: direct I/O that the backing cannot do is dropped without a word; only LOOP_GET_STATUS64 tells. No check.
 * L7: a loop device's I/O runs in a worker of its own (`loop%d`, 6.1 on), so a stack is measured for the whole system.
 */
import type { Superblock } from '../superblock.ts';
import { firstRefusal, type Check, type Refusal } from './rule.ts';

export interface LoopSubject {
  readonly backing:
    | { readonly kind: 'missing' }
    | {
        readonly kind: 'regular';
        readonly on: Superblock;
        readonly hasReadIter: boolean;
        readonly hasWriteIter: boolean;
      }
    | { readonly kind: 'directory' }
    | { readonly kind: 'block' }
    /** Another loop device; `chain` is what it leads to, itself first. */
    | { readonly kind: 'loop'; readonly chain: readonly { readonly device: string; readonly bound: boolean }[] };
  /** The device being attached, to be told from those in a chain. */
  readonly device: string;
  readonly readOnly: boolean;
}

/**
 * The kernel's answer to LOOP_CONFIGURE; undefined is yes. What is attached gives a block device, and a filesystem on
 * it has depth 0 whatever lies below: D10, L5, the fallback that always mounts.
 */
export function attachLoop(subject: LoopSubject, behaviours: Parameters<Check<LoopSubject>>[1]): Refusal | undefined {
  return firstRefusal([backingExists, hasIterators, chainEnds, backingIsFileOrBlock], subject, behaviours);
}

/** L0: the file is opened first; the error is open(2)'s. */
const backingExists: Check<LoopSubject> = ({ backing }) =>
  backing.kind === 'missing' ? refuse('L0', 'ENOENT', 'the file does not exist') : undefined;

/** L4: loop_check_backing_file. A directory has no read_iter. */
const hasIterators: Check<LoopSubject> = ({ backing, readOnly }, { loopChecksIterators }) => {
  if (!loopChecksIterators) return undefined;
  if (backing.kind === 'directory') return refuse('L4', 'EINVAL', 'a directory has no read_iter');
  if (backing.kind !== 'regular') return undefined;
  const lacking = !backing.hasReadIter ? 'read_iter' : !readOnly && !backing.hasWriteIter ? 'write_iter' : undefined;
  return lacking === undefined ? undefined : refuse('L4', 'EINVAL', `files of ${backing.on.type} have no ${lacking}`);
};

/** L1, L2: loop_validate_file follows loop devices on loop devices, and nothing else (L5). */
const chainEnds: Check<LoopSubject> = ({ backing, device }) => {
  if (backing.kind !== 'loop') return undefined;
  for (const link of backing.chain) {
    if (link.device === device) return refuse('L1', 'EBADF', `the chain of loop devices leads back to ${device}`);
    if (!link.bound) return refuse('L2', 'EINVAL', `${link.device} in the chain has no backing file`);
  }
  return undefined;
};

/** L3: loop_validate_file */
const backingIsFileOrBlock: Check<LoopSubject> = ({ backing }) =>
  backing.kind === 'directory'
    ? refuse('L3', 'EINVAL', 'the backing is neither a regular file nor a block device')
    : undefined;

/** The loop driver says nothing of its refusals. */
function refuse(rule: Refusal['rule'], errno: string, why: string): Refusal {
  return { rule, errno, messages: [], why };
}
