/** All kernels × scenarios: what runs where and when. */
import { availableParallelism } from 'node:os';
import pLimit, { type LimitFunction } from 'p-limit';
import {
  diskDevice,
  type BuiltDisk,
  type Kernel,
  type Machine,
  type RunOutcome,
  type Template,
} from '../../vm/machine.ts';
import { alternativeTo } from '../judge/alternative.ts';
import { judgeRun, type Judgement } from '../judge/judge.ts';
import { soundingsOf } from '../judge/sounding.ts';
import { predict } from '../model/predict.ts';
import { profileOf, withStacking, type Profile, type ProfileName } from '../model/profile.ts';
import { noPrediction, recordOf } from '../report/record.ts';
import type { KernelRecord, StepRecord } from '../report/results.ts';
import type { Scenario } from '../scenario.ts';
import { lower, needsOf } from '../topology/lower.ts';
import { allOrFirstError } from './all-or-first-error.ts';
import type { Backend } from './backend.ts';
import { digest } from './digest.ts';
import type { Evidence } from './evidence.ts';
import { groupsOf, type Group } from './groups.ts';
import { defaultJobs } from './jobs.ts';
import { moduleRefusal, verdictOfError, without } from './not-tried.ts';

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

/** Time for one step, in ms, before it is scaled by the machine's slowdown: a mount takes a few. */
const STEP_DEADLINE_MS = 5_000;

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

/** How much goes on at once: guests that run, kernels that are fetched and unpacked. */
interface Limits {
  readonly guests: LimitFunction;
  readonly finding: LimitFunction;
}

/** Whether a template had to be booted for it. */
async function runKernel(spec: string, request: RunRequest, { guests, finding }: Limits): Promise<boolean> {
  const { signal, observer } = request;
  let kernel: Kernel;
  try {
    kernel = await finding(() => {
      observer.onPhase(spec, 'looking for the kernel');
      const { replace, mirror } = request;
      return request.backend.findKernel(spec, {
        replace,
        mirror,
        signal,
        onProgress: (text) => observer.onPhase(spec, text),
      });
    });
  } catch (error) {
    signal.throwIfAborted();
    await kernelNotHad(spec, request, error);
    return false;
  }
  const suggested = profileOf(kernel);
  const profile = request.profile === undefined ? suggested : withStacking(suggested, request.profile);
  const place: Place = { spec, kernel, profile, request, guests, templates: new Map(), notes: [], booted: false };
  observer.onKernel(kernelRecord(place), false);
  try {
    await allOrFirstError(groupsOf(request.scenarios, request.share).map((group) => runGroup(group, place)));
  } finally {
    for (const template of place.templates.values())
      await template.then(
        (made) => made[Symbol.asyncDispose](),
        () => undefined,
      );
  }
  observer.onKernel(kernelRecord(place), true);
  return place.booted;
}

function kernelRecord({ spec, kernel, profile, request, accelerator, notes }: Place): KernelRecord {
  return {
    spec,
    release: kernel.release,
    origin: kernel.origin,
    profile: profile.name,
    profileOrigin: profile.origin,
    replaced: Object.entries(request.replace).map(([name, file]) => `${name}=${file}`),
    ...(accelerator === undefined ? {} : { accelerator }),
    notes: [...new Set(notes)],
  };
}

/** One kernel under test, and what its groups share. */
interface Place {
  readonly spec: string;
  readonly kernel: Kernel;
  readonly profile: Profile;
  readonly request: RunRequest;
  readonly guests: LimitFunction;
  readonly templates: Map<string, Promise<Template>>;
  readonly notes: string[];
  accelerator?: string;
  booted: boolean;
}

/** A scenario and its disks, ready to go into a guest. */
interface Prepared {
  readonly scenario: Scenario;
  readonly disks: readonly BuiltDisk[];
}

async function runGroup(group: Group, place: Place): Promise<void> {
  const { signal, backend } = place.request;
  const ready: Prepared[] = [];
  for (const scenario of group.scenarios) {
    try {
      const disks = await Promise.all(needsOf(scenario).disks.map((disk) => backend.buildDisk(disk, { signal })));
      ready.push({ scenario, disks });
    } catch (error) {
      await finish(place, scenario, failedBefore(place, scenario, error), undefined);
    }
  }
  if (ready.length === 0) return;
  let template: Template;
  try {
    await place.kernel.modules(group.shape.modules);
    template = await templateFor(group, place);
  } catch (error) {
    for (const { scenario } of ready) await finish(place, scenario, failedBefore(place, scenario, error), undefined);
    return;
  }
  let rest: readonly Prepared[] = ready;
  while (rest.length > 0) {
    signal.throwIfAborted();
    const here = rest;
    rest = await place.guests(() => runInGuest(here, template, place));
  }
}

