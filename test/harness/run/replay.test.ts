import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify, unflatten } from 'devalue';
import t, { type Test } from 'tap';
import { judgeRun } from '../../../harness/judge/judge.ts';
import { predict } from '../../../harness/model/predict.ts';
import { bundleOf, readBundle } from '../../../harness/run/bundle.ts';
import { evidenceIn } from '../../../harness/run/evidence.ts';
import { digest } from '../../../harness/run/digest.ts';
import { listScenarios, loadScenarios } from '../../../harness/run/load-scenarios.ts';
import { findBundles, replay } from '../../../harness/run/replay.ts';
import { run } from '../../../harness/run/run.ts';
import type { StepRecord } from '../../../harness/report/results.ts';
import type { Scenario } from '../../../harness/scenario.ts';
import report from '../../../scenarios/reports/fedora-coreos-2087.ts';
import { fathom, root } from '../../bin/checkout.ts';
import { fakeBackend, kernel, type Fakes } from './fake-backend.ts';
import { profileOf } from '../../../harness/model/profile.ts';

const FIXTURE = path.join(import.meta.dirname, 'fixtures/debian-6.17.13-fedora-coreos-2087');

/** The recorded bundle with one of its files changed. */
async function altered(t: Test, file: string, change: (text: string) => string): Promise<string> {
  const directory = path.join(t.testdir({}), 'bundle');
  await cp(FIXTURE, directory, { recursive: true });
  const before = await readFile(path.join(directory, file), 'utf8');
  const after = change(before);
  t.not(after, before, 'the change is one');
  await writeFile(path.join(directory, file), after);
  return directory;
}
const kinds = (records: readonly StepRecord[]) => [...new Set(records.map(({ verdict }) => verdict.kind))].sort();

t.test('given a bundle of a real kernel, when it is judged again, then every verdict is as recorded', async (t) => {
  const bundle = await readBundle(FIXTURE);
  const { records, differences, kernel: of } = replay(bundle, undefined);
  t.same(kinds(records), ['agrees']);
  t.same(differences, []);
  // What a step shows of which rules is the later model's to say: it knows more of them.
  const said = (all: readonly StepRecord[]) =>
    all.map(({ predicted, observed }) => ({ predicted: { ...predicted, exercised: undefined }, observed }));
  t.same(said(records), said(bundle.recorded));
  t.match(of, { spec: 'debian:6.17.13', profile: 'counted', accelerator: 'tcg' });
});

t.test('given a bundle, then reading and judging it takes less than 0.2 s', async (t) => {
  const times: number[] = [];
  for (let n = 0; n < 5; n++) {
    const begun = performance.now();
    replay(await readBundle(FIXTURE), undefined);
    times.push(performance.now() - begun);
  }
  t.comment(times.map((ms) => `${ms.toFixed(1)} ms`).join(', '));
  t.ok(Math.min(...times) < 200);
});

t.test('given another model of the kernel, then the verdict turns, and the difference is told', async (t) => {
  const { records, differences } = replay(await readBundle(FIXTURE), 'unchecked');
  t.same(kinds(records), ['agrees', 'disagrees', 'unsupported']);
  const turned = differences.find(({ now }) => now.verdict.kind === 'disagrees');
  t.match(turned, {
    recorded: { step: 'overlay on that (the report)', verdict: { kind: 'agrees' }, predicted: { errno: 'EINVAL' } },
    now: { verdict: { kind: 'disagrees', expected: 'ok d2', observed: 'EINVAL' } },
  });
});

t.test('given a model that makes something else of the version, then the verdict turns', async (t) => {
  const directory = await altered(t, 'bundle.json', (text) => text.replace('"patch": 13', '"patch": 8'));
  const bundle = await readBundle(directory);
  t.same(kinds(replay(bundle, undefined).records), ['agrees', 'disagrees', 'unsupported']);
  t.same(kinds(replay(bundle, 'recorded').records), ['agrees'], 'and by the recorded behaviours it does not');
});

