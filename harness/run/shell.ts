/** A scenario's mounts in a guest, and a shell among them. */
import pLimit from 'p-limit';
import type { Duplex } from 'node:stream';
import {
  HarnessError,
  UsageError,
  type Machine,
  type Operation,
  type Plan,
  type RunOutcome,
  type StepResult,
} from '../../vm/machine.ts';
import type { Scenario } from '../scenario.ts';
import { lower } from '../topology/lower.ts';
import { disksFor } from './disks.ts';
import { groupsOf } from './groups.ts';
import { openPlace, type PlaceRequest } from './place.ts';

export interface ShellRequest {
  readonly scenario: Scenario;
  /** Kernel spec. */
  readonly kernel: string;
  /** The last step that is carried out; undefined: all are. */
  readonly until: string | undefined;
  /** Static programs, by the name that they get in /bin; `busybox` is one of them. */
  readonly programs: ReadonlyMap<string, string>;
  readonly place: Omit<PlaceRequest, 'fresh'>;
  readonly terminal: UserTerminal;
}

/** The user's end. */
export interface UserTerminal {
  /** What `TERM` is to be. */
  readonly type: string;
  readonly rows: number;
  readonly columns: number;
  /** Commands for the shell in place of what is typed; undefined: it is interactive. */
  readonly commands: string | undefined;
  /** Called once, when the steps are done and before the shell has the terminal. */
  readonly onReady: (done: readonly Done[], release: string) => void;
  /** Connects the user; resolves when the machine's end has ended and all that it said is out. */
  readonly connect: (machine: Duplex) => Promise<void>;
}

/** A step that was carried out, or tried. */
export interface Done {
  readonly step: string;
  readonly result: StepResult;
  /** Where it mounts; undefined for what mounts nothing. */
  readonly target: string | undefined;
}

const SHELL_STEP = 'shell';
/** The longest that a step may take, in ms: a day. */
const SHELL_DEADLINE_MS = 86_400_000;
/** Time for one step, in ms, before it is scaled by the machine's slowdown. */
const STEP_DEADLINE_MS = 5_000;

/**
 * Boots a guest, carries out the steps and gives the terminal to a shell until that ends.
 * Throws UsageError for a step that the scenario has not, and what finding the kernel and booting it throw.
 */
export async function openShell(request: ShellRequest): Promise<RunOutcome> {
  const { kernel, place: placeRequest, programs, terminal } = request;
  const { signal, backend, accelerator, onPhase } = placeRequest;
  const scenario = upTo(request.scenario, request.until);
  const limits = { guests: pLimit(1), finding: pLimit(1) };
  await using place = await openPlace(kernel, { ...placeRequest, fresh: true }, limits);
  const [group] = groupsOf([scenario], false);
  const { shape } = group!;
  const disks = await disksFor(scenario, backend, signal);
  await using template = await backend.prepareTemplate({
    kernel: place.kernel,
    shape,
    accelerator,
    fresh: true,
    terminal: { programs },
    signal,
    onProgress: (text) => onPhase(kernel, text),
  });
  onPhase(kernel, `booting ${place.kernel.release}`);
  const machine = await template.clone(disks, { signal });
  let connected: Promise<void> | undefined;
  try {
    const plan = withShell(
      lower(scenario, {
        id: scenario.name,
        verity: (disk) => disks[disk]?.verity,
        device: (disk) => machine.device(disk),
        deadlineMs: Math.ceil(STEP_DEADLINE_MS * template.slowdown),
      }),
      terminal,
    );
    const done: Done[] = [];
    const outcome = await machine.run(plan, {
      signal,
      until: SHELL_STEP,
      onResult: (result) => {
        if (result.step === SHELL_STEP) return;
        done.push({ step: result.step, result, target: targetOf(plan.steps[done.length]?.operation) });
        if (done.length < plan.steps.length - 1) return;
        terminal.onReady(done, place.kernel.release);
        connected = terminal.connect(endOf(machine));
      },
    });
    signal.throwIfAborted();
    return outcome;
  } finally {
    await machine[Symbol.asyncDispose]();
    await connected;
  }
}

function endOf({ terminal }: Machine): Duplex {
  if (terminal === undefined) throw new HarnessError('a terminal was asked for, and the machine has none');
  return terminal;
}

function upTo(scenario: Scenario, until: string | undefined): Scenario {
  if (until === undefined) return scenario;
  const last = scenario.steps.findIndex(({ name }) => name === until);
  if (last === -1)
    throw new UsageError(
      `${scenario.name} has no step "${until}"; it has: ${scenario.steps.map(({ name }) => `"${name}"`).join(', ')}`,
    );
  return { ...scenario, steps: scenario.steps.slice(0, last + 1) };
}

function withShell(plan: Plan, { type, rows, columns, commands }: UserTerminal): Plan {
  const script = [
    'export PATH=/bin HOME=/ PS1="fathom# "',
    `export TERM=${/^[\w.+-]+$/.test(type) ? type : 'dumb'}`,
    '/bin/busybox --install -s /bin',
    commands ?? 'exec /bin/busybox sh -i',
  ].join('\n');
  const operation: Operation = { op: 'shell', script, rows, columns, raw: commands !== undefined };
  return { ...plan, steps: [...plan.steps, { id: SHELL_STEP, needs: [], deadlineMs: SHELL_DEADLINE_MS, operation }] };
}

function targetOf(operation: Operation | undefined): string | undefined {
  switch (operation?.op) {
    case 'mount':
    case 'fsmount':
    case 'bind':
    case 'mount-by':
    case 'fuse':
      return operation.target;
    default:
      return undefined;
  }
}
