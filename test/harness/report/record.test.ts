/** A judgement as a record: depths beside it, and of a crash what the kernel reported. */
import t from 'tap';
import type { Judgement } from '../../../harness/judge/judge.ts';
import { recordOf } from '../../../harness/report/record.ts';
import { stepRecord } from '../../../harness/report/results.ts';
import { mounts } from '../judge/results.ts';
import { recorded } from '../observe/oops-fixtures.ts';

const where = { kernel: 'debian:6.18.9', release: '6.18.9', scenario: 'erofs-device-nesting' };
const crashed = (consoleTail: string): Judgement => ({
  step: 'level 9: read through it',
  prediction: mounts,
  observation: undefined,
  verdict: { kind: 'crashed', title: 'Oops', consoleTail, why: 'the kernel crashed' },
});

t.test('given a crash, then the record has the title, the task, the stack and its folded chain', async (t) => {
  const { oops } = recordOf(where, crashed('the tail'), { console: recorded('guard-page') });
  t.match(oops, { title: 'BUG: TASK stack guard page was hit in filemap_get_read_batch', task: /^\w+ \(pid \d+\)$/ });
  t.match(oops?.stackRange, /^[\da-f]{16}\.\.[\da-f]{16}$/);
  t.ok(
    oops?.chain.some((line) => /^\d+ times:$/.test(line)),
    'what repeats is told once',
  );
  t.ok(oops?.chain.some((line) => /^ {2,}ovl_read_iter$/.test(line)));
  t.ok((oops?.chain.length ?? 0) < 150);
});

t.test('given several reports, then the first: the others are its consequences', async (t) => {
  const { oops } = recordOf(where, crashed(''), {
    console: `${recorded('guard-page')}\n${recorded('list-corruption')}`,
  });
  t.match(oops?.title, /guard page/);
});

t.test('given no whole console, then the tail that the verdict has is read', async (t) => {
  t.match(recordOf(where, crashed(recorded('null-pointer'))).oops?.title, /NULL pointer/);
});

t.test('given a console without a report, or a step that did not crash, then there is none', async (t) => {
  t.notOk('oops' in recordOf(where, crashed(''), { console: 'nothing to see\n' }));
  const agrees: Judgement = { ...crashed(''), verdict: { kind: 'agrees', why: '' } };
  t.notOk('oops' in recordOf(where, agrees, { console: recorded('guard-page') }));
});

t.test('given depths, then they are in the record, which keeps to its type', async (t) => {
  const record = recordOf(where, crashed(''), {
    sounding: { predictedBytes: 16_744 },
    console: recorded('guard-page-7.3'),
  });
  t.strictSame(record.stack, { predictedBytes: 16_744 });
  t.strictSame(stepRecord.parse(JSON.parse(JSON.stringify(record))), record);
  t.notOk('stack' in recordOf(where, crashed('')));
});
