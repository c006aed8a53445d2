import t from 'tap';
import type { StepRecord } from '../../../harness/report/results.ts';
import { noEvidence, type Evidence } from '../../../harness/run/evidence.ts';
import { run } from '../../../harness/run/run.ts';
import report from '../../../scenarios/reports/fedora-coreos-2087.ts';
import nested from '../../../scenarios/oracle/nested-file-backed.ts';
import { fakeBackend, type FakeBackend, type Fakes } from './fake-backend.ts';

const scenarios = [report, nested];

async function runFake(
  fakes: Omit<Fakes, 'scenarios'>,
  options: {
    share?: boolean;
    kernels?: readonly string[];
    evidence?: Evidence;
    signal?: AbortSignal;
    records?: StepRecord[];
    told?: (backend: FakeBackend) => FakeBackend;
  } = {},
) {
  const { records = [], told = (untold: FakeBackend): FakeBackend => untold } = options;
  const backend = told(fakeBackend({ scenarios, ...fakes }));
  const notes: string[] = [];
  await run({
    scenarios,
    kernels: options.kernels ?? ['debian:6.18.9'],
    replace: {},
    profile: undefined,
    accelerator: 'auto',
    jobs: 1,
    fresh: false,
    share: options.share ?? false,
    mirror: undefined,
    backend,
    evidence: options.evidence ?? noEvidence,
    signal: options.signal ?? new AbortController().signal,
    observer: {
      onPhase: () => undefined,
      onKernel: (kernel, ended) => {
        if (ended) notes.push(...kernel.notes);
      },
      onScenario: (_, __, steps) => records.push(...steps),
    },
  });
  return {
    backend,
    records,
    notes,
    kinds: (scenario: string) =>
      records.filter((record) => record.scenario === scenario).map(({ verdict }) => verdict.kind),
  };
}

t.test(
  'given an honest kernel, then every step agrees, each scenario had a guest of its own, and none is left',
  async (t) => {
    const { backend, records } = await runFake({});
    t.ok(
      records.every(({ verdict }) => verdict.kind === 'agrees'),
      JSON.stringify(records.find(({ verdict }) => verdict.kind !== 'agrees')),
    );
    t.same(backend.guests, [[report.name], [nested.name]]);
    t.equal(backend.alive(), 0);
  },
);

t.test(
  'given two kernels, then the second is looked for when the first has begun a guest, or after a while',
  async (t) => {
    for (const boots of [true, false]) {
      const order: string[] = [];
      const told = (backend: FakeBackend): FakeBackend => ({
        ...backend,
        findKernel: async (spec, options) => {
          order.push(`find ${spec}`);
          // The first is a long time on its way.
          if (!boots && spec.endsWith('5')) await new Promise((resolve) => setTimeout(resolve, 600));
          return backend.findKernel(spec, options);
        },
        prepareTemplate: async (request) => {
          const template = await backend.prepareTemplate(request);
          return {
            ...template,
            clone: (...given) => {
              order.push(`guest ${request.kernel.spec}`);
              return template.clone(...given);
            },
          };
        },
      });
      await runFake({}, { kernels: ['debian:6.18.5', 'debian:6.18.9'], told });
      const [first, second] = order;
      t.equal(first, 'find debian:6.18.5');
      t.equal(second, boots ? 'guest debian:6.18.5' : 'find debian:6.18.9');
    }
  },
);

t.test('given --share, then the scenarios share a guest', async (t) => {
  const { backend } = await runFake({}, { share: true });
  t.same(backend.guests, [[report.name, nested.name]]);
  const [first = [], second = []] = [report, nested].map(({ name }) => backend.devices.get(name));
  t.equal(first[0], '/dev/vda');
  t.equal(second[0], `/dev/vd${String.fromCharCode(0x61 + first.length)}`, 'and each has disks of its own');
});

