/** mkcomposefs, from Debian's archive where the machine has none, makes the images; composefs-info reads them back. */
import { readFile, stat } from 'node:fs/promises';
import { execa } from 'execa';
import t from 'tap';
import { buildComposefs, dumpOf } from '../../../vm/image/composefs.ts';
import { composefsObjects } from '../../../vm/image/composefs-tree.ts';
import type { ComposefsSpec } from '../../../vm/image/spec.ts';
import { directory, file, symlink, text, walk } from '../../../vm/image/tree.ts';
import { newestProgram } from '../../../vm/tools/tools.ts';

const { signal } = new AbortController();
const spec: ComposefsSpec = {
  kind: 'composefs',
  tree: directory(
    {
      usr: directory({ big: file('big', 100_000, { mode: 0o4755 }), small: text('small\n', { uid: 3, gid: 70_000 }) }),
      'a name with = and \\': text('-', { xattrs: { 'user.a': 'b = c' } }),
      empty: text(''),
      link: symlink('usr/big'),
    },
    { mode: 0o700 },
  ),
};

t.test('given a tree, when an image is made, then composefs-info finds in it what went in', async (t) => {
  const image = await buildComposefs(spec, { signal });
  t.equal((await stat(image)).mode & 0o777, 0o644);
  const { file: info } = await newestProgram('composefs', 'composefs-info', { signal });
  const { stdout } = await execa(info, ['dump', image]);
  // Number of names, and how escapes are spelt, are composefs's own.
  const plain = (dump: string) =>
    dump
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(/\\n/g, '\\x0a').replace(/\\\\/g, '\\x5c').split(' '))
      .map(([path, size, mode, _nlink, ...rest]) =>
        [path, mode?.startsWith('4') ? 0 : Number(size), mode, ...rest].join(' '),
      )
      .sort();
  t.same(plain(stdout), plain(dumpOf(spec)));
  const { stdout: objects } = await execa(info, ['objects', image]);
  t.same(
    objects.split('\n').sort(),
    walk(composefsObjects(spec)).flatMap(({ path, node }) => (node.kind === 'file' ? [path] : [])),
  );
});

t.test('given the same tree, when it is made again, then it is the same image; another is another', async (t) => {
  const first = await readFile(await buildComposefs(spec, { signal }));
  const again = await buildComposefs({ ...spec, mtime: 1_577_836_800 }, { signal });
  t.equal(first.compare(await readFile(again)), 0, 'the same bytes from a spec with another key');
  const other = await buildComposefs({ ...spec, digests: false }, { signal });
  t.not(first.compare(await readFile(other)), 0);
});
