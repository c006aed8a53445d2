import { readFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { chartFormat } from '../../../harness/cli/chart.ts';
import { UsageError } from '../../../vm/machine.ts';
import { fathom, root } from '../../bin/checkout.ts';
import { COPY_UP_FILE, READ_FILE } from '../stack/tables.ts';

t.before(async () => fathom(root, '--version'));

t.test('given the name of a picture, then its ending is the format, and any other is refused', (t) => {
  t.equal(chartFormat('a.svg'), 'svg');
  t.equal(chartFormat('some/where/A.PNG'), 'png');
  for (const file of ['a', 'a.jpeg', 'svg', 'a.svg/b']) t.throws(() => chartFormat(file), UsageError, file);
  t.end();
});

t.test('given two tables, when they are explained with --chart, then the picture is beside the text', async (t) => {
  const place = t.testdir();
  const explained = await fathom(root, 'stack', 'explain', COPY_UP_FILE, READ_FILE);
  const svg = path.join(place, "it's.svg");
  const drawn = await fathom(root, 'stack', 'explain', COPY_UP_FILE, READ_FILE, '--chart', svg);
  t.strictSame([drawn.exitCode, drawn.stderr, drawn.stdout], [0, '', explained.stdout]);
  const text = await readFile(svg, 'utf8');
  t.match(text, /erofs-ovl2-copy-up-6688\.txt: peak 6688 bytes; erofs-ovl2-readonly-5456\.txt: peak 5456 bytes/);
  t.match(text.replace(/<[^>]*>\s*/g, ''), /it'\\''s\.svg'/, 'a command that a shell takes');
  const png = path.join(place, 'a.png');
  t.match(await fathom(root, 'stack', 'explain', '--format', 'tracer', COPY_UP_FILE, '--chart', png), { exitCode: 0 });
  t.equal((await readFile(png)).subarray(1, 4).toString(), 'PNG');
});

t.test('given a picture that cannot be made, then it is said in a line', async (t) => {
  t.match(await fathom(root, 'stack', 'explain', COPY_UP_FILE, '--chart', 'a.gif'), {
    exitCode: 2,
    stdout: '',
    stderr: /a\.gif: what picture/,
  });
  const nowhere = path.join(t.testdir(), 'no', 'a.svg');
  t.match(await fathom(root, 'stack', 'explain', COPY_UP_FILE, '--chart', nowhere), {
    exitCode: 2,
    stderr: /cannot be written: ENOENT/,
  });
});
