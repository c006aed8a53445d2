/**
 * Attaching a loop device: drivers/block/loop.c, in the order of loop_configure.
 * L7: a loop device's I/O runs in a worker of its own, so a stack is measured for the whole system.
 */
import type { Superblock } from '../superblock.ts';
import type { Exercised } from './exercised.ts';
import { firstRefusal, type Check, type Refusal } from './rule.ts';

export interface LoopSubject {
  readonly backing: LoopBacking;
  /** The device being attached, to be told from those in a chain. */
  readonly device: string;
  readonly readOnly: boolean;
  readonly directIo: boolean;
}

export type LoopBacking =
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'regular';
      readonly on: Superblock;
      readonly hasReadIter: boolean;
      readonly hasWriteIter: boolean;
      /** FMODE_CAN_ODIRECT; undefined where the model does not know. */
      readonly hasDirectIo: boolean | undefined;
      /** Its filesystem stands on a loop device. */
      readonly onLoop: boolean;
    }
  | { readonly kind: 'directory' }
  /** A character device, which has read_iter and write_iter. */
  | { readonly kind: 'character' }
  | { readonly kind: 'block' }
  /** Another loop device; `chain` is what it leads to, itself first. */
  | { readonly kind: 'loop'; readonly chain: readonly { readonly device: string; readonly bound: boolean }[] };

/** The kernel says yes. What is attached gives a block device, and a filesystem on it has depth 0: D10. */
export interface Attached {
  /** L6: whether LOOP_GET_STATUS64 shows direct I/O; undefined where the model does not know. */
  readonly directIo: boolean | undefined;
  readonly exercised: Exercised;
}

/** The kernel's answer to LOOP_CONFIGURE. */
export function attachLoop(subject: LoopSubject, behaviours: Parameters<Check<LoopSubject>>[1]): Refusal | Attached {
  const refusal = firstRefusal([backingExists, hasIterators, chainEnds, backingIsFileOrBlock], subject, behaviours);
  if (refusal !== undefined) return refusal;
  const { backing } = subject;
  const directIo = !subject.directIo ? false : backing.kind === 'regular' ? backing.hasDirectIo : undefined;
  return { directIo, exercised: exercised(subject, directIo) };
}

/** L5: only chains of devices are followed; a file of a filesystem on a loop device is a file like any other. */
function exercised({ backing, directIo: asked }: LoopSubject, directIo: boolean | undefined): Exercised {
  if (backing.kind === 'loop') return { triggered: [], spared: ['L1', 'L2', 'L3'] };
  if (backing.kind !== 'regular') return { triggered: [], spared: [] };
  const dropped = asked && directIo === false;
  return {
    triggered: [...(backing.onLoop ? (['L5'] as const) : []), ...(dropped ? (['L6'] as const) : [])],
    spared: ['L0', 'L3', 'L4', ...(asked && directIo === true ? (['L6'] as const) : [])],
  };
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
  backing.kind === 'directory' || backing.kind === 'character'
    ? refuse('L3', 'EINVAL', 'the backing is neither a regular file nor a block device')
    : undefined;

/** The loop driver says nothing of its refusals. */
function refuse(rule: Refusal['rule'], errno: string, why: string): Refusal {
  return { rule, errno, messages: [], why };
}
