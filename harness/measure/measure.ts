/** Takes stack tables: subjects × repetitions, each from a fresh clone of a template whose tracer is on. */
import pLimit, { type LimitFunction } from 'p-limit';
import {
  diskDevice,
  HarnessError,
  UsageError,
  type BuiltDisk,
  type Kernel,
  type KernelMessage,
  type Plan,
  type RunOutcome,
  type Shape,
  type Template,
} from '../../vm/machine.ts';
import { judgeRun } from '../judge/judge.ts';
import { predict } from '../model/predict.ts';
import { isNoise } from '../observe/noise.ts';
import { profileOf } from '../model/profile.ts';
import { allOrFirstError } from '../run/all-or-first-error.ts';
import type { Backend } from '../run/backend.ts';
import { digest } from '../run/digest.ts';
import { CORE_MODULES, shapeOf, STACK_TRACER } from '../run/groups.ts';
import { defaultJobs } from '../run/jobs.ts';
import { moduleRefusal, verdictOfError } from '../run/not-tried.ts';
import { jointSignal } from '../run/joint-signal.ts';
import { needsOf } from '../topology/lower.ts';
import { isReadOnly } from '../topology/validate.ts';
import { COUNTERS, OURS, planOf, scenarioOf, TRACE } from './measured-plan.ts';
import { labelOf, type Failure, type Measurement, type Sample, type Subject } from './measurement.ts';

export interface MeasureRequest {
  readonly subjects: readonly Subject[];
  /** Clones for each subject, at least 1. */
  readonly repeat: number;
  /** Module name → file that replaces it. */
  readonly replace: Readonly<Record<string, string>>;
  readonly accelerator: 'auto' | 'kvm' | 'tcg';
  readonly cpus: number;
  readonly jobs: number | undefined;
  readonly mirror: string | undefined;
  readonly backend: Backend;
  readonly signal: AbortSignal;
  readonly observer: MeasureObserver;
}

/** Told of progress as it happens. */
export interface MeasureObserver {
  readonly onPhase: (subject: Subject, text: string) => void;
  /** One clone has ended; `trace` is what it leaves as evidence. Awaited, so that nothing measured is lost. */
  readonly onClone: (
    subject: Subject,
    number: number,
    result: Sample | Failure,
    trace: Trace | undefined,
  ) => Promise<void>;
  /** What there is of a subject; called after each clone, so that an interrupted run can still tell. */
  readonly onMeasurement: (measurement: Measurement) => void;
}

export interface Trace {
  readonly plan: Plan;
  readonly outcome: RunOutcome;
  readonly console: string;
}

/** Time for one step, in ms, before it is scaled by the machine's slowdown. The tracer makes all calls slower. */
const STEP_DEADLINE_MS = 10_000;

/** In the order of the subjects. Throws UsageError as soon as one turns up, or the signal's reason. */
export async function measure(request: MeasureRequest): Promise<readonly Measurement[]> {
  const guests = pLimit(request.jobs ?? defaultJobs());
  const { signal, failure } = jointSignal(request.signal);
  const kernels = new Map<string, KernelUnderTest>();
  for (const { kernel } of request.subjects)
    if (!kernels.has(kernel)) kernels.set(kernel, new KernelUnderTest(kernel, { ...request, signal }, guests));
  try {
    const measured = await Promise.allSettled(
      request.subjects.map((subject) =>
        kernels
          .get(subject.kernel)!
          .measure(subject)
          .catch((error: unknown) => {
            failure.abort(error);
            throw error;
          }),
      ),
    );
    signal.throwIfAborted();
    return measured.map((result) => {
      if (result.status === 'rejected') throw result.reason;
      return result.value;
    });
  } finally {
    for (const kernel of kernels.values()) await kernel[Symbol.asyncDispose]();
  }
}

/** One kernel, found once, and its templates, one a shape. */
class KernelUnderTest implements AsyncDisposable {
  readonly #spec: string;
  readonly #request: MeasureRequest;
  readonly #guests: LimitFunction;
  readonly #templates = new Map<string, Promise<Template>>();
  #kernel: Promise<Kernel> | undefined;

  constructor(spec: string, request: MeasureRequest, guests: LimitFunction) {
    this.#spec = spec;
    this.#request = request;
    this.#guests = guests;
  }

