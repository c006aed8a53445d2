/** Scenarios in the guests of one kernel: each is predicted, run and judged, whatever becomes of the judgement. */
import {
  UnsupportedError,
  type BuiltDisk,
  type Machine,
  type Plan,
  type RunOutcome,
  type Template,
} from '../../vm/machine.ts';
import { judgeRun, type Judgement } from '../judge/judge.ts';
import type { Behaviours } from '../model/behaviour.ts';
import { predict } from '../model/predict.ts';
import type { Scenario } from '../scenario.ts';
import { lower } from '../topology/lower.ts';
import { allOrFirstError } from './all-or-first-error.ts';
import { digest } from './digest.ts';
import { disksFor } from './disks.ts';
import { groupsOf, type Group } from './groups.ts';
import { moduleRefusal, verdictOfError, without } from './not-tried.ts';
import { templateFor, type Place } from './place.ts';

/** A scenario that has ended. */
export interface Ended {
  readonly scenario: Scenario;
  readonly judgements: readonly Judgement[];
  /** Undefined where no guest ran it. */
  readonly traces: EndedTraces | undefined;
  /** It was not run since the kernel has not the modules that it needs. */
  readonly lacking?: true;
}

export interface EndedTraces {
  readonly plan: Plan;
  readonly outcome: RunOutcome;
  readonly console: string;
}

/** What is to be run on a kernel, and who is told of it. */
export interface Task {
  readonly place: Place;
  readonly behaviours: Behaviours;
  readonly onEnded: (ended: Ended) => Promise<void>;
}

/** Time for one step, in ms, before it is scaled by the machine's slowdown: a mount takes a few. */
const STEP_DEADLINE_MS = 5_000;

/** `share`: several scenarios in one guest, one after the other; what does not agree is repeated alone. */
export async function runInGuests(scenarios: readonly Scenario[], share: boolean, task: Task): Promise<void> {
  await allOrFirstError(groupsOf(scenarios, share).map((group) => runGroup(group, task)));
}

/** A scenario and its disks, ready to go into a guest. */
interface Prepared {
  readonly scenario: Scenario;
  readonly disks: readonly BuiltDisk[];
}

async function runGroup(group: Group, task: Task): Promise<void> {
  const { place } = task;
  const { signal, backend } = place.request;
  try {
    await place.kernel.modules(group.shape.modules);
  } catch (error) {
    const lacking = error instanceof UnsupportedError;
    for (const scenario of group.scenarios) await notTried(task, scenario, error, lacking);
    return;
  }
  // A template takes a boot, and disks are built meanwhile.
  const making = templateFor(group, place);
  making.catch(() => undefined);
  const prepared = await Promise.allSettled(
    group.scenarios.map(async (scenario) => ({ scenario, disks: await disksFor(scenario, backend, signal) })),
  );
  const ready: Prepared[] = [];
  for (const [index, result] of prepared.entries()) {
    if (result.status === 'fulfilled') ready.push(result.value);
    else await notTried(task, group.scenarios[index]!, result.reason);
  }
  if (ready.length === 0) return;
  let template: Template;
  try {
    template = await making;
  } catch (error) {
    for (const { scenario } of ready) await notTried(task, scenario, error);
    return;
  }
  let rest: readonly Prepared[] = ready;
  while (rest.length > 0) {
    signal.throwIfAborted();
    const here = rest;
    rest = await place.guests(() => runInGuest(here, template, task));
  }
}

/**
 * Runs scenarios in one guest until one of them does not agree or leaves it unclean; what is left over goes into the
 * next guest. Only the first in a guest may disagree: any other is left over too, so that it is judged alone.
 */
async function runInGuest(members: readonly Prepared[], template: Template, task: Task): Promise<readonly Prepared[]> {
  const { place, behaviours, onEnded } = task;
  const { request } = place;
  const { signal } = request;
  place.accelerator = template.accelerator;
  if (template.bootMs !== undefined) place.booted = true;
  if (template.bootMs === undefined && request.fresh) request.onPhase(place.spec, `booting ${place.kernel.release}`);
  request.onGuest?.();
  let machine: Machine;
  try {
    machine = await template.clone(
      members.flatMap(({ disks }) => disks),
      { signal },
    );
  } catch (error) {
    const [first, ...rest] = members;
    if (first !== undefined) await notTried(task, first.scenario, error);
    return rest;
  }
  await using guest = machine;
  if (guest.start.because !== undefined) place.notes.push(guest.start.because);
  let firstSlot = 0;
  for (const [index, { scenario, disks }] of members.entries()) {
    request.onPhase(place.spec, scenario.name);
    const predictions = predict(scenario, behaviours);
    const refused = moduleRefusal(guest.hello);
    if (refused !== undefined) {
      await onEnded({ scenario, judgements: without(predictions, refused), traces: undefined });
      continue;
    }
    const first = firstSlot;
    firstSlot += disks.length;
    const deadlineMs = Math.ceil(STEP_DEADLINE_MS * template.slowdown);
    const device = (disk: number): string => guest.device(first + disk);
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
    await onEnded({ scenario, judgements, traces: { plan, outcome, console: await guest.console() } });
    if (!agreed) return members.slice(index + 1);
  }
  return [];
}

/** A scenario that could not be tried, whoever's fault that is. */
async function notTried(
  { place, behaviours, onEnded }: Task,
  scenario: Scenario,
  error: unknown,
  lacking = false,
): Promise<void> {
  place.request.signal.throwIfAborted();
  const judgements = without(predict(scenario, behaviours), verdictOfError(error));
  await onEnded({ scenario, judgements, traces: undefined, ...(lacking ? { lacking } : {}) });
}
