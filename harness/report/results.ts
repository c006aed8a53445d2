/** The report of a run as data, version 1: what `--reporter json` prints and the evidence keeps. */
import * as z from 'zod';

export const REPORT_VERSION = 1;

const message = z.strictObject({
  /** syslog level, 0 to 7; 4 is a warning. Absent for lines of a mount context's own log. */
  level: z.number().int().optional(),
  text: z.string(),
});

const predicted = z.strictObject({
  ok: z.boolean(),
  errno: z.string().optional(),
  /** s_stack_depth of the new superblock; no kernel exports it. */
  depth: z.number().int().optional(),
  /** Messages owed: the rule, where they go, and a regular expression. */
  messages: z.array(
    z.strictObject({
      rule: z.string(),
      channel: z.enum(['log', 'context']),
      pattern: z.string(),
      presence: z.enum(['required', 'possible']),
    }),
  ),
  rule: z.string().optional(),
  /** Rules that the step shows: those that decide or speak, and those that it just does not break. */
  exercised: z.strictObject({ triggered: z.array(z.string()), spared: z.array(z.string()) }).optional(),
  why: z.string(),
  /** The step is not to be tried, since it stands on this one, which is refused. */
  unreachable: z.string().optional(),
});

const observed = z.strictObject({
  ok: z.boolean(),
  errno: z.string().optional(),
  messages: z.array(message),
  /** The system call that failed. */
  call: z.string().optional(),
  /** The step that did not succeed, so that this one was not tried. */
  skipped: z.string().optional(),
  /** The step gave no answer at all: see the verdict. */
  unanswered: z.boolean().optional(),
});

const verdict = z.strictObject({
  kind: z.enum(['agrees', 'disagrees', 'crashed', 'hung', 'unsupported', 'broken']),
  why: z.string().optional(),
  expected: z.string().optional(),
  observed: z.string().optional(),
  missing: z.string().optional(),
  remedy: z.string().optional(),
  title: z.string().optional(),
  where: z.string().optional(),
  consoleTail: z.string().optional(),
});

/** How deep the kernel stack went, in bytes; the path is the peak without what came upon it by chance (docs/stack.md). */
const stack = z.strictObject({
  /** From what each layer cost in the steps before. */
  predictedBytes: z.number().int().optional(),
  pathBytes: z.number().int().optional(),
  peakBytes: z.number().int().optional(),
});

/** What the kernel reported when it died: harness/observe/oops. */
const oops = z.strictObject({
  title: z.string(),
  task: z.string().optional(),
  stackRange: z.string().optional(),
  /** The call chain, deepest first; a section that repeats is told once, with how often it comes. */
  chain: z.array(z.string()),
});

export const stepRecord = z.strictObject({
  /** The kernel spec as given. */
  kernel: z.string(),
  /** `uname -r`. */
  release: z.string(),
  scenario: z.string(),
  step: z.string(),
  predicted,
  observed,
  verdict,
  /** It does not agree, and that is known: what the file of known deviations says of it (known.ts). */
  known: z.strictObject({ reason: z.string(), link: z.string().optional() }).optional(),
  /** What works instead of a refused mount, in a clause, and whether that was seen in this run. */
  instead: z.string().optional(),
  /** Of a step that asks for the depth of the stack. */
  stack: stack.optional(),
  /** Of the step in which the kernel died. */
  oops: oops.optional(),
});
export type StepRecord = z.infer<typeof stepRecord>;

export const kernelRecord = z.strictObject({
  spec: z.string(),
  release: z.string(),
  /** Package, version and suite, or file names. */
  origin: z.string(),
  profile: z.string(),
  profileOrigin: z.string(),
  /** Modules that the user replaced. */
  replaced: z.array(z.string()),
  accelerator: z.string().optional(),
  notes: z.array(z.string()),
  /** Rules that a kernel of this profile does not have, by their ids, and why. */
  absentRules: z.record(z.string(), z.string()).optional(),
});
export type KernelRecord = z.infer<typeof kernelRecord>;

/** What has come of an entry of the file of known deviations. */
export const knownRecord = z.strictObject({
  entry: z.string(),
  reason: z.string(),
  link: z.string().optional(),
  /** The last day on which it counts. */
  expires: z.string(),
  /**
   * `seen`: it is why some steps do not count. `gone`: all steps that it is about agree. `expired`: what it is about counts
   * again. `not-tried`: no step that it is about was run.
   */
  state: z.enum(['seen', 'gone', 'expired', 'not-tried']),
  /** How many steps it is why of. */
  steps: z.number().int(),
});
export type KnownRecord = z.infer<typeof knownRecord>;

export const report = z.strictObject({
  v: z.literal(REPORT_VERSION),
  fathom: z.string(),
  startedAt: z.iso.datetime(),
  durationMs: z.number().int(),
  /** True when the run was ended before all was tried; `results` holds what was measured. */
  interrupted: z.boolean(),
  kernels: z.array(kernelRecord),
  results: z.array(stepRecord),
  /** With --shard: which part of the scenarios it is, from 1, and the names of all of them. */
  shard: z.strictObject({ index: z.number().int(), of: z.number().int(), scenarios: z.array(z.string()) }).optional(),
  /** With --known. */
  known: z.array(knownRecord).optional(),
});
export type Report = z.infer<typeof report>;
