import { setMaxListeners } from 'node:events';
import { access } from 'node:fs/promises';
import t from 'tap';
import { examinePrograms } from '../../vm/host.ts';
import { installLine, locate, missingPrograms, programs, requireProgram } from '../../vm/programs.ts';

t.test('given the table, then each name is there once', async (t) => {
  const names = programs().map(({ name }) => name);
  t.equal(new Set(names).size, names.length);
});

t.test('given a program outside of an ordinary search path, then it is found all the same', async (t) => {
  const before = process.env['PATH'];
  t.teardown(() => (process.env['PATH'] = before));
  process.env['PATH'] = '/nonexistent';
  await access(requireProgram('mke2fs'));
});

t.test('given a program that is not there, then what it is for and how to get it is said', async (t) => {
  const [row] = programs();
  const absent = { ...row!, found: { program: 'fathom-made-up' } };
  t.equal(locate(absent), undefined);
  t.equal(locate({ ...absent, found: { anyOf: ['/nonexistent', '/etc/passwd'] } }), '/etc/passwd');
  t.equal(
    installLine([absent, { debianPackage: 'zstd' }, absent]),
    'apt-get update && apt-get install --no-install-recommends -y qemu-system-x86 zstd',
  );
});

t.test('given a name that is not in the table, then that is a bug', async (t) => {
  t.throws(() => requireProgram('rm'), { name: 'TypeError', message: /rm/ });
});

t.test('given the programs of this machine, when asked, then each that has a version tells it', async (t) => {
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  const table = programs();
  for (const [place, found] of (await examinePrograms(signal)).entries()) {
    if (found.path === undefined)
      t.equal(
        missingPrograms().some(({ name }) => name === found.name),
        table[place]?.byHand === undefined,
        'then set-up installs it, unless it is left to the user',
      );
    else if (table[place]?.version !== undefined) t.match(found.version, /^\d+(\.\d+)*$/, found.name);
  }
});
