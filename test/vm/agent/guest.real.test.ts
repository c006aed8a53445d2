import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import t from 'tap';
import { buildInitramfs } from '../../../vm/agent/initramfs.ts';
import type { KernelModule } from '../../../vm/kernel/kernel.ts';
import { resolveKernel } from '../../../vm/kernel/resolve.ts';
import { planOf } from './conversation.ts';
import { bootGuest } from './guest.ts';

const signal = AbortSignal.timeout(280_000);
const kernel = await resolveKernel('debian:6.18.9', { signal });
// The first two are built into recent kernels: they are then left out.
const MODULES = ['virtio_pci', 'virtio_console', 'virtio_blk', 'loop', 'overlay', 'erofs', 'xfs'];

const FILES = { text: 'no image\n', tree: { 'hello.txt': 'hello\n', sub: { 'more.txt': 'more\n'.repeat(5000) } } };

/** A raw XFS disk holding one erofs image, `/image.erofs`, and a text file, `/text`. */
async function makeDisk(directory: string): Promise<string> {
  const [disk = '', image = '', text = '', prototype = ''] = ['disk.raw', 'image.erofs', 'text', 'prototype'].map(
    (name) => path.join(directory, name),
  );
  await execa('mkfs.erofs', ['-T', '1577836800', '--all-root', image, path.join(directory, 'tree')]);
  await writeFile(prototype, `dummy\n0 0\nd--755 0 0\nimage.erofs ---644 0 0 ${image}\ntext ---644 0 0 ${text}\n$\n`);
  await execa('truncate', ['-s', '300M', disk]);
  await execa('mkfs.xfs', ['-q', '-p', prototype, disk]);
  return disk;
}

