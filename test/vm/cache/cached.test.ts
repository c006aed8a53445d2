import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { cached, hashOf, listCache } from '../../../vm/cache.ts';
import { HarnessError } from '../../../vm/errors.ts';
import { otherProcess, temporaryCache } from './temporary-cache.ts';

t.setTimeout(60_000);

const request = (ingredients: unknown, build: (directory: string) => Promise<void>, signal?: AbortSignal) =>
  cached({ room: 'images', title: 'one', ingredients, build, signal });

// The first: it is the first mark of a process that makes it listen.
t.test('given many entries at once, then one listener cleans up after all of them', async (t) => {
  temporaryCache(t);
  const before = process.listenerCount('exit');
  await Promise.all(
    Array.from({ length: 12 }, (_none, index) => request({ many: index }, async () => Promise.resolve())),
  );
  t.ok(process.listenerCount('exit') <= before + 1);
});

t.test('given the same ingredients in another order, then the same hash; given others, then another', async (t) => {
  t.equal(hashOf({ a: 1, b: { c: [1, 2], d: undefined } }), hashOf({ b: { c: [1, 2] }, a: 1 }));
  t.not(hashOf({ a: [1, 2] }), hashOf({ a: [2, 1] }));
  t.match(hashOf(0), /^[0-9a-f]{32}$/);
});

t.test('given many tasks that want one entry at once, then it is built once and all get it', async (t) => {
  temporaryCache(t);
  let builds = 0;
  const build = async (directory: string): Promise<void> => {
    builds++;
    await writeFile(path.join(directory, 'file'), 'contents');
  };
  const places = await Promise.all(Array.from({ length: 8 }, () => request('x', build)));
  t.equal(builds, 1);
  t.equal(new Set(places).size, 1);
  t.equal(await readFile(path.join(places[0] ?? '', 'file'), 'utf8'), 'contents');
});

t.test('given a build that fails, then nothing is left, the error is its own, and the next try builds', async (t) => {
  const root = temporaryCache(t);
  const fault = new Error('no such compressor');
  await t.rejects(
    request('x', async () => Promise.reject(fault)),
    fault,
  );
  t.strictSame(await readdir(path.join(root, 'images')), []);
  await request('x', async () => Promise.resolve());
  t.equal((await listCache()).length, 1);
});

t.test('given an abort during the build, then nothing is kept', async (t) => {
  const root = temporaryCache(t);
  const abort = new AbortController();
  await t.rejects(
    request(
      'x',
      async () => {
        abort.abort();
        await Promise.resolve();
      },
      abort.signal,
    ),
    { name: 'AbortError' },
  );
  t.strictSame(await readdir(path.join(root, 'images')), []);
});

t.test('given a full disk, then it says how to make room', async (t) => {
  temporaryCache(t);
  const full = Object.assign(new Error('write'), { code: 'ENOSPC' });
  await t.rejects(
    request('x', async () => Promise.reject(full)),
    { name: HarnessError.name, message: /no space left[^]*fathom cache clear/, cause: full },
  );
});

t.test('given two processes that want one entry, then one builds and both have it', async (t) => {
  const root = temporaryCache(t);
  const first = otherProcess(t, root, 'shared');
  await first.said('building');
  const second = otherProcess(t, root, 'shared');
  first.goOn();
  await Promise.all([first.said('has'), second.said('has')]);
  const [entry] = await listCache();
  t.equal(await readFile(path.join(entry?.directory ?? '', 'made-by'), 'utf8'), String(first.pid));
  for (const child of [first, second]) child.goOn();
  await Promise.all([first.ended(), second.ended()]);
  t.strictSame(await readdir(path.join(root, '.in-use')), [], 'their marks went with them');
});

t.test('given an abort while another process builds, then it does not wait for that', async (t) => {
  const root = temporaryCache(t);
  const other = otherProcess(t, root, 'slow');
  await other.said('building');
  await t.rejects(
    request('slow', async () => Promise.resolve(), AbortSignal.timeout(50)),
    { name: /Abort|Timeout/ },
  );
  await other.kill();
});

t.test('given a process killed while it builds, then the next builds at once and the ruins are swept', async (t) => {
  const root = temporaryCache(t);
  const other = otherProcess(t, root, 'crash');
  await other.said('building');
  await other.kill();
  t.match((await readdir(path.join(root, 'images'))).sort(), [/^\.building-/, /\.lock$/]);
  const began = performance.now();
  await request('crash', async () => Promise.resolve());
  t.ok(performance.now() - began < 2000, 'it does not wait for a dead holder');
  t.notMatch((await readdir(path.join(root, '.in-use'))).join(), `-${other.pid}-`, 'nor is its mark kept');
  t.equal((await listCache()).length, 1);
});

t.test('given an entry with a file that was cut off or is gone, then it is built anew, once', async (t) => {
  const root = temporaryCache(t);
  for (const [name, damage] of [
    ['cut', (file: string) => truncate(file, 1)],
    ['gone', (file: string) => rm(file)],
    ['whole', () => Promise.resolve()],
  ] as const) {
    const other = otherProcess(t, root, name);
    await other.said('building');
    other.goOn();
    await other.said('has');
    other.goOn();
    await other.ended();
    await damage(path.join(root, 'images', hashOf(name), 'made-by'));
    let builds = 0;
    const build = async (directory: string): Promise<void> => {
      builds++;
      await writeFile(path.join(directory, 'made-by'), 'me');
    };
    for (let times = 0; times < 2; times++) await request(name, build);
    t.equal(builds, name === 'whole' ? 0 : 1, name);
  }
});