t.test(
  'given a shared guest in which the second scenario disagrees, then it is repeated alone and only that counts',
  async (t) => {
    const { backend, kinds, notes } = await runFake(
      { mishap: (_, nth) => (nth > 0 ? 'wrong' : undefined) },
      { share: true },
    );
    t.match(notes, [/nested-file-backed did not agree .* repeated alone: .*EIO/], 'and a note says so');
    t.same(backend.guests, [[report.name, nested.name], [nested.name]]);
    t.ok(kinds(nested.name).every((kind) => kind === 'agrees'));
  },
);

t.test('given a kernel that is wrong alone as well, then it disagrees', async (t) => {
  const { kinds } = await runFake(
    { mishap: (scenario) => (scenario === nested.name ? 'wrong' : undefined) },
    { share: true },
  );
  t.equal(kinds(nested.name)[0], 'disagrees');
});

t.test(
  'given a scenario that leaves a mount behind, then it disagrees, and the next one gets another guest',
  async (t) => {
    const { backend, kinds } = await runFake({ mishap: () => 'leftover' }, { share: true });
    t.equal(kinds(report.name).at(-1), 'disagrees');
    t.same(backend.guests, [[report.name], [nested.name]]);
  },
);

for (const [mishap, kind] of [
  ['crash', 'crashed'],
  ['hang', 'hung'],
  ['lost', 'broken'],
] as const) {
  t.test(
    `given a guest that ends with ${mishap} in the second step, then that step is ${kind}, the rest unsupported, and the next scenario runs`,
    async (t) => {
      const { kinds, backend } = await runFake(
        { mishap: (scenario) => (scenario === report.name ? mishap : undefined) },
        { share: true },
      );
      const [first, second, ...rest] = kinds(report.name);
      t.equal(first, 'agrees');
      t.equal(second, kind);
      t.ok(rest.every((each) => each === 'unsupported'));
      t.ok(kinds(nested.name).every((each) => each === 'agrees'));
      t.equal(backend.alive(), 0);
    },
  );
}

t.test('given a kernel that does not boot, then every step has crashed', async (t) => {
  const { kinds } = await runFake({ bootFails: true });
  t.ok([...kinds(report.name), ...kinds(nested.name)].every((kind) => kind === 'crashed'));
});

t.test(
  'given a module that the kernel refuses, or a program that is missing, then every step is unsupported and says so',
  async (t) => {
    const refused = await runFake({ refusedModule: 'overlay' });
    t.ok(
      refused.records.every(({ verdict }) => verdict.kind === 'unsupported' && verdict.missing === 'module overlay'),
    );
    const missing = await runFake({ missingProgram: true });
    t.ok(
      missing.records.every(
        ({ verdict }) => verdict.kind === 'unsupported' && verdict.remedy === 'apt-get install xfsprogs',
      ),
    );
  },
);

t.test(
  'given a kernel that cannot be had beside one that can, then the one is unsupported and the other judged',
  async (t) => {
    const { records } = await runFake({}, { kernels: ['offline', 'debian:6.18.9'] });
    t.ok(records.filter(({ kernel }) => kernel === 'offline').every(({ verdict }) => verdict.kind === 'unsupported'));
    t.ok(records.filter(({ kernel }) => kernel === 'debian:6.18.9').every(({ verdict }) => verdict.kind === 'agrees'));
  },
);

t.test('given a spec that means nothing, then the run is refused', async (t) => {
  await t.rejects(runFake({}, { kernels: ['debian:6.18.9', 'nonsense'] }), { name: 'UsageError' });
});

t.test('given evidence that cannot be written, then the run says so instead of going on in silence', async (t) => {
  const evidence: Evidence = { keep: () => Promise.reject(new Error('disk full')), close: () => Promise.resolve() };
  const records: StepRecord[] = [];
  await t.rejects(runFake({}, { evidence, records }), /disk full/);
  t.ok(
    records.some(({ verdict }) => verdict.kind === 'agrees'),
    'and what was measured is told all the same',
  );
});

t.test('given an abort, then the run ends with its reason and no guest is left', async (t) => {
  await t.rejects(runFake({}, { signal: AbortSignal.abort(new Error('interrupted')) }), /interrupted/);
});
