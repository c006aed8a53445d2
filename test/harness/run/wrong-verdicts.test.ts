/** Ways in which a wrong kernel could pass, or be blamed for what is not its own. */
import t from 'tap';
import { judgeRun, type Digest } from '../../../harness/judge/judge.ts';
import type { Prediction } from '../../../harness/model/prediction.ts';
import { predict } from '../../../harness/model/predict.ts';
import { profileOf } from '../../../harness/model/profile.ts';
import { logged } from '../../../harness/model/rules/rule.ts';
import { mount, scenario } from '../../../harness/scenario.ts';
import { disk, erofs, fileIn, imageFile, overlay } from '../../../harness/topology/builders.ts';
import { osImage } from '../../../scenarios/contents.ts';
import type { RunOutcome } from '../../../vm/machine.ts';
import {
  completed,
  DEPTH_EXCEEDED,
  failed,
  mounts,
  ok,
  predicted,
  refused,
  said,
  skipped,
  unreachable,
} from '../judge/results.ts';

const digest: Digest = () => 'a digest';
const verdicts = (predictions: readonly Prediction[], outcome: RunOutcome) =>
  judgeRun(predicted(...predictions), outcome, digest).map(({ verdict }) => verdict);

t.test(
  'given a warning in the set-up of a step that is not tried, then the kernel disagrees all the same',
  async (t) => {
    const outcome = completed([
      failed('a', 'EINVAL', [said(DEPTH_EXCEEDED)]),
      ok('set-up: mount xfs', { messages: [said('WARNING: CPU: 0', 4)] }),
      skipped('b', 'a'),
    ]);
    t.match(verdicts([refused, unreachable('a')], outcome), [
      { kind: 'agrees' },
      { kind: 'disagrees', why: /WARNING: CPU: 0/ },
    ]);
  },
);

t.test('given a message that the set-up of a step that is not tried may give, then it is no fault', async (t) => {
  const outcome = completed([
    failed('a', 'EINVAL', [said(DEPTH_EXCEEDED)]),
    ok('set-up: mount xfs', { messages: [said('XFS: big', 4)] }),
    skipped('b', 'a'),
  ]);
  t.match(verdicts([refused, { ...unreachable('a'), messages: [logged('B1', /^XFS: big$/, 'possible')] }], outcome), [
    { kind: 'agrees' },
    { kind: 'agrees' },
  ]);
});

t.test(
  'given an unreachable step whose set-up mounts an XFS on 5.10, then the model knows what that mount may say',
  async (t) => {
    const root = disk('xfs', { 'os.erofs': imageFile(osImage) });
    const image = erofs(fileIn(root, 'os.erofs'));
    const upper = disk('xfs', {});
    const top = overlay({ lower: image, upper });
    const steps = [mount('refused', image), mount('on it', top)];
    const { behaviours } = profileOf({ version: { major: 5, minor: 10, patch: 0, rc: undefined } });
    const [, second] = predict(scenario({ name: 'x', shows: '', about: [], steps }), behaviours);
    t.match(second?.prediction, { kind: 'unreachable', messages: [{ rule: 'B1' }] });
  },
);

t.test('given a superblock that outlives every mount of it, then the kernel disagrees', async (t) => {
  const outcome: RunOutcome = {
    kind: 'completed',
    results: [ok('a'), ok('b')],
    transcript: [],
    strays: [],
    leftovers: ['module erofs used 1 times, 0 before the plan'],
  };
  t.match(verdicts([mounts, mounts], outcome), [
    { kind: 'agrees' },
    { kind: 'disagrees', why: /module erofs used 1 times/ },
  ]);
});

t.test('given leftovers after a step that disagrees, then both are told', async (t) => {
  const outcome: RunOutcome = {
    kind: 'completed',
    results: [failed('a', 'EIO')],
    transcript: [],
    strays: [],
    leftovers: ['mount x'],
  };
  t.match(verdicts([mounts], outcome), [{ kind: 'disagrees', why: /mount x.*the step itself disagrees: .*EIO/ }]);
});

t.test('given a read of which the model does not know what it returns, then it is no pass', async (t) => {
  const read: Prediction = { kind: 'ok', messages: [], why: 'the contents are those that went in' };
  t.match(verdicts([read], completed([ok('a', { sha256: 'any', sizeBytes: 3 })])), [
    { kind: 'unsupported', missing: 'contents to compare with' },
  ]);
});

t.test('given a step that is skipped for one that succeeded, then fathom is broken', async (t) => {
  t.match(verdicts([mounts, unreachable('a')], completed([ok('a'), skipped('b', 'a')])), [
    { kind: 'agrees' },
    { kind: 'broken', why: /"a", which succeeded/ },
  ]);
  t.match(verdicts([unreachable('x')], completed([ok('set-up: 1'), skipped('a', 'set-up: 1')])), [{ kind: 'broken' }]);
});

for (const line of [
  'WARNING: clocksource: x',
  'BUG: workqueue: x hogged CPU for >10us',
  'erofs: module verification failed',
  'watchdog: TSC ',
  'INFO: task fathom blocked for more than 120 seconds.',
])
  t.test(`given "${line}", then it is not taken for noise`, async (t) => {
    t.match(verdicts([mounts], completed([ok('a', { messages: [said(line, 4)] })])), [{ kind: 'disagrees' }]);
  });

t.test('given a crash that took the answer of the step before along, then the crash is not put on that step', (t) => {
  const crash: RunOutcome = {
    kind: 'crashed',
    step: 'b',
    title: 'BUG: on purpose',
    consoleTail: '',
    results: [],
    transcript: [],
  };
  t.match(verdicts([mounts, mounts], crash), [{ kind: 'unsupported', why: /answer was lost/ }, { kind: 'crashed' }]);
  t.match(verdicts([mounts, mounts], { ...crash, step: 'set-up: mount xfs' }), [
    { kind: 'crashed' },
    { kind: 'unsupported' },
  ]);
  t.end();
});
