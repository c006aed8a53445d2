/** All kernels × scenarios: what runs where and when. */
import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { alternativeTo } from '../judge/alternative.ts';
import { soundingsOf } from '../judge/sounding.ts';
import { profileOf, withStacking, type Profile, type ProfileName } from '../model/profile.ts';
import { noPrediction, recordOf } from '../report/record.ts';
import type { KernelRecord, StepRecord } from '../report/results.ts';
import type { Scenario } from '../scenario.ts';
import type { Backend } from './backend.ts';
import type { Evidence } from './evidence.ts';
import { runInGuests, type Ended } from './in-guests.ts';
import { defaultJobs } from './jobs.ts';
import { verdictOfError } from './not-tried.ts';
import { kernelRecord, openPlace, type Limits, type Place } from './place.ts';

export interface RunRequest {
  readonly scenarios: readonly Scenario[];
  /** Kernel specs, as given. */
  readonly kernels: readonly string[];
  /** Module name → file that replaces it. */
  readonly replace: Readonly<Record<string, string>>;
  /** Undefined: what each kernel's version suggests. */
  readonly profile: ProfileName | undefined;
  readonly accelerator: 'auto' | 'kvm' | 'tcg';
  /** Guests at once; undefined: what cores and memory allow. */
  readonly jobs: number | undefined;
  /** Boot each guest instead of cloning a template. */
  readonly fresh: boolean;
  /** Put several scenarios into one guest, one after the other; what does not agree is repeated alone. */
  readonly share: boolean;
  readonly mirror: string | undefined;
  readonly backend: Backend;
  readonly evidence: Evidence;
  readonly signal: AbortSignal;
  readonly observer: RunObserver;
}

/** Told of progress as it happens; none of it decides anything. */
export interface RunObserver {
  /** What is being done for a kernel, in a few words. */
  readonly onPhase: (spec: string, text: string) => void;
  /** Called when the kernel is found, and again with what was learnt when all its scenarios have ended. */
  readonly onKernel: (kernel: KernelRecord, ended: boolean) => void;
  /** A scenario's steps, all at once, in order. */
  readonly onScenario: (spec: string, scenario: string, records: readonly StepRecord[]) => void;
}

/**
 * Runs everything; results come through the observer. Throws UsageError as soon as one turns up, HarnessError when
 * evidence cannot be kept, or the signal's reason.
 */
export async function run(request: RunRequest): Promise<void> {
  const limits = { guests: pLimit(request.jobs ?? defaultJobs()), finding: pLimit(availableParallelism()) };
  const failure = new AbortController();
  const signal = AbortSignal.any([request.signal, failure.signal]);
  const booted = await Promise.all(
    request.kernels.map((spec) =>
      runKernel(spec, { ...request, signal }, limits).catch((error: unknown) => {
        failure.abort(error);
        return false;
      }),
    ),
  );
  signal.throwIfAborted();
  if (booted.includes(true)) await request.backend.tidy();
}

/** Whether a template had to be booted for it. */
async function runKernel(spec: string, request: RunRequest, limits: Limits): Promise<boolean> {
  const { signal, observer } = request;
  let opened: Place;
  try {
    opened = await openPlace(spec, { ...request, onPhase: observer.onPhase }, limits);
  } catch (error) {
    signal.throwIfAborted();
    await kernelNotHad(spec, request, error);
    return false;
  }
  await using place = opened;
  const suggested = profileOf(place.kernel);
  const profile = request.profile === undefined ? suggested : withStacking(suggested, request.profile);
  observer.onKernel(kernelRecord(place, profile), false);
  await runInGuests(request.scenarios, request.share, {
    place,
    behaviours: profile.behaviours,
    onEnded: (ended) => finish(ended, place, profile, request),
  });
  observer.onKernel(kernelRecord(place, profile), true);
  return place.booted;
}

/** A kernel that could not be fetched or read: nothing can be predicted of it, and no step is a pass. */
async function kernelNotHad(
  spec: string,
  { scenarios, evidence, observer }: RunRequest,
  error: unknown,
): Promise<void> {
  const verdict = verdictOfError(error);
  const kernel = {
    spec,
    release: 'unknown',
    origin: verdict.why,
    profile: 'unknown',
    profileOrigin: 'the kernel could not be had',
    replaced: [],
    notes: [],
  };
  observer.onKernel(kernel, false);
  for (const { name: scenario, steps } of scenarios) {
    const records = steps.map(({ name }) =>
      noPrediction({ kernel: spec, release: 'unknown', scenario, step: name }, verdict),
    );
    await evidence.keep(spec, scenario, records, undefined);
    observer.onScenario(spec, scenario, records);
  }
  observer.onKernel(kernel, true);
}

async function finish(
  { scenario, judgements, traces }: Ended,
  { spec, kernel }: Place,
  { behaviours }: Profile,
  { evidence, observer }: RunRequest,
): Promise<void> {
  const soundings = soundingsOf(scenario, judgements);
  const records = judgements.map((judgement) =>
    recordOf({ kernel: spec, release: kernel.release, scenario: scenario.name }, judgement, {
      instead: alternativeTo(judgement, scenario, judgements, behaviours),
      sounding: soundings.get(judgement.step),
      console: traces?.console,
    }),
  );
  await evidence.keep(spec, scenario.name, records, traces);
  observer.onScenario(spec, scenario.name, records);
}
