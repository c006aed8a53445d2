import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { newc, type NewcEntry } from '../../../vm/agent/newc.ts';

const ENTRIES: readonly NewcEntry[] = [
  { kind: 'directory', path: 'dev', mode: 0o755 },
  { kind: 'character', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
  { kind: 'file', path: 'init', mode: 0o755, content: Buffer.from('#!') },
  { kind: 'file', path: 'empty', mode: 0o644, content: Buffer.alloc(0) },
  { kind: 'file', path: 'odd-name', mode: 0o600, content: Buffer.from('12345') },
  { kind: 'symlink', path: 'link', mode: 0o777, target: 'init' },
];

await t.test(
  'given entries of every kind, when cpio reads the archive, then it sees them as they were given',
  async (t) => {
    const archive = path.join(t.testdir({}), 'archive');
    await writeFile(archive, newc(ENTRIES));
    const { stdout, stderr } = await execa('cpio', ['-tvn', '--quiet'], {
      inputFile: archive,
      env: { TZ: 'UTC', LC_ALL: 'C' },
    });
    t.equal(stderr, '');
    t.same(
      stdout.split('\n').map((line) => line.replace(/\s+/g, ' ')),
      [
        'drwxr-xr-x 2 0 0 0 Jan 1 1970 dev',
        'crw------- 1 0 0 5, 1 Jan 1 1970 dev/console',
        '-rwxr-xr-x 1 0 0 2 Jan 1 1970 init',
        '-rw-r--r-- 1 0 0 0 Jan 1 1970 empty',
        '-rw------- 1 0 0 5 Jan 1 1970 odd-name',
        'lrwxrwxrwx 1 0 0 4 Jan 1 1970 link -> init',
      ],
    );
    t.equal(
      (await execa('cpio', ['-i', '--to-stdout', '--quiet', 'odd-name'], { inputFile: archive })).stdout,
      '12345',
    );
  },
);

await t.test('given equal entries, when packed twice, then the archives are equal to the byte', async (t) => {
  t.same(Buffer.concat(newc(ENTRIES)), Buffer.concat(newc(ENTRIES)));
});

for (const name of ['', '/init', 'TRAILER!!!', 'a\0b'])
  await t.test(`given the name ${JSON.stringify(name)}, when packed, then it is refused`, async (t) => {
    t.throws(() => newc([{ kind: 'directory', path: name, mode: 0o755 }]), { name: 'UsageError' });
  });
