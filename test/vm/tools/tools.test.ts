/** Where tools come from when the archive cannot be asked; no network. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import { hashOf } from '../../../vm/cache.ts';
import { buildErofs } from '../../../vm/image/erofs.ts';
import { directory, text } from '../../../vm/image/tree.ts';
import { newestProgram, newestTool, offersOf } from '../../../vm/tools/tools.ts';
import { useCache } from '../image/cache.ts';

const { signal } = new AbortController();

/** A cache of the test's own, and an archive that is not there. */
function offline(t: Test): string {
  process.env['FATHOM_MIRROR'] = 'file:/nowhere/debian';
  t.teardown(() => delete process.env['FATHOM_MIRROR']);
  return useCache(t).root;
}

/** As an earlier fetch left it, with a program that says its version. */
async function kept(root: string, version: string): Promise<void> {
  const one = { name: 'erofs-utils', version, suite: 'sid', path: 'pool/x.deb', sha256: hashOf(version), sizeBytes: 1 };
  const ingredients = { v: 1, package: one };
  const entry = path.join(root, 'tools', hashOf(ingredients));
  await mkdir(path.join(entry, 'bin'), { recursive: true });
  await writeFile(path.join(entry, 'bin', 'mkfs.erofs'), `#!/bin/sh\necho ${version}\n`);
  await chmod(path.join(entry, 'bin', 'mkfs.erofs'), 0o755);
  await writeFile(path.join(entry, 'entry.json'), JSON.stringify({ v: 1, title: version, ingredients, bytes: 1 }));
}

t.test('given no archive and nothing in the cache, when a tool is asked for, then it is named', async (t) => {
  offline(t);
  await t.rejects(newestTool('composefs', { signal }), {
    name: 'UnsupportedError',
    missing: 'a newer composefs',
    message: /composefs cannot be had from Debian's archive: .*file:\/nowhere\/debian/,
  });
});

t.test('given no archive, when an image needs a newer mkfs.erofs, then what is missing is said', async (t) => {
  offline(t);
  const tree = directory({ a: text('a') });
  await t.rejects(buildErofs({ kind: 'erofs', tree, tool: 'newest' }, { signal }), {
    name: 'UnsupportedError',
    message: /erofs-utils cannot be had/,
  });
});

t.test(
  'given no archive and versions in the cache, then the newest that serves is taken, and it is said',
  async (t) => {
    const root = offline(t);
    for (const version of ['1.8.6-1', '1.10-1', '1.9.4-1']) await kept(root, version);
    const said: string[] = [];
    const options = { signal, onProgress: (line: string) => said.push(line) };
    t.strictSame(
      (await offersOf('erofs-utils', options)).map(({ package: { version }, inCache }) => [version, inCache]),
      [
        ['1.10-1', true],
        ['1.9.4-1', true],
        ['1.8.6-1', true],
      ],
    );
    t.match(said.join('\n'), /erofs-utils is taken from the cache/);
    const { file, tool } = await newestProgram('erofs-utils', 'mkfs.erofs', options);
    t.equal(tool.version, '1.10-1');
    t.match(file, /bin\/mkfs\.erofs$/);
    const older = await newestTool('erofs-utils', {
      ...options,
      serves: ({ package: one }) => one.version < '1.9' && one.version > '1.5',
    });
    t.equal(older.version, '1.8.6-1');
    await t.rejects(newestTool('erofs-utils', { ...options, serves: () => false }), {
      name: 'UnsupportedError',
      message: /no version that can/,
    });
    await t.rejects(newestProgram('erofs-utils', 'erofsfuse', options), {
      name: 'UnsupportedError',
      missing: 'erofsfuse',
    });
  },
);