t.test('given a kernel that answered otherwise, then the verdict turns', async (t) => {
  const directory = await altered(t, 'transcript.jsonl', (text) => text.replace('"errno":"EINVAL"', '"errno":"EPERM"'));
  const { records, differences } = replay(await readBundle(directory), undefined);
  t.match(
    records.find(({ verdict }) => verdict.kind === 'disagrees'),
    { step: 'overlay on that (the report)', verdict: { expected: 'EINVAL', observed: 'EPERM' } },
  );
  t.equal(differences.length, 1);
});

t.test('given a bundle whose end is missing, then the step without an answer is no pass', async (t) => {
  const directory = await altered(t, 'transcript.jsonl', (text) => text.split('\n').slice(0, 6).join('\n'));
  const { records } = replay(await readBundle(directory), undefined);
  t.ok(kinds(records).includes('broken'), kinds(records).join());
});

for (const [given, file, change, error] of [
  [
    'of a later version',
    'bundle.json',
    (text: string) => text.replace('"v": 1', '"v": 2'),
    { name: 'UnsupportedError', message: /version 2, and this fathom reads 1/ },
  ],
  [
    'with a field that is not known',
    'bundle.json',
    (text: string) => text.replace('"v": 1,', '"v": 1, "weather": "fair",'),
    { name: 'HarnessError', message: /weather/ },
  ],
  [
    'cut off in the middle',
    'bundle.json',
    (text: string) => text.slice(0, text.length / 2),
    { name: 'HarnessError', message: /is no JSON/ },
  ],
  [
    'of something else',
    'bundle.json',
    () => '{"v":1,"type":"plan"}',
    { name: 'HarnessError', message: /no bundle of fathom/ },
  ],
  [
    'whose graph is not whole',
    'bundle.json',
    (text: string) => text.replace(/"graph": \[[^]*?\n \]/, '"graph": [[99]]'),
    { name: 'HarnessError', message: /not understood|not whole/ },
  ],
  [
    'whose plan is of another scenario',
    'plan.json',
    (text: string) => text.replaceAll('"a third overlay"', '"a fourth overlay"'),
    { name: 'HarnessError', message: /a third overlay.*is not in the plan/ },
  ],
  [
    'whose answers are not those that the plan asks for',
    'transcript.jsonl',
    (text: string) => text.replace('"step":"overlay on it"', '"step":"overlay on nothing"'),
    { name: 'HarnessError', message: /line \d+: an answer to "overlay on nothing"/ },
  ],
  [
    'of an operation that is not known',
    'plan.json',
    (text: string) => text.replace('"op": "open-write"', '"op": "teleport"'),
    { name: 'HarnessError', message: /plan\.json is not as it must be/ },
  ],
] as const) {
  t.test(`given a bundle ${given}, then it is refused, and why is said`, async (t) => {
    await t.rejects(altered(t, file, change).then(readBundle), error);
  });
}

t.test('given a model that asks for an option that a bundle does not tell, then that is said', async (t) => {
  const { facts } = await readBundle(FIXTURE);
  t.equal(facts.config?.get('EROFS_FS_BACKED_BY_FILE'), 'y');
  t.equal(facts.config?.get('EROFS_FS_DEBUG'), undefined, 'an option of a known area that was not set');
  t.throws(() => facts.config?.get('QUOTA'), { name: 'UnsupportedError', message: /CONFIG_QUOTA/ });
});

async function recorded(t: Test, mishap: Fakes['mishap'], profile?: 'counted') {
  const directory = path.join(t.testdir({}), 'evidence');
  const records: StepRecord[] = [];
  await run({
    scenarios: [report],
    kernels: ['debian:6.18.9'],
    replace: {},
    profile,
    accelerator: 'auto',
    jobs: 1,
    fresh: false,
    share: false,
    mirror: undefined,
    backend: fakeBackend({ scenarios: [report], ...(mishap === undefined ? {} : { mishap }) }),
    evidence: evidenceIn(directory),
    signal: new AbortController().signal,
    observer: {
      onPhase: () => undefined,
      onKernel: () => undefined,
      onScenario: (_, __, steps) => records.push(...steps),
    },
  });
  return { directory, records };
}

