/** The whole as an ordinary user. */
import { chown, mkdir, readFile, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { buildErofs } from '../../../vm/image/erofs.ts';
import type { ErofsSpec } from '../../../vm/image/spec.ts';
import { directory, expectedEntries, file, imageFile, symlink, text } from '../../../vm/image/tree.ts';
import { locate, programs, searchPath } from '../../../vm/programs.ts';
import { useCache } from './cache.ts';
import { extracted, lines } from './listing.ts';
import { ordinaryUser } from './ordinary-user.ts';

const { signal } = new AbortController();
const env = { PATH: searchPath(), LC_ALL: 'C' };
const without = (name: string) =>
  programs().some((row) => row.name === name && locate(row) !== undefined) ? false : `${name} is not installed`;

const uniform: ErofsSpec = {
  kind: 'erofs',
  tree: directory({ a: file('a', 100_000), d: directory({ b: text('b', { mode: 0o4755 }) }), l: symlink('a') }),
  compression: { algorithm: 'lz4' },
};
const owners: ErofsSpec = {
  kind: 'erofs',
  tree: directory({
    mine: text('a', { uid: 1000, gid: 1001, mode: 0o2711 }),
    secret: text('b', { mode: 0o000 }),
    closed: directory({ inner: text('c', { gid: 70_000 }) }, { uid: 7, mode: 0o000 }),
    l: symlink('mine', { uid: 8 }),
  }),
};
const unreadable: ErofsSpec = { kind: 'erofs', tree: directory({ secret: text('b', { mode: 0o000 }) }) };

for (const [name, spec, skip] of [
  ['one owner', uniform, false],
  ['owners and modes of their own', owners, without('fakeroot')],
  ['one owner and a file that nobody may read', unreadable, without('fakeroot')],
] as const) {
  t.test(
    `given ${name} and no privileges, when an image is built, then it is the one that root builds`,
    { skip },
    async (t) => {
      const user = await ordinaryUser(t);
      const { uid, file: image = '', error } = await user.build(spec).outcome;
      t.equal(error, undefined);
      t.not(uid, 0);
      t.same(await user.leftovers(), []);
      const cache = useCache(t);
      const own = await buildErofs(spec, { signal });
      t.equal((await readFile(own.image)).compare(await readFile(image)), 0);
      t.same(
        lines(await extracted({ image, blobs: [] }, path.join(cache.root, 'out'))),
        lines(expectedEntries(spec.tree)),
      );
    },
  );
}

for (const [filesystem, check, skip] of [
  ['xfs', ['xfs_repair', '-n', '-f'], false],
  ['ext4', ['e2fsck', '-n', '-f'], false],
  ['btrfs', ['btrfs', 'check', '--readonly'], without('fakeroot')],
] as const) {
  t.test(
    `given no privileges, when a disk with ${filesystem} is made, then its checker finds nothing`,
    { skip },
    async (t) => {
      const user = await ordinaryUser(t);
      const tree = directory({ 'a.erofs': imageFile(uniform), ...owners.tree.entries });
      const {
        uid,
        file: disk = '',
        error,
      } = await user.build({ kind: 'disk', filesystem, sizeBytes: 512 * 1024 ** 2, tree }).outcome;
      t.equal(error, undefined);
      t.not(uid, 0);
      const [program, ...args] = check;
      await execa(program, [...args, disk], { env });
      t.same(await user.leftovers(), []);
      if (filesystem !== 'btrfs') return;
      const { stdout } = await execa('btrfs', ['inspect-internal', 'dump-tree', disk], { env });
      t.match(stdout, /mode 102711 links 1 uid 1000 gid 1001/);
      t.match(stdout, /mode 100000 links 1 uid 0 gid 0/);
      t.match(stdout, /mode 100644 links 1 uid 0 gid 70000/);
      t.notMatch(stdout, new RegExp(` uid ${uid} `), 'nothing of the builder');
    },
  );
}

for (const [name, more, skip] of [
  ['mkfs.erofs', {}, false],
  ['fakeroot', { b: text('b', { uid: 1 }) }, without('fakeroot')],
] as const) {
  t.test(`given ${name} at work, when aborted, then no process of it and no file is left`, { skip }, async (t) => {
    const user = await ordinaryUser(t);
    const tree = directory({ a: file('a', 300 * 1024 ** 2), ...more });
    const { abort, outcome } = user.build({ kind: 'erofs', tree, compression: { algorithm: 'lz4hc', level: 12 } });
    const begun = async () =>
      (await readdir(user.root, { recursive: true })).some((entry) => entry.endsWith('image.erofs'));
    while (!(await begun())) await soon();
    const working = await processesIn(user.root);
    t.match(working.join('\n'), 'mkfs.erofs');
    if (name === 'fakeroot') t.match(working.join('\n'), 'faked');
    abort();
    t.match(await outcome, { error: 'Error: aborted' });
    t.same(await user.leftovers(), []);
    // The daemon of fakeroot ends when it has read its signal, a moment later.
    while ((await processesIn(user.root)).length > 0) await soon();
    t.pass('all gone');
  });
}

async function soon(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Command lines of processes other than builder.ts that work there, by directory or argument. */
async function processesIn(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    if (`${args} ${cwd}`.includes(root) && !args.includes('builder.js')) found.push(args);
  }
  return found;
}

t.test('given a cache that cannot be written, when an image is built, then its path is named', async (t) => {
  const user = await ordinaryUser(t);
  const cache = path.join(user.root, 'cache');
  await mkdir(cache, { mode: 0o555 });
  if (process.geteuid?.() === 0) await chown(cache, 0, 0);
  const { error } = await user.build(uniform).outcome;
  t.match(error, new RegExp(`EACCES.*${cache}`));
});
