import { readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import type { CacheRoom } from '../../../vm/cache.ts';
import { cached, cacheLimit, clearCache, listCache, pruneCache, sweepCache } from '../../../vm/cache.ts';
import { otherProcess, temporaryCache } from './temporary-cache.ts';

t.setTimeout(60_000);

/** Entries as an earlier process left them: nobody uses them. Each takes one MiB; `age` is hours since their last use. */
async function leftOver(
  root: string,
  entries: readonly { room: CacheRoom; title: string; age: number }[],
): Promise<void> {
  for (const { room, title, age } of entries) {
    const directory = await cached({
      room,
      title,
      ingredients: title,
      build: (place) => writeFile(path.join(place, 'file'), Buffer.alloc(2 ** 20, 1)),
    });
    const then = new Date(Date.now() - age * 3_600_000);
    await utimes(directory, then, then);
  }
  const marks = path.join(root, '.in-use');
  for (const name of await readdir(marks)) await writeFile(path.join(marks, name), '');
}

const titles = async (): Promise<readonly string[]> => (await listCache()).map(({ title }) => title).sort();

t.test('given entries, then they are listed with size and last use, the latest first', async (t) => {
  const root = temporaryCache(t);
  await leftOver(root, [
    { room: 'kernels', title: 'old', age: 10 },
    { room: 'images', title: 'new', age: 1 },
  ]);
  const listed = await listCache();
  t.match(listed, [
    { title: 'new', room: 'images' },
    { title: 'old', room: 'kernels' },
  ]);
  for (const { bytes } of listed) t.ok(bytes >= 2 ** 20 && bytes < 2 ** 20 + 65536, `${bytes} bytes`);
});

t.test('given a cache within its limit, when pruned, then nothing goes', async (t) => {
  const root = temporaryCache(t);
  await leftOver(root, [{ room: 'templates', title: 'a', age: 100 }]);
  t.strictSame(await pruneCache(2 * 2 ** 20), { removed: [], inUse: [] });
});

t.test('given too much, when pruned, then templates go first, the least recently used before the others', async (t) => {
  const root = temporaryCache(t);
  await leftOver(root, [
    { room: 'kernels', title: 'kernel, very old', age: 1000 },
    { room: 'templates', title: 'template, old', age: 20 },
    { room: 'templates', title: 'template, older', age: 30 },
  ]);
  t.match((await pruneCache(2.5 * 2 ** 20)).removed, [{ title: 'template, older' }]);
  t.strictSame(await titles(), ['kernel, very old', 'template, old']);
  await pruneCache(0.5 * 2 ** 20);
  t.strictSame(await titles(), []);
});

t.test(
  'given an entry that a running process uses, when pruned or cleared, then it stays; when that has ended, it goes',
  async (t) => {
    const root = temporaryCache(t);
    const other = otherProcess(t, root, 'used');
    other.goOn();
    await other.said('has');
    t.strictSame(await pruneCache(0), { removed: [], inUse: [] });
    t.match(await clearCache(), { removed: [], inUse: [{ title: 'other' }] });
    t.strictSame(await titles(), ['other']);
    await other.kill();
    t.match(await clearCache(), { removed: [{ title: 'other' }], inUse: [] });
    t.strictSame(await titles(), []);
  },
);

t.test('given a filter, when cleared, then only what is not to be kept goes', async (t) => {
  const root = temporaryCache(t);
  await leftOver(root, [
    { room: 'kernels', title: 'k', age: 1 },
    { room: 'disks', title: 'd', age: 1 },
  ]);
  await clearCache(({ room }) => room === 'kernels');
  t.strictSame(await titles(), ['k']);
});

t.test('given what killed builds left, when swept, then it goes, and what is being built stays', async (t) => {
  const root = temporaryCache(t);
  const [dead, alive] = [otherProcess(t, root, 'dead'), otherProcess(t, root, 'alive')];
  await Promise.all([dead.said('building'), alive.said('building')]);
  await dead.kill();
  t.match(await sweepCache(), [new RegExp(`/images/\\.building-\\d+-${dead.pid}-`)]);
  const left = (await readdir(path.join(root, 'images'))).filter((name) => name.startsWith('.building-'));
  t.match(left, [new RegExp(`-${alive.pid}-`)]);
  alive.goOn();
  await alive.said('has');
  alive.goOn();
  await alive.ended();
});

t.test('given FATHOM_CACHE_LIMIT, then sizes are understood, and what is none is refused', async (t) => {
  const limit = (text: string | undefined): number => {
    if (text === undefined) delete process.env['FATHOM_CACHE_LIMIT'];
    else process.env['FATHOM_CACHE_LIMIT'] = text;
    return cacheLimit();
  };
  t.teardown(() => delete process.env['FATHOM_CACHE_LIMIT']);
  t.strictSame([undefined, '', '1000', '1.5K', '20G', '20 GiB', '3mb'].map(limit), [
    20 * 2 ** 30,
    20 * 2 ** 30,
    1000,
    1536,
    20 * 2 ** 30,
    20 * 2 ** 30,
    3 * 2 ** 20,
  ]);
  for (const text of ['much', '-1', '1X', '0x10']) t.throws(() => limit(text), { name: 'UsageError', message: text });
});
