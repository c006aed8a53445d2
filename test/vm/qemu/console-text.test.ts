import { open, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import { consoleText } from '../../../vm/qemu/console-text.ts';

async function textOf(t: Test, bytes: string, sizeBytes?: number): Promise<string> {
  const file = path.join(t.testdir(), 'console');
  await writeFile(file, bytes);
  if (sizeBytes !== undefined) await truncate(file, sizeBytes);
  await using handle = await open(file);
  return await consoleText(handle);
}

t.test('given a console of an ordinary size, then it is whole, with the newlines of a file', async (t) => {
  t.equal(await textOf(t, 'one\r\ntwo\n'), 'one\ntwo\n');
  t.equal(await textOf(t, ''), '');
});

t.test('given a console of a gigabyte, then its beginning and its end, and what is missing between', async (t) => {
  const text = await textOf(t, 'first words\n', 2 ** 30);
  t.match(text, /^first words\n/);
  t.match(text, /\n\[fathom: 1065\.4 MB of the console are left out here\]\n/);
  t.ok(text.length < 20e6);
});

t.test('given more than fits, then no line is told in half', async (t) => {
  const line = `${'x'.repeat(98)}\n`;
  const text = await textOf(t, line.repeat(200_000));
  const [left] = /\[fathom:.*\]\n/.exec(text)!;
  t.ok(
    text
      .replace(left, '')
      .split('\n')
      .slice(0, -1)
      .every((one) => one.length === 98),
  );
});