await t.test('given a Debian kernel, when it boots with the agent as init', async (t) => {
  const directory = t.testdir(FILES);
  const disk = await makeDisk(directory);
  const initramfs = await buildInitramfs({ kernel, modules: MODULES, signal });
  const began = Date.now();
  const guest = await bootGuest(t, { kernelImage: kernel.image, initramfs: initramfs.path, disks: [disk] });
  let agent = await guest.connect();
  // Before the guest has so much as a kernel: the line waits in the device.
  agent.send({ v: 1, type: 'ping', id: 'early' });
  const hello = await agent.next('hello');
  t.comment(`hello after ${Date.now() - began} ms`);

  t.equal(hello.release, kernel.release, 'then hello names the kernel');
  t.same(
    hello.modules,
    initramfs.modules.map(({ name }) => ({ name, ok: true })),
    'then every module is loaded',
  );
  t.match(hello.commandLine, /randomize_kstack_offset=off/, 'then hello has the command line');
  t.equal((await agent.next('pong')).id, 'early', 'then the ping sent before boot is answered');

  const pingTimes: number[] = [];
  for (let i = 0; i < 20; i++) {
    const sent = performance.now();
    agent.send({ v: 1, type: 'ping', id: String(i) });
    await agent.next('pong');
    pingTimes.push(performance.now() - sent);
  }
  t.comment(`ping ${pingTimes.sort((a, b) => a - b)[10]?.toFixed(2)} ms`);

  const early = await agent.run(
    planOf({
      disk: { op: 'mount', source: '/dev/vda', target: '/mnt', fstype: 'xfs', flags: [], data: '' },
    }),
  );
  t.match(
    early.results,
    [{ ok: false, errno: 'ENOENT', call: 'mount' }],
    'then a mount point that is not there is ENOENT',
  );

  const mounted = await agent.run(
    planOf({
      dirs: { op: 'mkdir', paths: ['/m/disk'], mode: 0o755 },
      f: { op: 'mkdir', paths: ['/m/f'], mode: 0o755 },
      l: { op: 'mkdir', paths: ['/m/l'], mode: 0o755 },
      o: { op: 'mkdir', paths: ['/m/o'], mode: 0o755 },
      n: { op: 'mkdir', paths: ['/m/n'], mode: 0o755 },
      'xfs on vda': { op: 'mount', source: '/dev/vda', target: '/m/disk', fstype: 'xfs', flags: [], data: '' },
      upper: { op: 'mkdir', paths: ['/m/disk/upper'], mode: 0o755 },
      work: { op: 'mkdir', paths: ['/m/disk/work'], mode: 0o755 },
      'erofs from a file': {
        op: 'mount',
        source: '/m/disk/image.erofs',
        target: '/m/f',
        fstype: 'erofs',
        flags: ['rdonly'],
        data: '',
      },
      'not erofs': {
        op: 'mount',
        source: '/m/disk/text',
        target: '/m/n',
        fstype: 'erofs',
        flags: ['rdonly'],
        data: '',
      },
      'not erofs, new API': {
        op: 'fsmount',
        fstype: 'erofs',
        parameters: [{ kind: 'string', key: 'source', value: '/m/disk/text' }],
        target: '/m/n',
        rdonly: true,
      },
      'unknown parameter': {
        op: 'fsmount',
        fstype: 'overlay',
        parameters: [{ kind: 'string', key: 'nonsense', value: '1' }],
        target: '/m/n',
        rdonly: true,
      },
      loop: { op: 'loop', name: 'image', file: '/m/disk/image.erofs', rdonly: true, directIo: false },
      'erofs on loop': {
        op: 'fsmount',
        fstype: 'erofs',
        parameters: [{ kind: 'string', key: 'source', value: '/run/fathom/loop/image' }],
        target: '/m/l',
        rdonly: true,
      },
      overlay: {
        op: 'mount',
        source: 'o',
        target: '/m/o',
        fstype: 'overlay',
        flags: [],
        data: 'lowerdir=/m/f,upperdir=/m/disk/upper,workdir=/m/disk/work',
      },
      read: { op: 'read', path: '/m/o/hello.txt' },
      'copy-up': { op: 'open-write', path: '/m/o/hello.txt', append: 'and more\n' },
      tree: { op: 'tree', path: '/m/o' },
      'tree of loop': { op: 'tree', path: '/m/l' },
    }),
  );
  const by = Object.fromEntries(mounted.results.map((result) => [result.step, result]));
  const refused = ['not erofs', 'not erofs, new API', 'unknown parameter'];
  for (const result of mounted.results)
    t.equal(result.ok, !refused.includes(result.step), `then ${result.step}: ${result.errno ?? 'ok'}`);
  t.match(by['not erofs'], {
    errno: 'EINVAL',
    call: 'mount',
    messages: [{ text: /cannot find valid erofs superblock/, level: 3 }],
  });
  t.match(by['not erofs, new API'], {
    errno: 'EINVAL',
    call: 'fsconfig(create)',
    messages: [{ text: /cannot find valid erofs superblock/ }],
  });
  t.match(by['unknown parameter'], { errno: 'EINVAL', call: 'fsconfig(nonsense)', context: [/^e .*nonsense/] });
  t.match(by['loop'], { device: /^\/dev\/loop\d+$/ });
  t.match(by['read'], { sizeBytes: 6, sha256: '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03' });
  t.match(
    by['tree of loop']?.entries?.map(({ path: name }) => name),
    ['.', 'hello.txt', 'sub', 'sub/more.txt'],
  );
  t.match(by['tree']?.entries?.[1], { path: 'hello.txt', sizeBytes: 15, mode: 0o644, uid: 0 });
  t.same(mounted.done.leftovers, [], 'then nothing is left of mounts, loop device and directories');

  const again = await agent.run(
    planOf({ there: { op: 'tree', path: '/m' }, links: { op: 'tree', path: '/run/fathom/loop' } }),
  );
  t.match(again.results[0], { ok: false, errno: 'ENOENT' }, 'then the directories of the plan before are gone');
  t.equal(again.results[1]?.entries?.length, 1, 'then its loop link is gone');

  await guest.hangUp();
  agent = await guest.connect();
  agent.send({ v: 1, type: 'ping', id: 'new host' });
  t.equal((await agent.next('pong')).id, 'new host', 'then a host that connects anew is answered');
  agent.sendRaw('{"v":1,"type":"pi');
  await guest.hangUp();
  agent = await guest.connect();
  agent.send({ v: 1, type: 'ping', id: 'clean' });
  t.equal((await agent.next('pong')).id, 'clean', 'then half a line of the host before is forgotten');

  agent.send(planOf({ 'the end': { op: 'sysrq', key: 'c' } }));
  await guest.ended;
  const console = await guest.console();
  t.match(
    console,
    /fathom: begin the end[\s\S]*Kernel panic - not syncing: sysrq triggered crash/,
    'then sysrq c is a panic on the console, after the marker',
  );
});

