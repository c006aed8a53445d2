/**
 * Guests that answer in microseconds: a kernel that does what the model says of some behaviours, or misbehaves on
 * command. For the logic of run/ alone; the real thing is tested beside it.
 */
import type { Backend } from '../../../harness/run/backend.ts';
import type { Behaviours } from '../../../harness/model/behaviour.ts';
import { profileOf } from '../../../harness/model/profile.ts';
import type { Scenario } from '../../../harness/scenario.ts';
import { resultsOf } from '../identify/fake-kernel.ts';
import {
  BootFailure,
  diskDevice,
  UnsupportedError,
  UsageError,
  type Kernel,
  type Machine,
  type Plan,
  type RunOutcome,
  type StepResult,
  type Template,
} from '../../../vm/machine.ts';

export interface Fakes {
  readonly scenarios: readonly Scenario[];
  /** What happens in a guest's nth plan (0 first), instead of an honest answer. */
  readonly mishap?: (scenario: string, nth: number) => 'crash' | 'hang' | 'lost' | 'leftover' | 'wrong' | undefined;
  readonly bootFails?: boolean;
  readonly refusedModule?: string;
  readonly missingProgram?: boolean;
  /** What a kernel does, where that is not what its version suggests. */
  readonly behaviours?: (kernel: Kernel) => Behaviours | undefined;
}

export interface FakeBackend extends Backend {
  /** Scenarios by guest, in the order in which they were run. */
  readonly guests: readonly (readonly string[])[];
  /** The disks that each scenario's plan mounts. */
  readonly devices: ReadonlyMap<string, readonly string[]>;
  /** Guests and templates not disposed of. */
  alive(): number;
}

export function fakeBackend(fakes: Fakes): FakeBackend {
  const guests: string[][] = [];
  const devices = new Map<string, readonly string[]>();
  let alive = 0;
  const machine = (of: Kernel): Machine => {
    const ran: string[] = [];
    guests.push(ran);
    alive++;
    return {
      hello: {
        v: 1,
        type: 'hello',
        agent: 'fake',
        release: '6.18.9',
        machine: 'x86_64',
        commandLine: '',
        modules:
          fakes.refusedModule === undefined ? [] : [{ name: fakes.refusedModule, ok: false, errno: 'EKEYREJECTED' }],
      },
      start: { how: 'clone', durationMs: 1 },
      run: (plan) => {
        ran.push(plan.id);
        devices.set(
          plan.id,
          plan.steps.flatMap(({ operation }) =>
            operation.op === 'mount' && operation.source.startsWith('/dev/vd') ? [operation.source] : [],
          ),
        );
        return Promise.resolve(answer(plan, fakes, ran.length - 1, of));
      },
      device: (slot) => diskDevice(slot, 'virtio-blk'),
      console: () => Promise.resolve('fake console\n'),
      [Symbol.asyncDispose]: () => {
        alive--;
        return Promise.resolve();
      },
    };
  };
  return {
    guests,
    devices,
    alive: () => alive,
    findKernel: (spec, { replace }) =>
      spec === 'debian:6.18.9' || spec === 'debian:6.18.5'
        ? Promise.resolve({
            ...kernel,
            spec,
            release: spec.replace('debian:', ''),
            version: { ...kernel.version, patch: Number(spec.at(-1)) },
            identity: `fake ${Object.keys(replace).join()}`,
          })
        : Promise.reject(spec === 'offline' ? new UnsupportedError('a mirror') : new UsageError(`no kernel ${spec}`)),
    buildDisk: (spec) =>
      fakes.missingProgram === true
        ? Promise.reject(new UnsupportedError('mkfs.xfs', { remedy: 'apt-get install xfsprogs' }))
        : Promise.resolve({ path: '/nowhere', sizeBytes: spec.sizeBytes, spec }),
    prepareTemplate: ({ shape, kernel: of }) => {
      if (fakes.bootFails === true)
        return Promise.reject(new BootFailure('crashed', 'Kernel panic - not syncing: no init', 'the tail'));
      const template: Template = {
        kernel: of,
        shape,
        accelerator: 'fake',
        slowdown: 1,
        bootMs: 1,
        clone: () => Promise.resolve(machine(of)),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
      return Promise.resolve(template);
    },
    tidy: () => Promise.resolve(),
  };
}

export const kernel: Kernel = {
  spec: 'debian:6.18.9',
  release: '6.18.9',
  version: { major: 6, minor: 18, patch: 9, rc: undefined },
  image: '/nowhere',
  config: new Map([
    ['EROFS_FS_BACKED_BY_FILE', 'y'],
    ['EROFS_FS_ZIP', 'y'],
  ]),
  systemMap: undefined,
  identity: 'fake',
  origin: 'fake',
  modules: () => Promise.resolve([]),
};

function answer(plan: Plan, fakes: Fakes, nth: number, of: Kernel): RunOutcome {
  const outcome = outcomeOf(plan, fakes, nth, of);
  return { ...outcome, transcript: outcome.results.map((result) => `< ${JSON.stringify(result)}`) };
}

function outcomeOf(plan: Plan, { scenarios, mishap, behaviours }: Fakes, nth: number, of: Kernel): RunOutcome {
  const scenario = scenarios.find(({ name }) => name === plan.id)!;
  const what = mishap?.(scenario.name, nth);
  const results = honest(plan, scenario, behaviours?.(of) ?? profileOf(of).behaviours);
  const middle = results.findIndex(({ step }) => step === scenario.steps[1]?.name);
  const cut = {
    results: results.slice(0, middle),
    transcript: [],
    step: scenario.steps[1]!.name,
    consoleTail: 'the tail',
  };
  switch (what) {
    case 'crash':
      return { kind: 'crashed', title: 'BUG: fake', ...cut };
    case 'hang':
      return { kind: 'hung', where: 'in fake_wait', ...cut };
    case 'lost':
      return { kind: 'lost', reason: 'QEMU is gone', ...cut };
    case 'wrong':
      return {
        kind: 'completed',
        results: results.map((result) =>
          result.step === scenario.steps[0]?.name ? { ...result, ok: !result.ok, errno: 'EIO', call: 'mount' } : result,
        ),
        transcript: [],
        leftovers: [],
        strays: [],
      };
    case 'leftover':
      return { kind: 'completed', results, transcript: [], leftovers: ['/fathom/0-disk'], strays: [] };
    case undefined:
      return { kind: 'completed', results, transcript: [], leftovers: [], strays: [] };
  }
}

/** What a kernel with these behaviours answers, with a line for each message that it owes. */
export function honest(
  plan: Plan,
  scenario: Scenario,
  behaviours: Behaviours = profileOf(kernel).behaviours,
): readonly StepResult[] {
  const own = new Map(resultsOf(scenario, behaviours).map((result) => [result.step, result]));
  return plan.steps.map(
    ({ id }) => own.get(id) ?? { v: 1, type: 'result', plan: plan.id, step: id, ok: true, durationUs: 1, messages: [] },
  );
}
