/** Attaching a loop device: drivers/block/loop.c, in the order of loop_configure. */
import type { Superblock } from '../superblock.ts';
import { firstRefusal, type Check, type Refusal } from './rule.ts';

export interface LoopSubject {
  readonly backing:
    | { readonly kind: 'missing' }
    | { readonly kind: 'regular'; readonly on: Superblock; readonly hasReadIter: boolean; readonly hasWriteIter: boolean; readonly canDirectIo: boolean }
    | { readonly kind: 'block' }
    /** Another loop device; `chain` is what it leads to, itself first. */
    | { readonly kind: 'loop'; readonly chain: readonly { readonly device: string; readonly bound: boolean }[] }
    /** A directory, FIFO, socket or character device. */
    | { readonly kind: 'other' };
  /** The device being attached, to be told from those in a chain. */
  readonly device: string;
  readonly readOnly: boolean;
  readonly directIo: boolean;
}

/**
 * The kernel's answer to LOOP_CONFIGURE. What is attached gives a block device, and a filesystem on it has depth 0
 * whatever lies below: D10, L5, the fallback that always mounts.
 */
export function attachLoop(subject: LoopSubject, behaviours: Parameters<Check<LoopSubject>>[1]): Refusal | { readonly directIo: boolean } {
  return firstRefusal(CHECKS, subject, behaviours) ?? { directIo: effectiveDirectIo(subject) };
}

/** The agent opens the file first; the error is open(2)'s. */
const backingExists: Check<LoopSubject> = ({ backing }) =>
  backing.kind === 'missing' ? { rule: 'L0', errno: 'ENOENT', messages: [], why: 'the file does not exist' } : undefined;

/** L4: loop_check_backing_file */
const hasIterators: Check<LoopSubject> = ({ backing, readOnly }, { loopChecksIterators }) =>
  loopChecksIterators && backing.kind === 'regular' && (!backing.hasReadIter || (!readOnly && !backing.hasWriteIter))
    ? { rule: 'L4', errno: 'EINVAL', messages: [], why: `files of ${backing.on.type} have no ${backing.hasReadIter ? 'write_iter' : 'read_iter'}` }
    : undefined;

/** L1, L2: loop_validate_file follows loop devices on loop devices, and nothing else (L5). */
const chainEnds: Check<LoopSubject> = ({ backing, device }) => {
  if (backing.kind !== 'loop') return undefined;
  for (const link of backing.chain) {
    if (link.device === device) return { rule: 'L1', errno: 'EBADF', messages: [], why: `the chain of loop devices leads back to ${device}` };
    if (!link.bound) return { rule: 'L2', errno: 'EINVAL', messages: [], why: `${link.device} in the chain has no backing file` };
  }
  return undefined;
};

/** L3: loop_validate_file */
const backingIsFileOrBlock: Check<LoopSubject> = ({ backing }) =>
  backing.kind === 'other' ? { rule: 'L3', errno: 'EINVAL', messages: [], why: 'the backing is neither a regular file nor a block device' } : undefined;

const CHECKS: readonly Check<LoopSubject>[] = [backingExists, hasIterators, chainEnds, backingIsFileOrBlock];

/** L6: direct I/O that the backing cannot do is dropped without a word; LOOP_GET_STATUS64 tells. */
export function effectiveDirectIo({ backing, directIo }: Pick<LoopSubject, 'backing' | 'directIo'>): boolean {
  return directIo && (backing.kind !== 'regular' || backing.canDirectIo);
}
