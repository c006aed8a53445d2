/** Pressure and devices on a real kernel: what each operation does, what the counters say of it, and that it is undone. */
import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { buildInitramfs } from '../../../vm/agent/initramfs.ts';
import type { StepResult } from '../../../vm/agent/protocol.ts';
import { verityTree } from '../../../vm/image/verity.ts';
import { resolveKernel } from '../../../vm/kernel/resolve.ts';
import { planOf } from './conversation.ts';
import { bootGuest } from './guest.ts';

const MIB = 2 ** 20;
const signal = AbortSignal.timeout(230_000);
const kernel = await resolveKernel('debian:6.18.9', { signal });
const MODULES = ['virtio_pci', 'virtio_console', 'virtio_blk', 'zram', 'dm_verity'];
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');
const counters = { op: 'counters', cgroup: '' } as const;

/** How much a counter, or all that begin alike, rose from one step to another. */
const rise = (results: readonly StepResult[], from: string, to: string, name: string): number => {
  const sum = (step: string): number =>
    Object.entries(results.find((result) => result.step === step)?.counters ?? {})
      .filter(([key]) => key.startsWith(name))
      .reduce((total, [, value]) => total + value, 0);
  return sum(to) - sum(from);
};

await t.test('given a guest of 256 MiB and two CPUs, when plans press it, then it shows and is undone', async (t) => {
  const directory = t.testdir();
  const data = randomBytes(MIB);
  const salt = 'c0ffee';
  const { rootHash, tree, dataBlocks } = await verityTree([data], salt);
  const verityDisk = path.join(directory, 'verity.raw');
  await writeFile(verityDisk, Buffer.concat([data, tree]));
  const initramfs = await buildInitramfs({ kernel, modules: MODULES, signal });
  const guest = await bootGuest(t, {
    kernelImage: kernel.image,
    initramfs: initramfs.path,
    disks: [verityDisk],
    cpus: 2,
  });
  const agent = await guest.connect();
  t.same(
    (await agent.next('hello')).modules.filter(({ ok }) => !ok),
    [],
  );

  await t.test('given a sysctl, when its plan has ended, then it stays', async (t) => {
    const set = await agent.run(planOf({ set: { op: 'sysctl', name: 'vm/swappiness', value: '61' } }));
    t.match(set, { results: [{ ok: true }], done: { leftovers: [] } });
    const { results } = await agent.run(planOf({ read: { op: 'read', path: '/proc/sys/vm/swappiness' } }));
    t.match(results, [{ sha256: sha256('61\n') }]);
  });

  await t.test(
    'given a group, when it is made, changed and its plan ended, then limits hold and it is gone',
    async (t) => {
      const { results, done } = await agent.run(
        planOf({
          make: { op: 'cgroup', name: 'small', memoryMaxBytes: 3 * MIB, swapMaxBytes: 0 },
          limit: { op: 'read', path: '/sys/fs/cgroup/small/memory.max' },
          swap: { op: 'read', path: '/sys/fs/cgroup/small/memory.swap.max' },
          change: { op: 'cgroup', name: 'small', memoryMaxBytes: 0, swapMaxBytes: MIB },
          'no limit': { op: 'read', path: '/sys/fs/cgroup/small/memory.max' },
          counters: { op: 'counters', cgroup: 'small' },
          'no such group': { op: 'counters', cgroup: 'large' },
        }),
      );
      t.match(results, [
        { ok: true },
        { sha256: sha256(`${3 * MIB}\n`) },
        { sha256: sha256('0\n') },
        { ok: true },
        { sha256: sha256('max\n') },
        { counters: { pgsteal_direct: Number, 'memory.events.max': 0, 'memory.events.oom_kill': 0 } },
        { ok: false, errno: 'ENOENT', call: 'open' },
      ]);
      t.same(done.leftovers, []);
      const after = await agent.run(planOf({ gone: { op: 'tree', path: '/sys/fs/cgroup/small' } }));
      t.match(after.results, [{ errno: 'ENOENT' }]);
    },
  );

  for (const [how, counter] of [
    ['anonymous', 'nr_anon_pages'],
    ['mlock', 'nr_mlock'],
    ['tmpfs', 'nr_shmem'],
  ] as const)
    await t.test(
      `given a hog by ${how}, when it holds, then the kernel counts its pages, until the plan ends`,
      async (t) => {
        const pages = (32 * MIB) / 4096;
        const { results, done } = await agent.run(
          planOf({ before: counters, hog: { op: 'hog', bytes: 32 * MIB, how }, during: counters }),
        );
        // A memfd is let go by the last work of a process that exits: the plan may have ended a moment before.
        let after: readonly StepResult[] = [];
        for (let tries = 0; tries < 20; tries++) {
          ({ results: after } = await agent.run(planOf({ after: counters })));
          if (rise([...results, ...after], 'during', 'after', counter) < -0.9 * pages) break;
        }
        t.match(results[1], { ok: true });
        t.ok(rise(results, 'before', 'during', counter) > 0.9 * pages);
        t.ok(rise([...results, ...after], 'during', 'after', counter) < -0.9 * pages);
        t.same(done.leftovers, []);
      },
    );

  await t.test(
    'given a hog that is too big, then the kernel refuses it, kills nothing, and the plan goes on',
    async (t) => {
      const { results, stuck, done } = await agent.run(
        planOf({ before: counters, hog: { op: 'hog', bytes: 400 * MIB, how: 'mlock' }, after: counters }, 60_000),
      );
      t.match(results[1], { ok: false, errno: 'ENOMEM' });
      t.equal(rise(results, 'before', 'after', 'oom_kill'), 0);
      t.same([stuck, done.leftovers], [undefined, []]);
    },
  );

  await t.test(
    'given swap and a hog that does not fit, when it holds, then pages are swapped, and swap is undone',
    async (t) => {
      const { results, done } = await agent.run(
        planOf(
          {
            before: counters,
            swap: { op: 'swap', sizeBytes: 256 * MIB },
            again: { op: 'swap', sizeBytes: 256 * MIB },
            hog: { op: 'hog', bytes: 220 * MIB, how: 'anonymous' },
            after: counters,
          },
          90_000,
        ),
      );
      t.same(
        results.map(({ ok, call, errno }) => (ok ? 'ok' : `${call}: ${errno}`)),
        ['ok', 'ok', 'disksize: EBUSY', 'ok', 'ok'],
      );
      for (const name of ['pswpout', 'allocstall_', 'pgsteal_direct', 'pgsteal_kswapd', 'oom_kill'])
        t.comment(`swap: ${name} ${rise(results, 'before', 'after', name)}`);
      t.ok(rise(results, 'before', 'after', 'pswpout') > 1000);
      t.same(done.leftovers, []);
      const after = await agent.run(planOf({ size: { op: 'read', path: '/sys/block/zram0/disksize' } }));
      t.match(after.results, [{ sha256: sha256('0\n') }]);
    },
  );

  await t.test(
    'given a disk with a hash tree, when verity is put on it, then it reads what fits its root hash',
    async (t) => {
      const verity = {
        ...({ op: 'verity', data: '/dev/vda', hash: '/dev/vda', dataBlocks, hashStartBlock: dataBlocks } as const),
        ...{ blockBytes: 4096, algorithm: 'sha256', salt },
      };
      const { results, done } = await agent.run(
        planOf({
          good: { ...verity, name: 'good', rootHash },
          read: { op: 'read', path: '/dev/mapper/good' },
          'same name': { ...verity, name: 'good', rootHash },
          bad: { ...verity, name: 'bad', rootHash: rootHash.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) },
          'read bad': { op: 'read', path: '/dev/mapper/bad' },
          'no such disk': { ...verity, name: 'none', data: '/dev/none', rootHash },
        }),
      );
      t.match(results[0], { ok: true, device: '/dev/mapper/good' });
      t.match(results[1], { sha256: sha256(data) });
      t.match(results[2], { errno: 'EBUSY', call: 'DM_DEV_CREATE' });
      t.match(results[3], { ok: true });
      t.match(results[4], { errno: 'EIO', call: 'read' });
      t.match(results[5], { ok: false, call: 'DM_TABLE_LOAD' });
      t.same(done.leftovers, []);
      const after = await agent.run(planOf({ nodes: { op: 'tree', path: '/dev/mapper' } }));
      t.same(
        after.results[0]?.entries?.map((entry) => entry.path),
        ['.', 'control'],
      );
    },
  );
});