  async measure(subject: Subject): Promise<Measurement> {
    const { signal, repeat } = this.#request;
    const samples: Sample[] = [];
    const failures: Failure[] = [];
    let release = 'unknown';
    let accelerator = 'none';
    const told = async (number: number, result: Sample | Failure, trace?: Trace): Promise<void> => {
      if ('kind' in result) failures.push(result);
      else samples.push(result);
      this.#request.observer.onMeasurement({ subject, release, accelerator, samples, failures });
      await this.#request.observer.onClone(subject, number, result, trace);
    };
    try {
      const kernel = await this.#found(subject);
      release = kernel.release;
      const needs = needsOf(scenarioOf(subject.mount));
      const disks = await Promise.all(needs.disks.map((disk) => this.#request.backend.buildDisk(disk, { signal })));
      const shape = shapeFor(subject, needs.modules, disks, this.#request.cpus);
      const template = await this.#template(subject, kernel, shape);
      accelerator = template.accelerator;
      const one = async (number: number): Promise<void> => {
        // What cannot be done once cannot be done a hundred times.
        if (failures.length > 0 && samples.length === 0) return;
        signal.throwIfAborted();
        this.#request.observer.onPhase(subject, `run ${number} of ${repeat}`);
        const { result, trace } = await this.#once(subject, kernel, template, disks);
        await told(number, result, trace);
      };
      await allOrFirstError(Array.from({ length: repeat }, (_, n) => this.#guests(() => one(n + 1))));
    } catch (error) {
      signal.throwIfAborted();
      await told(samples.length + failures.length + 1, failureOf(error));
    }
    return { subject, release, accelerator, samples, failures };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const template of this.#templates.values())
      await template.then(
        (made) => made[Symbol.asyncDispose](),
        () => undefined,
      );
  }

  #found(subject: Subject): Promise<Kernel> {
    const { backend, replace, mirror, signal, observer } = this.#request;
    return (this.#kernel ??= backend.findKernel(this.#spec, {
      replace,
      mirror,
      signal,
      onProgress: (text) => observer.onPhase(subject, text),
    }));
  }

  #template(subject: Subject, kernel: Kernel, shape: Shape): Promise<Template> {
    const { backend, accelerator, signal, observer } = this.#request;
    const key = JSON.stringify(shape);
    const known = this.#templates.get(key);
    if (known !== undefined) return known;
    const making = this.#guests(() =>
      backend.prepareTemplate({
        kernel,
        shape,
        accelerator,
        fresh: false,
        signal,
        onProgress: (text) => observer.onPhase(subject, text),
      }),
    );
    this.#templates.set(key, making);
    return making;
  }

  async #once(
    subject: Subject,
    kernel: Kernel,
    template: Template,
    disks: readonly BuiltDisk[],
  ): Promise<{ readonly result: Sample | Failure; readonly trace?: Trace }> {
    const { signal } = this.#request;
    const from = performance.now();
    const plan = planOf(subject, {
      device: (index) => diskDevice(index, subject.device),
      verity: (index) => disks[index]?.verity,
      deadlineMs: Math.ceil(STEP_DEADLINE_MS * template.slowdown),
    });
    try {
      await using machine = await template.clone(disks, { signal });
      const refused = moduleRefusal(machine.hello);
      if (refused !== undefined) return { result: { kind: 'unsupported', why: refused.why } };
      // The guest is thrown away, and with it what it has mounted.
      const outcome = await machine.run(plan, { signal, until: plan.steps.at(-1)!.id });
      signal.throwIfAborted();
      const durationMs = Math.round(performance.now() - from);
      const trace = { plan, outcome, console: await machine.console() };
      return { result: resultOf(subject, kernel, trace, durationMs), trace };
    } catch (error) {
      signal.throwIfAborted();
      return { result: failureOf(error) };
    }
  }
}

/** Of guests for a subject. */
export function shapeFor(
  { pressure, device }: Subject,
  modules: readonly string[],
  disks: readonly BuiltDisk[],
  cpus: number,
): Shape {
  const needed = [...new Set([...CORE_MODULES, ...modules, ...pressure.modules])].sort();
  return {
    ...shapeOf([], needed),
    // Every slot takes its part of a clone's time; these shapes have few scenarios to share a template with.
    slots: disks.map(({ sizeBytes }) => ({ sizeBytes })),
    ...STACK_TRACER,
    needsConfig: [...STACK_TRACER.needsConfig, ...pressure.config],
    cpus,
    device,
  };
}

