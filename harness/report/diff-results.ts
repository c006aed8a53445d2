/** What `fathom diff` found, as data, version 1: what `--reporter json` prints. */
import * as z from 'zod';
import type { CostComparison } from '../diff/stack.ts';
import type { BehaviourChange, Comparison } from '../diff/compare.ts';
import { kernelRecord, type KernelRecord } from './results.ts';

export const KERNEL_DIFF_VERSION = 1;

const value = z.union([z.string(), z.number(), z.boolean()]);
const behaviour = z.strictObject({ behaviour: z.string(), before: value, after: value });
const cost = z.strictObject({ min: z.number().int(), median: z.number().int(), max: z.number().int() });

const difference = z.strictObject({
  scenario: z.string(),
  step: z.string(),
  changes: z.array(
    z.strictObject({
      /** `outcome`: `ok`, an errno, `-` for not tried. `messages`: the lines that only one of them said. */
      what: z.enum(['outcome', 'messages', 'contents']),
      before: z.array(z.string()),
      after: z.array(z.string()),
    }),
  ),
  rule: z.string().optional(),
  why: z.string().optional(),
  /** Behaviours each of which alone accounts for it. */
  behaviours: z.array(behaviour),
  /** Where the model does not expect what a kernel did. */
  unexplained: z.array(z.string()),
  /** Steps that differ only because they stand on this one. */
  follows: z.array(z.string()),
});
export type DifferenceRecord = z.infer<typeof difference>;

const stackCost = z.strictObject({
  topology: z.string(),
  operation: z.string(),
  /** Bytes of the path; absent where it could not be measured. */
  before: cost.optional(),
  after: cost.optional(),
  differs: z.boolean(),
  frames: z.array(z.strictObject({ function: z.string(), before: z.number().int(), after: z.number().int() })),
  /** Why there is no figure of one of them. */
  why: z.string().optional(),
  /** A kernel refuses the mounts, so there is nothing to measure; that is told among the steps. */
  refused: z.boolean(),
});
export type StackCostRecord = z.infer<typeof stackCost>;

export const kernelDiffReport = z.strictObject({
  v: z.literal(KERNEL_DIFF_VERSION),
  kind: z.literal('kernel-diff'),
  fathom: z.string(),
  startedAt: z.iso.datetime(),
  durationMs: z.number().int(),
  before: kernelRecord,
  after: kernelRecord,
  /** In which they differ, by experiment. */
  behaviours: z.array(behaviour),
  /** Steps that were compared. */
  steps: z.number().int(),
  differences: z.array(difference),
  notCompared: z.array(
    z.strictObject({ scenario: z.string(), step: z.string(), why: z.string(), onNeither: z.boolean() }),
  ),
  /** Empty with --no-stack. */
  stack: z.array(stackCost),
});
export type KernelDiffReport = z.infer<typeof kernelDiffReport>;

export function differencesOf({ differences, notCompared, steps }: Comparison) {
  return {
    steps,
    differences: differences.map(({ rule, why, changes, ...rest }) => ({
      ...rest,
      changes: changes.map(({ what, before, after }) => ({ what, before: [...before], after: [...after] })),
      behaviours: rest.behaviours.map(copy),
      unexplained: [...rest.unexplained],
      follows: [...rest.follows],
      ...(rule === undefined ? {} : { rule }),
      ...(why === undefined ? {} : { why }),
    })),
    notCompared: notCompared.map((one) => ({ ...one })),
  };
}

export function kernelsOf(
  [before, after]: readonly [KernelRecord, KernelRecord],
  behaviours: readonly BehaviourChange[],
) {
  return { before, after, behaviours: behaviours.map(copy) };
}

export function stackRecord(
  topology: string,
  operation: string,
  compared: CostComparison | undefined,
  lacking: { readonly why: string; readonly refused: boolean } | undefined,
): StackCostRecord {
  const where = { topology, operation };
  if (compared === undefined)
    return { ...where, differs: false, frames: [], why: lacking?.why ?? '', refused: lacking?.refused ?? false };
  const { before, after, differs, frames } = compared;
  return { ...where, before, after, differs, frames: frames.map((frame) => ({ ...frame })), refused: false };
}

/** 0 nothing differs; 1 something does; 125 nothing was seen to differ, and not all could be compared. */
export function diffStatus({ differences, notCompared, stack, steps }: KernelDiffReport): 0 | 1 | 125 {
  if (differences.length > 0 || stack.some(({ differs }) => differs)) return 1;
  const open =
    notCompared.some(({ onNeither }) => !onNeither) || stack.some(({ why, refused }) => why !== undefined && !refused);
  return open || steps === 0 ? 125 : 0;
}

function copy({ behaviour: name, before, after }: BehaviourChange): z.infer<typeof behaviour> {
  return { behaviour: name, before, after };
}
