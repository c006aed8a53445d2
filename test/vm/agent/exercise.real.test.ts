/** Exercises through two overlays over an erofs in a file on XFS, traced: tables show the way, uppers what was copied up. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { buildAgent } from '../../../vm/agent/build.ts';
import { buildInitramfs } from '../../../vm/agent/initramfs.ts';
import { copyUpWay, readWay, type Operation } from '../../../vm/agent/protocol.ts';
import { resolveKernel } from '../../../vm/kernel/resolve.ts';
import { planOf } from './conversation.ts';
import { bootGuest } from './guest.ts';

type Exercise = Extract<Operation, { op: 'exercise' }>;

const signal = AbortSignal.timeout(280_000);
const kernel = await resolveKernel('debian:6.18.9', { signal });
const MODULES = ['virtio_pci', 'virtio_console', 'virtio_blk', 'loop', 'overlay', 'erofs', 'xfs'];
const TOP = '/m/top';

async function makeDisk(directory: string): Promise<string> {
  const at = (name: string): string => path.join(directory, name);
  const { path: agent } = await buildAgent({ signal });
  await execa('cp', [agent, at('tree/program')]);
  await execa('setfattr', ['-n', 'user.one', '-v', '1', at('tree/file')], { reject: false });
  await execa('mkfs.erofs', ['-T', '1577836800', '--all-root', at('image.erofs'), at('tree')]);
  await writeFile(at('prototype'), `dummy\n0 0\nd--755 0 0\nimage.erofs ---644 0 0 ${at('image.erofs')}\n$\n`);
  await execa('truncate', ['-s', '300M', at('disk.raw')]);
  await execa('mkfs.xfs', ['-q', '-p', at('prototype'), at('disk.raw')]);
  return at('disk.raw');
}

const exercise = (how: Exercise['how'], file: string, rest: Partial<Exercise> = {}): Exercise => ({
  ...{ op: 'exercise', how, path: `${TOP}/${file}`, to: '', seed: 1, count: 1, processes: 1, cgroup: '', trace: true },
  ...rest,
});

const mount = (source: string, target: string, fstype: string, data: string, rdonly = false): Operation => ({
  ...{ op: 'mount', source, target, fstype, data },
  flags: rdonly ? ['rdonly'] : [],
});

/** The lower overlay is read-only; the upper one has the upperdir. */
const MOUNTS: Readonly<Record<string, Operation>> = {
  dirs: { op: 'mkdir', paths: ['/m/disk', '/m/e', '/m/low', TOP, '/m/empty'], mode: 0o755 },
  disk: mount('/dev/vda', '/m/disk', 'xfs', ''),
  'disk dirs': { op: 'mkdir', paths: ['/m/disk/upper', '/m/disk/work'], mode: 0o755 },
  erofs: mount('/m/disk/image.erofs', '/m/e', 'erofs', '', true),
  low: mount('low', '/m/low', 'overlay', 'lowerdir=/m/e:/m/empty', true),
  top: mount('top', TOP, 'overlay', 'lowerdir=/m/low,upperdir=/m/disk/upper,workdir=/m/disk/work'),
};

const subjectOf = (how: string): string =>
  how === 'getdents' ? 'dir' : how === 'readlink' ? 'link' : how === 'exec' ? 'program' : 'file';

