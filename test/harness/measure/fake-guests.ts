/**
 * Guests that are measured in microseconds: each clone answers as 6.18.9 would, with the mail's table, or as the test
 * says. For the logic of measuring alone; the real thing is measured beside it.
 */
import type { MeasureObserver } from '../../../harness/measure/measure.ts';
import { measure, type Trace } from '../../../harness/measure/measure.ts';
import { scenarioOf, TRACE } from '../../../harness/measure/measured-plan.ts';
import type { Failure, Measurement, Sample, Subject } from '../../../harness/measure/measurement.ts';
import type { Backend } from '../../../harness/run/backend.ts';
import { diskDevice, UnsupportedError, UsageError } from '../../../vm/machine.ts';
import type { Machine, Plan, RunOutcome, Shape, StepResult, Template } from '../../../vm/machine.ts';
import { fakeBackend, honest, kernel } from '../run/fake-backend.ts';
import { read } from '../stack/tables.ts';

export interface Guests {
  /** What comes of the nth clone (1 first) instead of an honest answer; an error is thrown by its run. */
  readonly answer?: (clone: number, results: readonly StepResult[], plan: Plan) => RunOutcome | Error | undefined;
  /** Thrown instead of a template. */
  readonly prepare?: (shape: Shape) => Error | undefined;
  readonly refusedModule?: string;
}

export interface MeasureOptions {
  readonly repeat?: number;
  readonly jobs?: number;
  readonly signal?: AbortSignal;
  readonly onClone?: MeasureObserver['onClone'];
}

export interface Clone {
  readonly subject: Subject;
  readonly number: number;
  readonly result: Sample | Failure;
  readonly trace: Trace | undefined;
}

/** What came of measuring, and what the observer was told meanwhile. */
export interface Seen {
  readonly measurements: readonly Measurement[] | undefined;
  readonly error: unknown;
  readonly clones: readonly Clone[];
  /** The last that was told of each subject. */
  readonly told: ReadonlyMap<Subject, Measurement>;
  readonly shapes: readonly Shape[];
  /** Clones and templates made, and those not disposed of at the end. */
  readonly made: number;
  readonly alive: number;
}

export function completed(results: readonly StepResult[]): RunOutcome {
  return { kind: 'completed', results, transcript: [], leftovers: [], strays: [] };
}

export async function measureFake(
  subjects: readonly Subject[],
  guests: Guests = {},
  options: MeasureOptions = {},
): Promise<Seen> {
  const clones: Clone[] = [];
  const told = new Map<Subject, Measurement>();
  const shapes: Shape[] = [];
  let made = 0;
  let alive = 0;

  const machine = (): Machine => {
    const number = ++made;
    alive++;
    return {
      hello: {
        v: 1,
        type: 'hello',
        agent: 'fake',
        release: kernel.release,
        machine: 'x86_64',
        commandLine: '',
        modules:
          guests.refusedModule === undefined ? [] : [{ name: guests.refusedModule, ok: false, errno: 'EKEYREJECTED' }],
      },
      start: { how: 'clone', durationMs: 1 },
      run: async (plan) => {
        await new Promise((resolve) => setImmediate(resolve));
        const results = answersTo(plan, subjects);
        const answer = guests.answer?.(number, results, plan) ?? completed(results);
        if (answer instanceof Error) throw answer;
        return answer;
      },
      device: (slot) => diskDevice(slot, 'virtio-blk'),
      console: () => Promise.resolve('fake console\n'),
      [Symbol.asyncDispose]: () => {
        alive--;
        return Promise.resolve();
      },
    };
  };
  const backend: Backend = {
    ...fakeBackend({ scenarios: [] }),
    findKernel: (spec) => {
      if (spec === 'offline') return Promise.reject(new UnsupportedError('a mirror'));
      return spec === kernel.spec ? Promise.resolve(kernel) : Promise.reject(new UsageError(`no kernel ${spec}`));
    },
    prepareTemplate: ({ shape }) => {
      const error = guests.prepare?.(shape);
      if (error !== undefined) return Promise.reject(error);
      shapes.push(shape);
      alive++;
      const template: Template = {
        kernel,
        shape,
        accelerator: 'fake',
        slowdown: 2,
        bootMs: 1,
        clone: () => Promise.resolve(machine()),
        [Symbol.asyncDispose]: () => {
          alive--;
          return Promise.resolve();
        },
      };
      return Promise.resolve(template);
    },
  };
  let measurements: readonly Measurement[] | undefined;
  let error: unknown;
  try {
    measurements = await measure({
      subjects,
      repeat: options.repeat ?? 3,
      replace: {},
      accelerator: 'auto',
      cpus: 1,
      jobs: options.jobs ?? 1,
      mirror: undefined,
      backend,
      signal: options.signal ?? new AbortController().signal,
      observer: {
        onPhase: () => undefined,
        onClone: async (subject, number, result, trace) => {
          clones.push({ subject, number, result, trace });
          await options.onClone?.(subject, number, result, trace);
        },
        onMeasurement: (measurement) => told.set(measurement.subject, measurement),
      },
    });
  } catch (thrown) {
    error = thrown;
  }
  return { measurements, error, clones, told, shapes, made, alive };
}

/** The mounts as the model has them, and the mail's table of the operation. */
function answersTo(plan: Plan, subjects: readonly Subject[]): readonly StepResult[] {
  const names = new Set(plan.steps.map(({ id }) => id));
  const subject = subjects.find(({ mount }) => scenarioOf(mount).steps.every(({ name }) => names.has(name)));
  if (subject === undefined) throw new Error('the plan is of no subject');
  const results = honest(plan, scenarioOf(subject.mount));
  return results.map((result) =>
    result.step === TRACE ? { ...result, performed: 1, trace: { maxSizeBytes: 5456, table: read } } : result,
  );
}
