/** All kernels × scenarios: what runs where and when. */
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { RunOutcome } from '../../vm/machine.ts';
import { profileOf, withStacking, type Profile, type ProfileName } from '../model/profile.ts';
import { departures } from '../identify/identify.ts';
import { noPrediction } from '../report/record.ts';
import type { KernelRecord, StepRecord } from '../report/results.ts';
import type { Scenario } from '../scenario.ts';
import type { Backend } from './backend.ts';
import { bundleOf } from './bundle.ts';
import type { Evidence } from './evidence.ts';
import { identifyPlace } from './identify-place.ts';
import { runInGuests, type Ended } from './in-guests.ts';
import { defaultJobs } from './jobs.ts';
import { verdictOfError } from './not-tried.ts';
import { kernelRecord, openPlace, unknownKernel, type Limits, type Place } from './place.ts';
import { recordsOf } from './records.ts';
import { version } from './version.ts';
import { jointSignal } from './joint-signal.ts';

export interface RunRequest {
  readonly scenarios: readonly Scenario[];
  /** Kernel specs, as given. */
  readonly kernels: readonly string[];
  /** Module name → file that replaces it. */
  readonly replace: Readonly<Record<string, string>>;
  /** Undefined: what each kernel's version suggests; `auto`: what an experiment in the same guests finds. */
  readonly profile: ProfileName | 'auto' | undefined;
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
 * A kernel is looked for when the one before has begun its first guest, so that guests run while others are found; or
 * after this long, since those that have to be fetched or booted are so together. In ms.
 */
const HEAD_START_MS = 200;

function beginning(): { readonly begun: Promise<void>; readonly begin: () => void } {
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  return { begun, begin };
}

/**
 * Runs everything; results come through the observer. Throws UsageError as soon as one turns up, HarnessError when
 * evidence cannot be kept, or the signal's reason.
 */
export async function run(request: RunRequest): Promise<void> {
  const limits = { guests: pLimit(request.jobs ?? defaultJobs()), finding: pLimit(availableParallelism()) };
  const { signal, failure } = jointSignal(request.signal);
  let turn = Promise.resolve();
  const booted = await Promise.all(
    request.kernels.map((spec) => {
      const { begun, begin } = beginning();
      const running = turn
        .then(() => {
          signal.throwIfAborted();
          return runKernel(spec, { ...request, signal }, limits, begin);
        })
        .catch((error: unknown) => {
          failure.abort(error);
          return false;
        })
        .finally(begin);
      turn = turn.then(() => Promise.race([begun, delay(HEAD_START_MS)]));
      return running;
    }),
  );
  signal.throwIfAborted();
  if (booted.includes(true)) await request.backend.tidy();
}

/** Whether a template had to be booted for it. */
async function runKernel(spec: string, request: RunRequest, limits: Limits, onGuest: () => void): Promise<boolean> {
  const { signal, observer } = request;
  let opened: Place;
  try {
    opened = await openPlace(spec, { ...request, onPhase: observer.onPhase, onGuest }, limits);
  } catch (error) {
    signal.throwIfAborted();
    await kernelNotHad(spec, request, error);
    return false;
  }
  await using place = opened;
  const { profile, unfit } = await profileFor(place, request.profile);
  observer.onKernel(kernelRecord(place, profile), false);
  for (const ended of unfit) await finish(ended, place, profile, request);
  await runInGuests(request.scenarios, request.share, {
    place,
    behaviours: profile.behaviours,
    onEnded: (ended) => finish(ended, place, profile, request),
  });
  observer.onKernel(kernelRecord(place, profile), true);
  return place.booted;
}

/** The profile to judge by; of an experiment, the scenarios that it does not explain: they count like any other. */
async function profileFor(
  place: Place,
  wanted: RunRequest['profile'],
): Promise<{ readonly profile: Profile; readonly unfit: readonly Ended[] }> {
  const suggested = profileOf(place.kernel);
  if (wanted !== 'auto')
    return { profile: wanted === undefined ? suggested : withStacking(suggested, wanted), unfit: [] };
  const { identification, battery } = await identifyPlace(place);
  const unfit = battery.filter(({ judgements }) => judgements.some(({ verdict }) => verdict.kind !== 'agrees'));
  if (identification === undefined)
    return { profile: { ...suggested, origin: `${suggested.origin}, for no experiment could be made` }, unfit };
  for (const { facet, value, suggested: was } of departures(identification.findings))
    place.notes.push(`by experiment ${facet} is ${value}, and ${suggested.origin.replace(/^by /, '')} suggests ${was}`);
  return { profile: identification.profile, unfit };
}

/** A kernel that could not be fetched or read: nothing can be predicted of it, and no step is a pass. */
async function kernelNotHad(
  spec: string,
  { scenarios, evidence, observer }: RunRequest,
  error: unknown,
): Promise<void> {
  const verdict = verdictOfError(error);
  const kernel = unknownKernel(spec, verdict);
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
  place: Place,
  profile: Profile,
  { evidence, observer, profile: wanted }: RunRequest,
): Promise<void> {
  const { spec, kernel, accelerator } = place;
  const { behaviours } = profile;
  const where = { kernel: spec, release: kernel.release };
  const records = recordsOf(where, scenario, judgements, { behaviours, console: traces?.console });
  const by = wanted === undefined ? 'version' : wanted === 'auto' ? 'experiment' : 'name';
  const { replaced } = kernelRecord(place, profile);
  const bundle = (outcome: RunOutcome) => () =>
    bundleOf({
      fathom: version(),
      recordedAt: new Date(),
      scenario,
      kernel,
      replaced,
      accelerator,
      profile,
      by,
      outcome,
    });
  try {
    await evidence.keep(
      spec,
      scenario.name,
      records,
      traces === undefined ? undefined : { ...traces, bundle: bundle(traces.outcome) },
    );
  } finally {
    // What cannot be kept can still be told.
    observer.onScenario(spec, scenario.name, records);
  }
}
