/** What `fathom identify` found, as data, version 1: what `--reporter json` prints. */
import * as z from 'zod';
import { departures, type Finding, type Identification } from '../identify/identify.ts';
import { kernelRecord, stepRecord, type KernelRecord, type StepRecord } from './results.ts';

export const IDENTIFIED_VERSION = 1;

const value = z.union([z.string(), z.number(), z.boolean()]);

const finding = z.strictObject({
  /** `erofsStacking`; of a behaviour that is a set, a member: `erofsOptions.dax`. */
  behaviour: z.string(),
  /** `told`: one value fits. `open`: several do. `unfit`: none does. `kept`: no experiment shows it. */
  kind: z.enum(['told', 'open', 'unfit', 'kept']),
  /** That of the profile; where it is not told, what the version suggests. */
  value,
  /** Those that fit what was seen. */
  fitting: z.array(value),
  suggested: value,
  departs: z.boolean(),
  by: z.array(
    z.strictObject({
      scenario: z.string(),
      step: z.string(),
      /** `ok`, an errno, `-`; with a message where that is what tells. */
      observed: z.string(),
      excludes: z.array(value),
    }),
  ),
  why: z.string().optional(),
});
export type FindingRecord = z.infer<typeof finding>;

export const identifiedKernel = z.strictObject({
  /** `profile` and `profileOrigin` are what was found. */
  kernel: kernelRecord,
  /** The profile that the version suggests; absent where nothing was found out. */
  suggested: z.string().optional(),
  suggestedOrigin: z.string().optional(),
  /** Empty where no experiment could be made. */
  findings: z.array(finding),
  /** The steps of the battery, judged by what was found. */
  steps: z.array(stepRecord),
});
export type IdentifiedKernelRecord = z.infer<typeof identifiedKernel>;

export const identifiedReport = z.strictObject({
  v: z.literal(IDENTIFIED_VERSION),
  kind: z.literal('identified'),
  fathom: z.string(),
  startedAt: z.iso.datetime(),
  durationMs: z.number().int(),
  kernels: z.array(identifiedKernel),
});
export type IdentifiedReport = z.infer<typeof identifiedReport>;

export function identifiedRecord(
  kernel: KernelRecord,
  identification: Identification | undefined,
  steps: readonly StepRecord[],
): IdentifiedKernelRecord {
  const findings = identification?.findings ?? [];
  const departing = new Set(departures(findings).map(({ facet }) => facet));
  return {
    kernel,
    ...(identification === undefined
      ? {}
      : { suggested: identification.suggested.name, suggestedOrigin: identification.suggested.origin }),
    findings: findings.map((one) => findingRecord(one, departing.has(one.facet))),
    steps: [...steps],
  };
}

function findingRecord({ facet, kind, values, suggested, by, why, ...rest }: Finding, departs: boolean): FindingRecord {
  return {
    behaviour: facet,
    kind,
    value: rest.value,
    fitting: [...values],
    suggested,
    departs,
    by: by.map((proof) => ({ ...proof, excludes: [...proof.excludes] })),
    ...(why === undefined ? {} : { why }),
  };
}