function templateFor(group: Group, place: Place): Promise<Template> {
  const { kernel, request, guests, templates, spec } = place;
  const key = JSON.stringify(group.shape);
  const known = templates.get(key);
  if (known !== undefined) return known;
  const making = guests(() =>
    request.backend.prepareTemplate({
      kernel,
      shape: group.shape,
      accelerator: request.accelerator,
      fresh: request.fresh,
      signal: request.signal,
      onProgress: (text) => request.observer.onPhase(spec, text),
    }),
  );
  templates.set(key, making);
  return making;
}

/**
 * Runs scenarios in one guest until one of them does not agree or leaves it unclean; what is left over goes into the
 * next guest. Only the first in a guest may disagree: any other is left over too, so that it is judged alone.
 */
async function runInGuest(
  members: readonly Prepared[],
  template: Template,
  place: Place,
): Promise<readonly Prepared[]> {
  const { request } = place;
  const { signal } = request;
  place.accelerator = template.accelerator;
  if (template.bootMs !== undefined) place.booted = true;
  if (template.bootMs === undefined && request.fresh)
    request.observer.onPhase(place.spec, `booting ${place.kernel.release}`);
  let machine: Machine;
  try {
    machine = await template.clone(
      members.flatMap(({ disks }) => disks),
      { signal },
    );
  } catch (error) {
    const [first, ...rest] = members;
    if (first !== undefined) await finish(place, first.scenario, failedBefore(place, first.scenario, error), undefined);
    return rest;
  }
  await using guest = machine;
  if (guest.start.because !== undefined) place.notes.push(guest.start.because);
  let firstSlot = 0;
  for (const [index, { scenario, disks }] of members.entries()) {
    request.observer.onPhase(place.spec, scenario.name);
    const predictions = predict(scenario, place.profile.behaviours);
    const refused = moduleRefusal(guest.hello);
    if (refused !== undefined) {
      await finish(place, scenario, without(predictions, refused), undefined);
      continue;
    }
    const first = firstSlot;
    firstSlot += disks.length;
    const deadlineMs = Math.ceil(STEP_DEADLINE_MS * template.slowdown);
    const device = (disk: number): string => diskDevice(first + disk, template.shape.device);
    const plan = lower(scenario, { id: scenario.name, verity: (disk) => disks[disk]?.verity, device, deadlineMs });
    const outcome = await guest.run(plan, { signal });
    signal.throwIfAborted();
    const judgements = judgeRun(predictions, outcome, digest);
    const agreed = judgements.every(({ verdict }) => verdict.kind === 'agrees');
    if (!agreed && index > 0) {
      const why = judgements.find(({ verdict }) => verdict.kind !== 'agrees')?.verdict.why ?? '';
      place.notes.push(`${scenario.name} did not agree in a guest shared with others, and was repeated alone: ${why}`);
      return members.slice(index);
    }
    await finish(place, scenario, judgements, { plan, outcome, console: await guest.console() });
    if (!agreed) return members.slice(index + 1);
  }
  return [];
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

/** The verdicts of a scenario that could not be tried, whoever's fault that is. */
function failedBefore(place: Place, scenario: Scenario, error: unknown): readonly Judgement[] {
  place.request.signal.throwIfAborted();
  return without(predict(scenario, place.profile.behaviours), verdictOfError(error));
}

async function finish(
  { spec, kernel, profile, request }: Place,
  scenario: Scenario,
  judgements: readonly Judgement[],
  traces:
    { readonly plan: ReturnType<typeof lower>; readonly outcome: RunOutcome; readonly console: string } | undefined,
): Promise<void> {
  const soundings = soundingsOf(scenario, judgements);
  const records = judgements.map((judgement) =>
    recordOf({ kernel: spec, release: kernel.release, scenario: scenario.name }, judgement, {
      instead: alternativeTo(judgement, scenario, judgements, profile.behaviours),
      sounding: soundings.get(judgement.step),
      console: traces?.console,
    }),
  );
  await request.evidence.keep(spec, scenario.name, records, traces);
  request.observer.onScenario(spec, scenario.name, records);
}
