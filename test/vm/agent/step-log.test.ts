/** Which kernel messages belong to which step, and that none is lost without a word. */
import path from 'node:path';
import { execa } from 'execa';
import t from 'tap';

const agent = path.resolve('vm/agent');
const program = path.join(t.testdir({}), 'step-log');
await execa('cc', [
  ...['-std=gnu11', '-D_GNU_SOURCE', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
  ...['-I', agent, '-o', program, path.resolve('test/vm/agent/step-log.c')],
  ...['step-log.c', 'kmsg.c', 'text.c', 'errno-name.c'].map((file) => path.join(agent, file)),
]);

const record = (sequence: number, text: string, level = 4) => `${level},${sequence},0,-;${text}\n`;
const mark = (sequence: number, text: string) => `14,${sequence},0,-;fathom: ${text}\n`;

/** Texts of the last step asked for, and of no step. */
async function sorted(...words: readonly string[]): Promise<{ messages?: string[]; strays?: string[] }> {
  const { stdout } = await execa(program, [...words]);
  const { messages, strays } = JSON.parse(stdout) as Record<string, { text: string }[] | undefined>;
  const texts = (list: { text: string }[] | undefined) => list?.map(({ text }) => text);
  return {
    ...(messages === undefined ? {} : { messages: texts(messages)! }),
    ...(strays === undefined ? {} : { strays: texts(strays)! }),
  };
}

t.test('given messages before, in and after a step, then each is where it belongs', async (t) => {
  const words = [
    record(1, 'before'),
    mark(2, 'begin a'),
    record(3, 'in'),
    mark(4, 'end a'),
    record(5, 'after'),
    'take',
    'end',
  ];
  t.same(await sorted(...words), { messages: ['in'], strays: ['before', 'after'] });
});

const LOST = /^fathom: at least 7 kernel messages lost here/;

t.test('given a gap before a message, then the step says so', async (t) => {
  t.match(await sorted(mark(1, 'begin a'), record(9, 'in'), mark(10, 'end a'), 'take'), { messages: [LOST, 'in'] });
});

t.test('given a gap just before the end marker, then the step says so', async (t) => {
  t.match(await sorted(mark(1, 'begin a'), mark(9, 'end a'), 'take'), { messages: [LOST] });
});

t.test('given a gap just before the begin marker, then it is said of no step', async (t) => {
  t.match(await sorted(record(1, 'before'), mark(9, 'begin a'), mark(10, 'end a'), 'take', 'end'), {
    messages: [],
    strays: ['before', LOST],
  });
});

t.test('given a step whose end marker is not there, then it says so', async (t) => {
  t.match(await sorted(mark(1, 'begin a'), record(2, 'in'), 'take'), {
    messages: ['in', /^fathom: the step's end marker is not in the log/],
  });
});
