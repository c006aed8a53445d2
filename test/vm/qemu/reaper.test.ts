import { execa } from 'execa';
import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import t from 'tap';
import { dir } from 'tmp-promise';
import { startTime } from '../../../vm/process-identity.ts';
import { mortal, ownedDirectory, sweep, unprivileged } from '../../../vm/qemu/reaper.ts';

await t.test(
  'given a directory of a living fathom, when leftovers are swept, then it stays until it is removed',
  async (t) => {
    const directory = await ownedDirectory();
    await sweep();
    t.ok(existsSync(directory.path));
    await directory.remove();
    t.notOk(existsSync(directory.path));
  },
);

await t.test(
  'given a directory and a process of a fathom that is gone, when leftovers are swept, then both go',
  async (t) => {
    const living = await ownedDirectory();
    t.teardown(living.remove);
    const [, namespace = ''] = path.basename(living.path).split('-');
    // This process, but started at another time: the pid was used again.
    const name = `fathom-${namespace}-${process.pid}-1-abcdef`;
    mkdirSync(path.join(tmpdir(), name));
    const orphan = execa('sleep', ['30'], { argv0: name, reject: false });
    t.ok((await sweep()).includes(path.join(tmpdir(), name)));
    t.equal((await orphan).signal, 'SIGKILL');
    t.ok(existsSync(living.path));
  },
);

await t.test('given a directory of another pid namespace, when leftovers are swept, then it stays', async (t) => {
  const foreign = path.join(tmpdir(), `fathom-1-${process.pid}-1-abcdef`);
  mkdirSync(foreign);
  t.teardown(() => execa('rmdir', [foreign]));
  await sweep();
  t.ok(readdirSync(tmpdir()).includes(path.basename(foreign)));
});

await t.test('given a program made mortal, then it is unprivileged', async (t) => {
  const { stdout } = await execa('setpriv', mortal(['cat', '/proc/self/status'], unprivileged([])));
  if (process.getuid?.() === 0) t.match(stdout, /^Uid:\t65534\t65534\t65534\t65534$/m);
  t.match(stdout, /^NoNewPrivs:\t1$/m);
  t.match(stdout, /^CapEff:\t0+$/m);
});

await t.test('given no such process, then it has no start time', async (t) => {
  t.equal(startTime(2 ** 22 + 1), undefined);
  t.type(startTime('self'), 'number');
});

await t.test(
  'given a place for temporary files that QEMU may not enter, then that is said before it is started',
  { skip: unprivileged() === undefined && 'for root alone QEMU runs as somebody else' },
  async (t) => {
    const before = process.env['TMPDIR'];
    t.teardown(() => {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    });
    const closed = (await dir({ mode: 0o700, unsafeCleanup: true })).path;
    t.teardown(() => rmdirSync(closed));
    process.env['TMPDIR'] = closed;
    await t.rejects(ownedDirectory(unprivileged()), { name: 'UsageError', message: `may not enter ${closed}` });
    t.strictSame(readdirSync(closed), []);
    const own = await ownedDirectory();
    await own.remove();
  },
);