await t.test('given a guest with the stack tracer on, when trees are exercised', async (t) => {
  const directory = t.testdir({
    tree: {
      file: 'f'.repeat(400_001),
      link: t.fixture('symlink', 'file'),
      dir: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`entry-${index}`, `${index}`])),
      up: Object.fromEntries(copyUpWay.options.map((how) => [how, 'u'.repeat(100_001)])),
      'up-dir': { inside: 'x' },
    },
  });
  const disk = await makeDisk(directory);
  const initramfs = await buildInitramfs({ kernel, modules: MODULES, signal });
  const guest = await bootGuest(t, { kernelImage: kernel.image, initramfs: initramfs.path, disks: [disk] });
  const agent = await guest.connect();
  await agent.next('hello');

  const off = await agent.run(planOf({ off: { ...exercise('pread', ''), path: '/init' } }));
  t.match(off.results, [{ ok: false, call: 'stack tracer', errno: 'ENODATA' }], 'then a tracer that is off is told');
  const on = await agent.run(planOf({ on: { op: 'sysctl', name: 'kernel/stack_tracer_enabled', value: '1' } }, 60_000));
  t.match(on.results, [{ ok: true }]);

  // What the kernel cannot do there, it can on XFS: erofs in a file has no O_DIRECT, and nothing copies from it to XFS.
  const onDisk = (how: string): boolean => how === 'direct' || how === 'copy_file_range';
  const reads = await agent.run(
    planOf(
      {
        ...MOUNTS,
        ...Object.fromEntries<Operation>(
          readWay.options.flatMap((how) => [
            [`drop ${how}`, { op: 'drop-caches' }],
            [
              how,
              exercise(how, subjectOf(how), {
                ...(onDisk(how) && { path: '/m/disk/image.erofs' }),
                to: how === 'copy_file_range' ? '/m/disk/copy' : '',
              }),
            ],
          ]),
        ),
        'drop rostress': { op: 'drop-caches' },
        rostress: exercise('rostress', '', { count: 300, processes: 3 }),
        'direct on erofs': exercise('direct', 'file'),
        'copy_file_range across': exercise('copy_file_range', 'file', { to: `${TOP}/copy` }),
      },
      60_000,
    ),
  );
  const refused: Readonly<Record<string, string>> = {
    'direct on erofs': 'open: EINVAL',
    'copy_file_range across': 'copy_file_range: EXDEV',
  };
  for (const { step, ok, call, errno } of reads.results)
    t.equal(ok ? undefined : `${call}: ${errno}`, refused[step], `then ${step}`);
  const table = (step: string): string => reads.results.find((result) => result.step === step)?.trace?.table ?? '';
  for (const how of [...readWay.options, 'rostress']) {
    const size = reads.results.find(({ step }) => step === how)?.trace?.maxSizeBytes ?? 0;
    t.comment(`${how}: ${size} bytes`);
    t.ok(size > 1000 && size < 16384, `then ${how} has a peak`);
    t.match(table(how), /Depth +Size +Location +\(\d+ entries\)/);
  }
  for (const how of ['read', 'pread', 'readv', 'sendfile', 'splice', 'readahead', 'rostress']) {
    t.match(table(how), /\[erofs\]/, `then ${how} goes through erofs`);
    t.match(table(how), /\[overlay\]/, `then ${how} goes through overlayfs`);
  }
  t.match(table('mmap'), /\[erofs\]/);
  t.notMatch(table('mmap'), /\[overlay\]/, 'then a mapping is of the real file, and faults pass no overlay');
  t.match(table('sendfile'), /ovl_splice_read/);
  t.match(table('splice'), /ovl_splice_read/);

  const changes = await agent.run(
    planOf(
      {
        ...MOUNTS,
        ...Object.fromEntries<Operation>(
          copyUpWay.options.flatMap((how) => [
            [`drop ${how}`, { op: 'drop-caches' }],
            [how, exercise(how, `up/${how}`, { to: /^(link|rename)$/.test(how) ? `${TOP}/up/${how}.to` : '' })],
          ]),
        ),
        directory: exercise('chmod', 'up-dir'),
        upper: { op: 'tree', path: '/m/disk/upper' },
        churn: exercise('churn', '', { count: 500, processes: 2 }),
        'upper after churn': { op: 'tree', path: '/m/disk/upper' },
        'lower after all': { op: 'tree', path: '/m/e/up' },
      },
      60_000,
    ),
  );
  for (const result of changes.results) t.ok(result.ok, `then ${result.step}: ${result.call} ${result.errno}`);
  const entriesOf = (step: string): ReadonlyMap<string, { readonly type: string; readonly sizeBytes: number }> =>
    new Map(changes.results.find((result) => result.step === step)?.entries?.map((entry) => [entry.path, entry]) ?? []);
  const upper = entriesOf('upper');
  for (const how of copyUpWay.options) {
    const copied = upper.get(how === 'rename' ? 'up/rename.to' : `up/${how}`);
    t.match(copied, { type: 'file', sizeBytes: how === 'truncate' ? 50_000 : 100_001 }, `then ${how} copied up`);
    const trace = changes.results.find(({ step }) => step === how)?.trace;
    t.comment(`${how}: ${trace?.maxSizeBytes} bytes`);
    t.match(trace?.table, /ovl_copy_up/, `then the table of ${how} shows it`);
  }
  t.equal(upper.get('up/rename')?.type, 'character', 'then a rename leaves a whiteout');
  t.match(upper.get('up-dir'), { type: 'directory' });
  const churned = entriesOf('upper after churn');
  t.ok(churned.has('churn-1-0') && churned.has('churn-1-1'));
  t.ok(churned.size > upper.size);
  for (const [name, { type, sizeBytes }] of entriesOf('lower after all'))
    if (type === 'file') t.equal(sizeBytes, 100_001, `then ${name} below is what it was`);
  const churn = changes.results.find(({ step }) => step === 'churn');
  t.comment(`churn: ${churn?.performed} done, ${churn?.refused} refused, ${churn?.trace?.maxSizeBytes} bytes`);
  t.same(changes.done.leftovers, []);
});
