/** The same scenarios on two kernels, each identified first, so that the model can say why they differ. */
import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import {
  changedBehaviours,
  compare,
  type BehaviourChange,
  type Comparison,
  type Pair,
  type Run,
} from '../diff/compare.ts';
import { profileOf, type Profile } from '../model/profile.ts';
import type { KernelRecord } from '../report/results.ts';
import type { Scenario } from '../scenario.ts';
import { departures } from '../identify/identify.ts';
import { identifyPlace } from './identify-place.ts';
import { runInGuests } from './in-guests.ts';
import { defaultJobs } from './jobs.ts';
import { kernelRecord, openPlace, type Limits, type PlaceRequest } from './place.ts';
import { jointSignal } from './joint-signal.ts';

export interface DiffRequest extends Omit<PlaceRequest, 'replace'> {
  readonly scenarios: readonly Scenario[];
  readonly sides: Pair<SideRequest>;
  readonly jobs: number | undefined;
  readonly onScenario: (spec: string, name: string) => void;
}

export interface SideRequest {
  /** Kernel spec, as given. */
  readonly spec: string;
  /** Module name → file that replaces it. */
  readonly replace: Readonly<Record<string, string>>;
}

export interface Compared {
  readonly kernels: Pair<KernelRecord>;
  readonly behaviours: readonly BehaviourChange[];
  readonly comparison: Comparison;
}

/** Throws what openPlace throws (nothing can be compared with a kernel that cannot be had), or the signal's reason. */
export async function diffKernels(request: DiffRequest): Promise<Compared> {
  const limits: Limits = { guests: pLimit(request.jobs ?? defaultJobs()), finding: pLimit(availableParallelism()) };
  const { signal, failure } = jointSignal(request.signal);
  const sides = await Promise.allSettled(
    request.sides.map((side) =>
      runSide(side, { ...request, signal }, limits).catch((error: unknown) => {
        failure.abort(error);
        throw error;
      }),
    ),
  );
  request.signal.throwIfAborted();
  const [before, after] = sides.map((side) => {
    if (side.status === 'rejected') throw failure.signal.reason;
    return side.value;
  }) as unknown as Pair<Side>;
  if (before.booted || after.booted) await request.backend.tidy();
  const behaviours: Pair<Profile['behaviours']> = [before.profile.behaviours, after.profile.behaviours];
  const all = request.scenarios.map((scenario) =>
    compare(scenario, [before.runs.get(scenario.name)!, after.runs.get(scenario.name)!], behaviours),
  );
  return {
    kernels: [before.kernel, after.kernel],
    behaviours: changedBehaviours(behaviours).map(({ behaviour, before: was, after: is }) => ({
      behaviour,
      before: was,
      after: is,
    })),
    comparison: {
      differences: all.flatMap(({ differences }) => differences),
      notCompared: all.flatMap(({ notCompared }) => notCompared),
      steps: all.reduce((sum, { steps }) => sum + steps, 0),
    },
  };
}

interface Side {
  readonly kernel: KernelRecord;
  readonly profile: Profile;
  readonly runs: ReadonlyMap<string, Run>;
  readonly booted: boolean;
}

async function runSide(
  { spec, replace }: SideRequest,
  request: Omit<DiffRequest, 'sides'>,
  limits: Limits,
): Promise<Side> {
  await using place = await openPlace(spec, { ...request, replace }, limits);
  const { identification } = await identifyPlace(place);
  const profile = identification?.profile ?? profileOf(place.kernel);
  for (const { facet, value, suggested } of departures(identification?.findings ?? []))
    place.notes.push(
      `${facet} is ${value}, and ${identification!.suggested.origin.replace(/^by /, '')} suggests ${suggested}`,
    );
  const runs = new Map<string, Run>();
  await runInGuests(request.scenarios, false, {
    place,
    behaviours: profile.behaviours,
    onEnded: ({ scenario, judgements, traces, lacking }) => {
      runs.set(scenario.name, { judgements, outcome: traces?.outcome, lacking: lacking ?? false });
      request.onScenario(spec, scenario.name);
      return Promise.resolve();
    },
  });
  return { kernel: kernelRecord(place, profile), profile, runs, booted: place.booted };
}