function resultOf(subject: Subject, kernel: Kernel, { outcome, console }: Trace, durationMs: number): Sample | Failure {
  if (outcome.kind === 'crashed')
    return { kind: 'crashed', title: outcome.title, why: `the kernel died in "${outcome.step ?? '?'}"`, console };
  if (outcome.kind === 'hung') return { kind: 'hung', why: `"${outcome.step ?? '?'}": ${outcome.where}`, console };
  if (outcome.kind === 'lost') return { kind: 'broken', why: outcome.reason };
  const predictions = predict(scenarioOf(subject.mount), profileOf(kernel).behaviours);
  const bad = judgeRun(predictions, outcome, digest).find(({ verdict }) => verdict.kind !== 'agrees');
  if (bad !== undefined) {
    // What could not be tried is not the kernel's doing.
    const { kind, why } = bad.verdict;
    return { kind: kind === 'disagrees' || kind === 'unsupported' ? kind : 'broken', why: `${bad.step}: ${why}` };
  }
  const results = new Map(outcome.results.map((result) => [result.step, result]));
  const refused = predictions.find(({ step }) => results.get(step)?.ok === false);
  if (refused !== undefined) {
    const { prediction } = refused;
    return { kind: 'refused', why: 'why' in prediction ? `${refused.step}: ${prediction.why}` : refused.step };
  }
  const turnedDown = results.get(TRACE);
  if (turnedDown?.errno !== undefined && mayRefuse(subject, turnedDown.errno) && turnedDown.call !== 'stack tracer')
    return {
      kind: 'refused',
      why: `${turnedDown.call ?? '?'} gives ${turnedDown.errno}: this kernel does not do that on such a file`,
    };
  const failed = outcome.results.find(({ ok }) => !ok);
  if (failed !== undefined)
    return {
      kind: 'broken',
      why: `${failed.step.replace(/^measure: /, '')} failed: ${failed.call ?? '?'} gave ${failed.errno ?? '?'}`,
    };
  const { trace, performed } = results.get(TRACE)!;
  if (trace === undefined) throw new HarnessError(`${labelOf(subject)}: the agent traced nothing`);
  return {
    table: trace.table,
    maxSizeBytes: trace.maxSizeBytes,
    performed: performed ?? 0,
    counters: risen(results.get(COUNTERS.before)?.counters, results.get(COUNTERS.after)?.counters),
    warnings: outcome.results
      .filter(({ step }) => step.startsWith(OURS))
      .flatMap(({ messages }) => warningsIn(messages)),
    durationMs,
  };
}

/** Whether this is the kernel's right answer to the operation there: a mount to read takes no write. */
function mayRefuse({ mount, operation }: Subject, errno: string): boolean {
  return operation.refusals.includes(errno) || (errno === 'EROFS' && operation.writes && isReadOnly(mount));
}

function warningsIn(messages: readonly KernelMessage[]): readonly string[] {
  return messages
    .filter(({ level, facility, text }) => level <= 4 && facility === 0 && !isNoise(text))
    .map(({ text }) => text);
}

/** Of what is counted; the rest are levels, and may fall. */
function risen(
  before: Readonly<Record<string, number>> = {},
  after: Readonly<Record<string, number>> = {},
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(after)
      .filter(([name]) => !name.startsWith('nr_') || name === 'nr_dirtied' || name === 'nr_written')
      .map(([name, value]) => [name, value - (before[name] ?? 0)]),
  );
}

function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) throw error;
  const verdict = verdictOfError(error);
  switch (verdict.kind) {
    case 'crashed':
      return {
        kind: 'crashed',
        title: verdict.title,
        why: 'the kernel died while it booted',
        console: verdict.consoleTail,
      };
    case 'hung':
      return { kind: 'hung', why: verdict.why, console: verdict.consoleTail };
    case 'unsupported':
      return { kind: 'unsupported', why: verdict.why };
    case 'agrees':
    case 'disagrees':
    case 'broken':
      return { kind: 'broken', why: verdict.why };
  }
  return verdict satisfies never;
}
