/** Two kernels compared, with guests that answer in microseconds. */
import t from 'tap';
import { BATTERY } from '../../../harness/identify/battery.ts';
import type { Behaviours } from '../../../harness/model/behaviour.ts';
import { profileOf } from '../../../harness/model/profile.ts';
import {
  differencesOf,
  diffStatus,
  KERNEL_DIFF_VERSION,
  kernelDiffReport,
  kernelsOf,
} from '../../../harness/report/diff-results.ts';
import { diffText } from '../../../harness/report/diff-text.ts';
import { diffKernels } from '../../../harness/run/diff.ts';
import nested from '../../../scenarios/oracle/nested-file-backed.ts';
import report from '../../../scenarios/reports/fedora-coreos-2087.ts';
import { fakeBackend, kernel, type Fakes } from './fake-backend.ts';

const scenarios = [report, nested];
const own = profileOf(kernel).behaviours;
const plain = (text: string): string => text;
const style = { bold: plain, dim: plain, good: plain, bad: plain, odd: plain, columns: Infinity };

async function diffed(
  after: string,
  fakes: Omit<Fakes, 'scenarios'> = {},
  replace: Readonly<Record<string, string>> = {},
) {
  const backend = fakeBackend({ scenarios: [...scenarios, ...BATTERY], ...fakes });
  const { kernels, behaviours, comparison } = await diffKernels({
    scenarios,
    sides: [
      { spec: 'debian:6.18.9', replace: {} },
      { spec: after, replace },
    ],
    accelerator: 'auto',
    jobs: 1,
    fresh: false,
    mirror: undefined,
    backend,
    signal: new AbortController().signal,
    onPhase: () => undefined,
    onScenario: () => undefined,
  });
  t.equal(backend.alive(), 0);
  const found = kernelDiffReport.parse({
    v: KERNEL_DIFF_VERSION,
    kind: 'kernel-diff',
    fathom: 'test',
    startedAt: new Date(0).toISOString(),
    durationMs: 0,
    ...kernelsOf(kernels, behaviours),
    ...differencesOf(comparison),
    stack: [],
  });
  return { ...found, status: diffStatus(found), text: diffText(found, style) };
}

t.test('given a kernel and itself, then nothing differs, and the status is 0', async (t) => {
  const { status, differences, text } = await diffed('debian:6.18.9');
  t.strictSame(differences, []);
  t.equal(status, 0);
  t.match(text, /nothing differs, of 18 steps/);
});

t.test('given the kernel that counts, then its refusal is told with its rule, and what follows with it', async (t) => {
  const { status, differences, behaviours } = await diffed('debian:6.18.5');
  t.equal(status, 1);
  t.strictSame(behaviours, [{ behaviour: 'erofsStacking', before: 'no-stacked-backing', after: 'counted' }]);
  const refusal = differences.find(({ step }) => step === 'overlay on that (the report)');
  t.match(refusal, { rule: 'D3', behaviours, unexplained: [] });
  t.strictSame(refusal?.changes[0], { what: 'outcome', before: ['ok'], after: ['EINVAL'] });
  t.strictSame(refusal?.follows, [
    'contents through both overlays',
    'copy-up in the upper overlay',
    'contents after the copy-up',
    'a third overlay',
  ]);
  const lifted = differences.find(({ step }) => step === 'file-backed erofs in it');
  t.match(lifted, { rule: 'E10', why: /^no longer: / });
});

t.test('given a module that lets three overlays stand, then that is told of the same kernel', async (t) => {
  const deeper: Behaviours = { ...own, maxStackDepth: 3 };
  const fakes = { behaviours: ({ identity }: typeof kernel) => (identity.includes('overlay') ? deeper : own) };
  const { status, differences, behaviours } = await diffed('debian:6.18.9', fakes, { overlay: 'overlay.ko' });
  t.equal(status, 1);
  t.strictSame(behaviours, [{ behaviour: 'maxStackDepth', before: 2, after: 3 }]);
  t.strictSame(
    differences.map(({ step }) => step),
    ['a third overlay'],
  );
});

t.test('given words that changed and nothing else, then they are told once, as that', async (t) => {
  const spoken: Behaviours = { ...own, erofsMessages: 'with-function' };
  const fakes = { behaviours: ({ version }: typeof kernel) => (version.patch === 5 ? spoken : own) };
  const { status, differences, text } = await diffed('debian:6.18.5', fakes);
  t.equal(status, 1);
  t.ok(differences.every(({ changes }) => changes.every(({ what }) => what === 'messages')));
  t.match(text, /the same outcome in other words\n.* and \d+ more .*erofsMessages: plain -> with-function/);
});

for (const [mishap, outcome] of [
  ['crash', /^crashed: BUG: fake/],
  ['hang', /^hung/],
] as const)
  t.test(
    `given one kernel that ends with ${mishap}, then that is the difference, and what was not run follows`,
    async (t) => {
      let times = 0;
      // The sides run one after the other in the fake: the second is the kernel after.
      const { status, differences } = await diffed('debian:6.18.9', {
        mishap: (scenario) => (scenario === nested.name && ++times === 2 ? mishap : undefined),
      });
      t.equal(status, 1);
      t.equal(differences.length, 1);
      const { before, after } = differences[0]!.changes[0]!;
      t.ok([...before, ...after].some((text) => outcome.test(text)));
      t.ok(differences[0]!.follows.length > 0);
    },
  );

for (const [what, fakes] of [
  ['a guest that is lost', { mishap: (scenario: string) => (scenario === nested.name ? 'lost' : undefined) }],
  ['no mkfs', { missingProgram: true }],
  ['a module that the kernel refuses', { refusedModule: 'overlay' }],
] as const)
  t.test(`given ${what}, then it cannot be said, and the status is 125`, async (t) => {
    const { status, differences, notCompared, text } = await diffed('debian:6.18.9', fakes);
    t.strictSame(differences, []);
    t.not(notCompared.length, 0);
    t.equal(status, 125);
    t.match(text, /not all could be compared/);
  });

t.test('given a kernel that cannot be had, then it is an error: nothing can be compared with it', async (t) => {
  await t.rejects(diffed('offline'), { name: 'UnsupportedError' });
});
