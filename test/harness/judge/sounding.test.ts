/** Depths of a scenario's steps: what was measured before says how deep the next is to go. */
import t from 'tap';
import type { Judgement } from '../../../harness/judge/judge.ts';
import { soundingsOf } from '../../../harness/judge/sounding.ts';
import type { Observation } from '../../../harness/observe/observation.ts';
import { mount, scenario, sound, type Step } from '../../../harness/scenario.ts';
import { fileIn } from '../../../harness/topology/builders.ts';
import { mountsUpTo } from '../../../harness/topology/topology.ts';
import { parseTopology } from '../../../harness/topology/parse-notation.ts';
import { read } from '../stack/tables.ts';
import { mounts, refused } from './results.ts';

const two = parseTopology('ovl(ovl(erofs[file](xfs)))');
const three = parseTopology('ovl(ovl(ovl(erofs[file](xfs))))');
const other = parseTopology('ovl(ext4)');
const steps: readonly Step[] = [
  mount('a mount', mountsUpTo(two).at(-1)!),
  sound('two', fileIn(two, 'big')),
  sound('three', fileIn(three, 'big')),
  sound('other', fileIn(other, 'big')),
];
const sounding = scenario({ name: 'sounding', shows: '', about: [], steps });

const table = (stackTable?: string): Observation => ({ kind: 'ok', messages: [], context: [], stackTable });

function judged(observations: Readonly<Record<string, Observation | undefined>>): readonly Judgement[] {
  return steps.map(({ name }) => ({
    step: name,
    prediction: mounts,
    observation: observations[name],
    verdict: { kind: 'agrees', why: '' },
  }));
}

t.test('given the first table, then it is measured and not predicted; the next is predicted from it', async (t) => {
  const soundings = soundingsOf(sounding, judged({ two: table(read) }));
  t.strictSame(soundings.get('two'), { pathBytes: 4456, peakBytes: 5456 });
  t.strictSame(soundings.get('three'), { predictedBytes: 4456 + 248 }, 'the kernel died in it, say');
  t.notOk(soundings.has('a mount'), 'then other steps have none');
});

t.test('given a filesystem that no step before had, then its depth is not predicted', async (t) => {
  t.strictSame(soundingsOf(sounding, judged({ two: table(read) })).get('other'), {});
});

t.test('given a step that failed or has no table, then it says nothing of the next', async (t) => {
  const failed: Observation = { kind: 'failed', errno: 'EIO', call: 'read', messages: [], context: [] };
  for (const observation of [failed, table(), table('no table'), undefined]) {
    const soundings = soundingsOf(sounding, judged({ two: observation }));
    t.strictSame([soundings.get('two'), soundings.get('three')], [{}, {}]);
  }
});

t.test('given a step that is to be refused, then it has no depth', async (t) => {
  const judgements = judged({ two: table(read) }).map((one) =>
    one.step === 'two' ? { ...one, prediction: refused } : one,
  );
  t.notOk(soundingsOf(sounding, judgements).has('two'));
});