for (const [mishap, kind] of [
  ['crash', 'crashed'],
  ['hang', 'hung'],
  ['lost', 'broken'],
] as const) {
  t.test(`given evidence of a guest that ended by: ${mishap}, then the verdict is ${kind} again`, async (t) => {
    const { directory, records } = await recorded(t, () => mishap);
    const [bundle = ''] = await findBundles([directory]);
    const again = replay(await readBundle(bundle), undefined);
    t.ok(kinds(records).includes(kind), kinds(records).join());
    t.same(again.records, records);
    t.same(again.differences, []);
  });
}

t.test('given a run by a named profile, then it is judged by that again', async (t) => {
  const { directory } = await recorded(t, undefined, 'counted');
  const [bundle = ''] = await findBundles([directory]);
  t.match(replay(await readBundle(bundle), undefined).kernel, {
    profile: 'counted',
    profileOrigin: 'named by the user',
  });
});

t.test('given every scenario, then its graph comes out of a bundle as it went in', async (t) => {
  for (const { name } of await listScenarios()) {
    const [scenario] = await loadScenarios([name]);
    const { graph } = bundleOf({
      fathom: '0',
      recordedAt: new Date(0),
      scenario: scenario!,
      kernel,
      replaced: [],
      accelerator: undefined,
      profile: profileOf(kernel),
      by: 'version',
      outcome: { kind: 'completed', results: [], transcript: [], leftovers: [], strays: [] },
    }) as { graph: unknown[] };
    const back = unflatten(graph) as Scenario;
    const outcome = { kind: 'completed', results: [], transcript: [], leftovers: [], strays: [] } as const;
    const { behaviours } = profileOf(kernel);
    // What is one mount has to stay one: compared is what the model says, which tells them apart.
    const said = (which: Scenario) =>
      stringify(judgeRun(predict(which, behaviours), outcome, digest).map(({ prediction: { why } }) => why));
    t.equal(said(back), said(scenario!), name);
  }
});

t.test('given a directory above, then all bundles below are found', async (t) => {
  const top = t.testdir({});
  for (const name of ['b', 'a']) await cp(FIXTURE, path.join(top, name), { recursive: true });
  t.same(await findBundles([top, path.join(top, 'a')]), [path.join(top, 'a'), path.join(top, 'b')]);
});

t.test('given evidence without a bundle among others, then it is not passed over', async (t) => {
  const top = t.testdir({});
  await cp(FIXTURE, path.join(top, 'a'), { recursive: true });
  await mkdir(path.join(top, 'b'));
  await writeFile(path.join(top, 'b', 'results.json'), '[]');
  await t.rejects(findBundles([top]), { name: 'UnsupportedError', message: /no bundle/ });
  await rm(path.join(top, 'b'), { recursive: true });
  t.same(await findBundles([top]), [path.join(top, 'a')]);
});

t.test('given the command line, then the exit status is that of a run, and differences are told', async (t) => {
  t.match(await fathom(root, 'replay', FIXTURE), {
    exitCode: 0,
    stdout: /13 steps: 13 agree \(tcg\)/,
    stderr: /^as recorded\n1 bundle read and judged in \d+ ms$/,
  });
  t.match(await fathom(root, 'replay', '--profile', 'unchecked', FIXTURE), {
    exitCode: 1,
    stderr:
      /"overlay on that \(the report\)": recorded agrees \(expected EINVAL by D3\), now disagrees \(expected ok d2\)/,
  });
  const later = await altered(t, 'bundle.json', (text) => text.replace('"v": 1', '"v": 2'));
  t.match(await fathom(root, 'replay', later), { exitCode: 125, stdout: '', stderr: /unsupported: .* version 2/ });
  t.match(await fathom(root, 'replay', path.join(root, 'bin')), { exitCode: 2, stderr: /no bundle in/ });
  t.match(await fathom(root, 'replay', FIXTURE, await altered(t, 'console.log', (text) => `${text}\n`)), {
    exitCode: 2,
    stderr: /two bundles are of fedora-coreos-2087 on debian:6\.17\.13/,
  });
});
