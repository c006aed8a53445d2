/** FUSE mounts in a guest: what their daemon passes through, and whose fault it is when it dies or hangs. */
import t from 'tap';
import { buildInitramfs } from '../../../vm/agent/initramfs.ts';
import type { Operation } from '../../../vm/agent/protocol.ts';
import { resolveKernel } from '../../../vm/kernel/resolve.ts';
import { planOf } from './conversation.ts';
import { bootGuest } from './guest.ts';

const signal = AbortSignal.timeout(200_000);
const kernel = await resolveKernel('debian:6.18.9', { signal });
const { path: initramfs } = await buildInitramfs({
  kernel,
  modules: ['virtio_pci', 'virtio_console', 'fuse', 'overlay'],
  signal,
});

const PASSES = { passthrough: true, maxStackDepth: 1, writebackCache: false };
const fuse = (over: string, target: string, rest: Partial<Extract<Operation, { op: 'fuse' }>> = {}): Operation => ({
  ...{ op: 'fuse', over, target, rdonly: false, passthrough: false, maxStackDepth: 0, writebackCache: false },
  ...rest,
});
const exercise = (how: Extract<Operation, { op: 'exercise' }>['how'], path: string, to = ''): Operation => ({
  ...{ op: 'exercise', how, path, to, seed: 1, count: 1, processes: 1, cgroup: '', trace: false },
});

/** A tmpfs with a few files, and FUSE over it. */
const MOUNTS: Readonly<Record<string, Operation>> = {
  dirs: { op: 'mkdir', paths: ['/m/t', '/m/f', '/m/g'], mode: 0o755 },
  tmpfs: { op: 'mount', source: 't', target: '/m/t', fstype: 'tmpfs', flags: [], data: '' },
  inner: { op: 'mkdir', paths: ['/m/t/dir/deep'], mode: 0o711 },
  text: { op: 'write-text', path: '/m/t/dir/text', text: 'x'.repeat(60_000) },
  fuse: fuse('/m/t', '/m/f'),
};

await t.test('given a FUSE mount', async (t) => {
  const guest = await bootGuest(t, { kernelImage: kernel.image, initramfs });
  const agent = await guest.connect();
  await agent.next('hello');

  for (const [title, options] of [
    ['plain', {}],
    ['with a writeback cache', { writebackCache: true }],
    ['with passthrough', PASSES],
  ] as const)
    await t.test(`${title}, when files are read, made and changed through it, then it is all below it`, async (t) => {
      const { results, done, stuck } = await agent.run(
        planOf({
          ...MOUNTS,
          fuse: fuse('/m/t', '/m/f', options),
          read: { op: 'read', path: '/m/f/dir/text' },
          write: { op: 'open-write', path: '/m/f/dir/text', append: 'and more' },
          make: { op: 'write-text', path: '/m/f/made', text: 'made' },
          mkdir: { op: 'mkdir', paths: ['/m/f/one/two'], mode: 0o700 },
          ...Object.fromEntries(
            (['truncate', 'chmod', 'chown', 'utimensat', 'setxattr', 'mmap-write'] as const).map((how) => [
              how,
              exercise(how, '/m/f/made'),
            ]),
          ),
          ...Object.fromEntries(
            (['pread', 'readv', 'mmap', 'sendfile', 'splice', 'readahead', 'getxattr'] as const).map((how) => [
              how,
              exercise(how, '/m/f/made'),
            ]),
          ),
          link: exercise('link', '/m/f/made', '/m/f/linked'),
          rename: exercise('rename', '/m/f/linked', '/m/f/one/renamed'),
          getdents: exercise('getdents', '/m/f/dir'),
          churn: { ...exercise('churn', '/m/f'), count: 100 } as Operation,
          rostress: { ...exercise('rostress', '/m/f'), count: 100 } as Operation,
          sync: { op: 'drop-caches' },
          above: { op: 'tree', path: '/m/f' },
          below: { op: 'tree', path: '/m/t' },
        }),
      );
      t.same(
        results.filter(({ ok }) => !ok).map(({ step, errno, call }) => [step, errno, call]),
        [],
      );
      // All but the device, which is FUSE's own.
      const treeOf = (step: string) =>
        results
          .find((result) => result.step === step)
          ?.entries?.map((entry) => Object.fromEntries(Object.entries(entry).filter(([key]) => key !== 'device')));
      t.ok((treeOf('below')?.length ?? 0) > 10, 'then there is much to compare');
      t.same(treeOf('above'), treeOf('below'));
      t.same([stuck, done.leftovers], [undefined, []]);
    });

  await t.test('that passes through, when files are offered, then the kernel takes those that lie lower', async (t) => {
    const { results, done } = await agent.run(
      planOf({
        ...MOUNTS,
        fuse: fuse('/m/t', '/m/f', PASSES),
        'lies lower': { op: 'fuse-backing', target: '/m/f', file: '/m/t/dir/text' },
        'lies no lower': { op: 'fuse-backing', target: '/m/f', file: '/m/f/dir/text' },
        none: { op: 'fuse-backing', target: '/m/g', file: '/m/t/dir/text' },
      }),
    );
    const by = Object.fromEntries(results.map((result) => [result.step, result]));
    t.match(by['lies lower'], { ok: true });
    t.match(by['lies no lower'], { ok: false, errno: 'ELOOP', call: 'FUSE_DEV_IOC_BACKING_OPEN' });
    t.match(by['none'], { ok: false, errno: 'ENOENT', call: 'FUSE daemon' });
    t.same(done.leftovers, []);
  });

  await t.test('that is unmounted, when steps follow, then its daemon has ended well', async (t) => {
    const { results, stuck, done } = await agent.run(
      planOf({
        ...MOUNTS,
        umount: { op: 'umount', target: '/m/f', lazy: false },
        after: { op: 'tree', path: '/m/f' },
      }),
    );
    t.ok(results.every(({ ok }) => ok));
    t.same([stuck, done.leftovers], [undefined, []]);
  });

  for (const [how, words] of [
    ['daemon-kill', /^the FUSE daemon of \/m\/f has died/],
    ['daemon-stop', /^the FUSE daemon of \/m\/f is stopped/],
    ['daemon-spin', /^the FUSE daemon of \/m\/f turns in circles/],
  ] as const)
    await t.test(
      `whose daemon does ${how}, when a step needs it, then the daemon is named and no result`,
      async (t) => {
        const plan = planOf({
          ...MOUNTS,
          misbehave: { op: 'misbehave', how },
          read: { op: 'read', path: '/m/f/dir/text' },
          never: { op: 'read', path: '/m/t/dir/text' },
        });
        const { results, stuck, done } = await agent.run({
          ...plan,
          steps: plan.steps.map((step) => ({ ...step, deadlineMs: step.id === 'read' ? 3000 : step.deadlineMs })),
        });
        t.match(stuck, { how: 'daemon', stack: words });
        t.notOk(results.some(({ step }) => step === 'never'));
        t.same(done.leftovers, [], 'then nothing is left, and the next plan is run');
      },
    );
});
