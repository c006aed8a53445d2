/** What runs have shown of each rule on each kernel, as data, version 1: what `fathom rules --reporter json` prints. */
import * as z from 'zod';
import { kernelRecord } from './results.ts';

export const RULES_VERSION = 1;

const shown = z.strictObject({ scenario: z.string(), step: z.string() });
export type Shown = z.infer<typeof shown>;

const cell = z.strictObject({
  /** The kernel spec as given. */
  kernel: z.string(),
  status: z.enum(['agrees', 'disagrees', 'n/a', 'unobservable', 'untested']),
  /** Of `n/a`, `unobservable`, `untested` and `disagrees`: why. */
  why: z.string().optional(),
  /** Of `untested`: nothing excuses it, and `fathom rules` ends with 125. */
  open: z.literal(true).optional(),
  /** A step in which the rule spoke or decided, and the kernel agreed. */
  triggered: shown.optional(),
  /** One in which it just did not, and the kernel agreed. */
  spared: shown.optional(),
  /** One in which the kernel disagreed, crashed or hung. */
  disagreed: shown.optional(),
  /** Steps of each kind. */
  count: z.strictObject({
    triggered: z.number().int(),
    spared: z.number().int(),
    disagreed: z.number().int(),
  }),
});
export type RuleCell = z.infer<typeof cell>;

const rule = z.strictObject({
  id: z.string(),
  condition: z.string(),
  outcome: z.string(),
  errno: z.string().optional(),
  message: z.string().optional(),
  channel: z.enum(['log', 'context', 'path', 'none']),
  /** In which kernels, in words. */
  kernels: z.string(),
  source: z.array(z.string()),
  /** Why there is no step that just does not trigger it. */
  oneSided: z.string().optional(),
  cells: z.array(cell),
});
export type RuleRecord = z.infer<typeof rule>;

export const rulesReport = z.strictObject({
  v: z.literal(RULES_VERSION),
  type: z.literal('rules'),
  fathom: z.string(),
  kernels: z.array(kernelRecord),
  rules: z.array(rule),
});
export type RulesReport = z.infer<typeof rulesReport>;
