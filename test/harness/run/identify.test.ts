/** Identifying, and judging by what was found, with guests that answer in microseconds. */
import t from 'tap';
import { BATTERY } from '../../../harness/identify/battery.ts';
import { departures } from '../../../harness/identify/identify.ts';
import { exitStatusOf } from '../../../harness/judge/verdict.ts';
import type { Behaviours } from '../../../harness/model/behaviour.ts';
import { profileOf, withStacking } from '../../../harness/model/profile.ts';
import type { KernelRecord, StepRecord } from '../../../harness/report/results.ts';
import { noEvidence } from '../../../harness/run/evidence.ts';
import { identifyKernels, type IdentifiedKernel } from '../../../harness/run/identify.ts';
import { run } from '../../../harness/run/run.ts';
import report from '../../../scenarios/reports/fedora-coreos-2087.ts';
import { fakeBackend, kernel, type Fakes } from './fake-backend.ts';

const own = profileOf(kernel);
const counted = withStacking(own, 'counted').behaviours;
const { signal } = new AbortController();
const common = { replace: {}, accelerator: 'auto', fresh: false, mirror: undefined, signal } as const;

async function identified(fakes: Omit<Fakes, 'scenarios'>, spec = 'debian:6.18.9') {
  const backend = fakeBackend({ scenarios: BATTERY, ...fakes });
  const all: IdentifiedKernel[] = [];
  await identifyKernels({ ...common, kernels: [spec], backend, onPhase: () => undefined }, (one) => all.push(one));
  t.equal(backend.alive(), 0);
  const [{ identification, steps }] = all as [IdentifiedKernel];
  return { identification, status: exitStatusOf(steps.map(({ verdict }) => verdict.kind)), steps };
}

t.test('given a kernel as its version suggests, then nothing departs, and the status is 0', async (t) => {
  const { identification, status } = await identified({});
  t.equal(identification?.profile.name, 'no-stacked-backing');
  t.strictSame(departures(identification!.findings), []);
  t.equal(status, 0);
});

t.test('given a kernel that counts under a version that does not, then that is told and the status is 0', async (t) => {
  const { identification, status } = await identified({ behaviours: () => counted });
  t.match(departures(identification!.findings), [
    { facet: 'erofsStacking', value: 'counted', suggested: 'no-stacked-backing' },
  ]);
  t.equal(status, 0);
});

t.test(
  'given a limit that no value of the battery reaches, then it is unfit, never guessed, and the status is 1',
  async (t) => {
    const { identification, status } = await identified({
      behaviours: () => ({ ...own.behaviours, maxStackDepth: 9 }),
    });
    t.match(
      identification!.findings.find(({ facet }) => facet === 'maxStackDepth'),
      { kind: 'unfit', values: [] },
    );
    t.match(identification!.profile.origin, /fit no known behaviour/);
    t.equal(status, 1);
  },
);

for (const [mishap, kind, expected] of [
  ['crash', 'crashed', 1],
  ['hang', 'hung', 1],
  ['lost', 'broken', 125],
  ['wrong', 'disagrees', 1],
] as const)
  t.test(
    `given a battery of which a scenario ends with ${mishap}, then the rest is told, and the status is ${expected}`,
    async (t) => {
      const { identification, status, steps } = await identified({
        mishap: (scenario) => (scenario === 'identify-overlay' ? mishap : undefined),
      });
      t.equal(status, expected);
      t.ok(steps.some(({ verdict }) => verdict.kind === kind));
      t.equal(identification?.findings.find(({ facet }) => facet === 'erofsStacking')?.kind, 'told');
    },
  );

for (const [what, fakes, spec, expected] of [
  ['no mkfs', { missingProgram: true }, 'debian:6.18.9', 125],
  ['a module that the kernel refuses', { refusedModule: 'overlay' }, 'debian:6.18.9', 125],
  ['a kernel that does not boot', { bootFails: true }, 'debian:6.18.9', 1],
  ['a kernel that cannot be had', {}, 'offline', 125],
] as const)
  t.test(`given ${what}, then nothing is told, and the status is ${expected}`, async (t) => {
    const { identification, status } = await identified(fakes, spec);
    t.equal(identification, undefined);
    t.equal(status, expected);
  });

async function judged(behaviours: Behaviours, profile: 'auto' | undefined) {
  const records: StepRecord[] = [];
  const kernels: KernelRecord[] = [];
  await run({
    ...common,
    scenarios: [report],
    kernels: ['debian:6.18.9'],
    profile,
    jobs: 1,
    share: false,
    backend: fakeBackend({ scenarios: [report, ...BATTERY], behaviours: () => behaviours }),
    evidence: noEvidence,
    observer: {
      onPhase: () => undefined,
      onKernel: (record, ended) => {
        if (ended) kernels.push(record);
      },
      onScenario: (_, __, steps) => records.push(...steps),
    },
  });
  return { records, kernel: kernels[0]!, status: exitStatusOf(records.map(({ verdict }) => verdict.kind)) };
}

t.test(
  'given --profile auto, then a backport is judged by what it does, and a note says where it departs',
  async (t) => {
    const { records, kernel: record, status } = await judged(counted, 'auto');
    t.equal(status, 0);
    t.strictSame([...new Set(records.map(({ scenario }) => scenario))], [report.name]);
    t.equal(record.profile, 'counted');
    t.match(
      record.profileOrigin,
      /^found by experiment: departs from what version 6\.18\.9 suggests; erofsStacking counted/,
    );
    t.match(record.notes, ['by experiment erofsStacking is counted, and version 6.18.9 suggests no-stacked-backing']);
  },
);

t.test('given the same backport and no --profile, then it disagrees', async (t) => {
  t.equal((await judged(counted, undefined)).status, 1);
});

t.test(
  'given --profile auto and a kernel of no known behaviour, then the battery is reported and the status is 1',
  async (t) => {
    const { records, status } = await judged({ ...own.behaviours, maxStackDepth: 9 }, 'auto');
    t.equal(status, 1);
    t.ok(records.some(({ scenario, verdict }) => scenario === 'identify-stacking' && verdict.kind === 'disagrees'));
  },
);
