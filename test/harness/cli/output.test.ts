import { writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { makeOutput } from '../../../harness/cli/output.ts';
import { UsageError } from '../../../vm/errors.ts';

t.test('given a directory that is not there, then it is made, with those above it, and left empty', async (t) => {
  const place = path.join(t.testdir(), 'a/b');
  await makeOutput(place);
  await makeOutput(place);
  t.strictSame(await readdir(place), []);
});

t.test('given a place where no directory can be, then it is wrong use, at once', { timeout: 10_000 }, async (t) => {
  const file = path.join(t.testdir(), 'file');
  writeFileSync(file, '');
  for (const place of [file, path.join(file, 'below'), '/proc/evidence'])
    await t.rejects(makeOutput(place), { constructor: UsageError, message: `--output ${place}: the evidence cannot` });
});