await t.test(
  'given a module that is none and an agent told to end, when the guest boots, then the refusal is told and the end is a panic',
  async (t) => {
    const file = path.join(t.testdir({ 'broken.ko': 'no module\n'.repeat(100) }), 'broken.ko');
    const modules = async (names: readonly string[]): Promise<readonly KernelModule[]> => [
      ...(await kernel.modules(names)),
      { name: 'broken', file, replaced: true },
    ];
    const broken = await buildInitramfs({
      kernel: { ...kernel, identity: `${kernel.identity}, broken`, modules },
      modules: ['virtio_pci', 'virtio_console', 'loop'],
      signal,
    });
    const guest = await bootGuest(t, { kernelImage: kernel.image, initramfs: broken.path });
    const agent = await guest.connect();
    t.match((await agent.next('hello')).modules.at(-1), {
      name: 'broken',
      ok: false,
      errno: 'ENOEXEC',
      messages: [/Invalid ELF header/],
    });
    agent.send(planOf({ spin: { operation: { op: 'misbehave', how: 'spin' }, deadlineMs: 300 } }));
    t.match(await agent.next('stuck'), { step: 'spin', how: 'deadline', stack: /^state R/ });
    t.same((await agent.next('done')).leftovers, []);
    agent.send(planOf({ exit: { op: 'misbehave', how: 'exit' } }));
    await guest.ended;
    t.match(await guest.console(), /Kernel panic - not syncing: Attempted to kill init!/);
  },
);

await t.test('given a kernel of 2020, when it runs the same agent, then its own refusals come back', async (t) => {
  const old = await resolveKernel('debian:5.10', { signal });
  const disk = await makeDisk(t.testdir(FILES));
  const built = await buildInitramfs({ kernel: old, modules: MODULES, signal });
  const guest = await bootGuest(t, { kernelImage: old.image, initramfs: built.path, disks: [disk] });
  const agent = await guest.connect();
  t.same(
    (await agent.next('hello')).modules,
    built.modules.map(({ name }) => ({ name, ok: true })),
  );
  const { results, done } = await agent.run(
    planOf({
      disk: { op: 'mkdir', paths: ['/m/disk'], mode: 0o755 },
      image: { op: 'mkdir', paths: ['/m/image'], mode: 0o755 },
      xfs: { op: 'mount', source: '/dev/vda', target: '/m/disk', fstype: 'xfs', flags: [], data: '' },
      file: {
        op: 'mount',
        source: '/m/disk/image.erofs',
        target: '/m/image',
        fstype: 'erofs',
        flags: ['rdonly'],
        data: '',
      },
      loop: { op: 'loop', name: 'image', file: '/m/disk/image.erofs', rdonly: true, directIo: false },
      'on loop': {
        op: 'fsmount',
        fstype: 'erofs',
        parameters: [{ kind: 'string', key: 'source', value: '/run/fathom/loop/image' }],
        target: '/m/image',
        rdonly: true,
      },
      read: { op: 'read', path: '/m/image/hello.txt' },
    }),
  );
  t.same(
    results.map(({ ok, errno, call }) => (ok ? 'ok' : `${call}: ${errno}`)),
    ['ok', 'ok', 'ok', 'mount: ENOTBLK', 'ok', 'ok', 'ok'],
  );
  // A clock source that is found now may say so in between.
  const alarming = results[3]?.messages.filter(({ level }) => level <= 4);
  t.match(alarming, [{ text: /Can't open blockdev/ }]);
  t.same(done.leftovers, []);
  agent.send(planOf({ stop: { operation: { op: 'misbehave', how: 'stop' }, deadlineMs: 200 } }));
  while (!(await guest.console()).includes('fathom: begin stop')) await sleep(20);
  await sleep(200);
  agent.send({ v: 1, type: 'ping', id: 'silence' });
  const silence = await Promise.race([
    agent.nextText().then(
      () => 'answered',
      () => 'ended',
    ),
    sleep(1500, 'silent'),
  ]);
  t.equal(silence, 'silent', 'then an agent told to stop says nothing, not even that it is stuck');
});
