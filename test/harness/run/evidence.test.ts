import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { dir } from 'tmp-promise';
import { evidenceIn, keepFile } from '../../../harness/run/evidence.ts';
import type { Plan, RunOutcome } from '../../../vm/machine.ts';

const plan: Plan = { v: 1, type: 'plan', id: 'a', steps: [] };
const message = {
  sequence: 1,
  level: 4,
  facility: 0,
  timestampUs: 1_500_000,
  text: 'overlayfs: maximum fs stacking depth exceeded',
};
const outcome: RunOutcome = {
  kind: 'completed',
  results: [{ v: 1, type: 'result', plan: 'a', step: 'a step', ok: true, durationUs: 1, messages: [message] }],
  transcript: ['> {}', '< {}'],
  leftovers: [],
  strays: [{ ...message, text: 'late' }],
};

t.test('given a scenario, then its evidence is in a directory of the kernel and its own', async (t) => {
  const directory = path.join(t.testdir({}), 'not', 'yet', 'there');
  await evidenceIn(directory).keep('tree:/src/linux', 'a', [], { plan, outcome, console: 'the console\n' });
  const place = path.join(directory, 'tree-src-linux', 'a');
  t.same((await readdir(place)).sort(), ['console.log', 'kernel.log', 'plan.json', 'results.json', 'transcript.jsonl']);
  t.equal(
    await readFile(path.join(place, 'kernel.log'), 'utf8'),
    '# a step\n<4>[    1.500000] overlayfs: maximum fs stacking depth exceeded\n# (no step)\n<4>[    1.500000] late\n',
  );
});

t.test('given a scenario that never ran, then only its results are there', async (t) => {
  const directory = t.testdir({});
  await evidenceIn(directory).keep('host', 'a', [], undefined);
  t.same(await readdir(path.join(directory, 'host', 'a')), ['results.json']);
});

t.test('given a place that cannot be written to, then the error names the file', async (t) => {
  await t.rejects(evidenceIn('/dev/null/evidence').keep('host', 'a', [], undefined), {
    name: 'HarnessError',
    message: /\/dev\/null\/evidence/,
  });
});

t.test(
  'given a disk that is full, then there is no half a file',
  { skip: process.getuid?.() !== 0 && 'a full disk is mounted, which takes root' },
  async (t) => {
    const { path: directory, cleanup } = await dir();
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'fathom-test', directory]);
    t.teardown(async () => {
      await execa('umount', [directory]);
      await cleanup();
    });
    await keepFile(path.join(directory, 'small'), 'x');
    await t.rejects(keepFile(path.join(directory, 'large'), 'x'.repeat(100_000)), {
      name: 'HarnessError',
      message: /cannot be written to .*large: .*ENOSPC/,
    });
    await t.rejects(keepFile(path.join(directory, 'small'), 'y'.repeat(100_000)), { name: 'HarnessError' });
    t.same(await readdir(directory), ['small']);
    t.equal(await readFile(path.join(directory, 'small'), 'utf8'), 'x', 'what was there before stays');
  },
);
