import { lutimes, symlink } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { lock, tryLock } from '../../vm/lock.ts';
import { isRunning, ownIdentity, type ProcessIdentity } from '../../vm/process-identity.ts';

t.test('given a lock that is held, then another gets it only after its release', async (t) => {
  const place = path.join(t.testdir(), 'x.lock');
  const held = await lock(place);
  t.equal(await tryLock(place), undefined);
  const next = lock(place);
  await held[Symbol.asyncDispose]();
  await (await next)[Symbol.asyncDispose]();
  t.not(await tryLock(place), undefined);
});

t.test('given many that want it, then never two have it', async (t) => {
  const place = path.join(t.testdir(), 'x.lock');
  let holders = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 10 }, async () => {
      await using _held = await lock(place);
      most = Math.max(most, ++holders);
      await new Promise(setImmediate);
      holders--;
    }),
  );
  t.equal(most, 1);
});

t.test(
  'given tasks of one process, then each goes on when the one before it is done, and not at the next look',
  async (t) => {
    const place = path.join(t.testdir(), 'x.lock');
    const begun = performance.now();
    await Promise.all(
      Array.from({ length: 30 }, async () => {
        await using _held = await lock(place);
      }),
    );
    t.ok(performance.now() - begun < 1000, 'thirty looks would take 1200 ms');
  },
);

t.test(
  'given a holder that is gone, then the lock is broken; given one in another container, then it is believed for a while',
  async (t) => {
    const [namespace, pid, start] = ownIdentity().split('-').map(Number) as [number, number, number];
    const place = path.join(t.testdir(), 'x.lock');
    await symlink(`${namespace}-${pid}-${start - 1}`, place);
    const held = await tryLock(place);
    t.not(held, undefined, 'the pid is in use, but by a later process');
    await held?.[Symbol.asyncDispose]();

    await symlink(`${namespace + 1}-${pid}-${start}`, place);
    t.equal(await tryLock(place), undefined);
    const long = new Date(Date.now() - 7 * 3600 * 1000);
    await lutimes(place, long, long);
    t.not(await tryLock(place), undefined);
  },
);

t.test('given an identity, then it is told whether that very process runs', async (t) => {
  const own = ownIdentity();
  const [namespace, , start] = own.split('-').map(Number) as [number, number, number];
  t.equal(isRunning(own), true);
  t.equal(isRunning(`${namespace}-${2 ** 22 + 1}-${start}`), false);
  t.equal(isRunning(`${namespace + 1}-1-1` satisfies ProcessIdentity), undefined);
});
