/** Plans run by the agent beside us, in mount namespaces of its own: results, deadlines, deaths, leftovers. */
import { createHash } from 'node:crypto';
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { planOf } from './conversation.ts';
import { needsRoot, startAgent } from './stdio.ts';

const hasFilesystem = async (name: string): Promise<false | string> =>
  (await readFile('/proc/filesystems', 'utf8')).split(/\s+/).includes(name)
    ? false
    : `this host's kernel has no ${name}`;
const hasLoop = await access('/dev/loop-control').then(
  () => false as const,
  () => 'this host has no loop devices',
);
const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

await t.test(
  'given files, when they are made, copied, changed and read, then results say what is there',
  { skip: needsRoot },
  async (t) => {
    const directory = t.testdir({
      source: 'x'.repeat(300_000),
      tree: { b: 'bee', a: { deep: '' }, link: t.fixture('symlink', 'b') },
    });
    const at = (name: string): string => path.join(directory, name);
    const agent = await startAgent(t);
    const { results, done } = await agent.run(
      planOf({
        write: { op: 'write-text', path: at('text'), text: 'zero: \0, ü' },
        'read text': { op: 'read', path: at('text') },
        copy: { op: 'copy-file', from: at('source'), to: at('copy') },
        append: { op: 'open-write', path: at('copy'), append: 'y' },
        'read copy': { op: 'read', path: at('copy') },
        mkdir: { op: 'mkdir', paths: [at('one/two//three/')], mode: 0o711 },
        'mkdir again': { op: 'mkdir', paths: [at('one/two/three')], mode: 0o711 },
        'mkdir on a file': { op: 'mkdir', paths: [at('source')], mode: 0o711 },
        'stat three': { op: 'tree', path: at('one/two/three') },
        tree: { op: 'tree', path: at('tree') },
        'no file to open': { op: 'open-write', path: at('absent'), append: '' },
        'a directory to read': { op: 'read', path: at('tree') },
        'no loop': { op: 'loop-detach', name: 'absent', keepName: false },
      }),
    );
    const by = Object.fromEntries(results.map((result) => [result.step, result]));
    t.match(by['read text'], { ok: true, sha256: sha256('zero: \0, ü'), sizeBytes: 11 });
    t.match(by['read copy'], { ok: true, sha256: sha256(`${'x'.repeat(300_000)}y`), sizeBytes: 300_001 });
    t.match(by['mkdir again'], { ok: true }, 'then a directory that exists is fine');
    t.match(by['mkdir on a file'], { ok: false, errno: 'EEXIST', call: 'mkdir' });
    t.match(by['stat three'], { entries: [{ path: '.', type: 'directory', mode: 0o711 }] });
    t.same(
      by['tree']?.entries?.map(({ path: name, type, target, sha256: hash }) => [name, type, target ?? hash]),
      [
        ['.', 'directory', undefined],
        ['a', 'directory', undefined],
        ['a/deep', 'file', sha256('')],
        ['b', 'file', sha256('bee')],
        ['link', 'symlink', 'b'],
      ],
      'then a tree is listed in order, with links and hashes',
    );
    t.match(by['no file to open'], { ok: false, errno: 'ENOENT', call: 'open' });
    t.match(by['a directory to read'], { ok: false, errno: 'EISDIR', call: 'read' });
    t.match(by['no loop'], { ok: false, errno: 'ENOENT', call: 'readlink' });
    t.same(done.leftovers, []);
    t.notOk(await exists(at('one')), 'then what the plan has made is gone');
    t.notOk(await exists(at('copy')));
    t.ok(await exists(at('source')), 'then what was there before is there');
    t.same(await agent.end(), { exitCode: 0, stderr: '' });
  },
);

await t.test(
  'given a plan that mounts, when it ends, then its mounts were seen by nobody else and are gone',
  { skip: needsRoot },
  async (t) => {
    const directory = t.testdir({ mnt: {} });
    const target = path.join(directory, 'mnt');
    const agent = await startAgent(t);
    const { results, done } = await agent.run(
      planOf({
        mount: { op: 'mount', source: 'none', target, fstype: 'tmpfs', flags: ['nosuid'], data: 'size=1m' },
        inside: { op: 'write-text', path: path.join(target, 'file'), text: 'x' },
        'new API': {
          op: 'fsmount',
          fstype: 'tmpfs',
          parameters: [{ kind: 'string', key: 'size', value: '1m' }],
          target,
          rdonly: true,
        },
        'read-only': { op: 'write-text', path: path.join(target, 'file'), text: 'x' },
        umount: { op: 'umount', target, lazy: false },
        'no mount there': { op: 'umount', target: directory, lazy: true },
        'no such filesystem': { op: 'mount', source: 'none', target, fstype: 'nonesuch', flags: [], data: '' },
        'no such filesystem, new API': { op: 'fsmount', fstype: 'nonesuch', parameters: [], target, rdonly: false },
        'needs it': { operation: { op: 'drop-caches' }, needs: ['mount', 'no such filesystem'] },
      }),
    );
    t.same(
      results.map(({ ok, errno, call, skipped }) => (ok ? 'ok' : (skipped ?? `${call}: ${errno}`))),
      [
        'ok',
        'ok',
        'ok',
        'open: EROFS',
        'ok',
        'umount2: EINVAL',
        'mount: ENODEV',
        'fsopen: ENODEV',
        'no such filesystem',
      ],
    );
    t.same(done.leftovers, []);
    t.notMatch(await readFile('/proc/self/mountinfo', 'utf8'), target);
  },
);

await t.test(
  "given a text file, when it is mounted as erofs, then errno and the kernel's message belong to that step",
  { skip: needsRoot || (await hasFilesystem('erofs')) },
  async (t) => {
    const directory = t.testdir({ mnt: {}, text: 'no image\n'.repeat(1000) });
    const [target, source] = [path.join(directory, 'mnt'), path.join(directory, 'text')];
    const agent = await startAgent(t);
    const { results } = await agent.run(
      planOf({
        before: { op: 'read', path: source },
        'mount(2)': { op: 'mount', source, target, fstype: 'erofs', flags: ['rdonly'], data: '' },
        between: { op: 'read', path: source },
        'new API': {
          op: 'fsmount',
          fstype: 'erofs',
          parameters: [{ kind: 'string', key: 'source', value: source }],
          target,
          rdonly: true,
        },
      }),
    );
    const own = results.map(({ messages }) => messages.filter(({ facility }) => facility === 0));
    t.match(results[1], { ok: false, call: 'mount', errno: /^(EINVAL|ENOTBLK)$/ });
    t.match(results[3], { ok: false, call: 'fsconfig(create)', errno: results[1]?.errno ?? '' });
    if (results[1]?.errno === 'EINVAL')
      t.match(own[1], [{ level: 3, text: /^erofs.*cannot find valid erofs superblock/ }]);
    t.same(own[0], []);
    t.same(own[2], []);
  },
);

await t.test(
  'given a loop device, when the plan ends without detaching it, then the agent does',
  { skip: needsRoot || hasLoop },
  async (t) => {
    const directory = t.testdir({ file: Buffer.alloc(1 << 20, 'x') });
    const agent = await startAgent(t);
    const attached = await agent.run(
      planOf({
        one: { op: 'loop', name: 'one', file: path.join(directory, 'file'), rdonly: true, directIo: false },
        'read it': { op: 'read', path: '/run/fathom/loop/one' },
        two: { op: 'loop', name: 'two', file: path.join(directory, 'file'), rdonly: false, directIo: false },
        'one again': { op: 'loop', name: 'one', file: path.join(directory, 'file'), rdonly: true, directIo: false },
        detach: { op: 'loop-detach', name: 'two', keepName: true },
        'on the unbound one': { op: 'loop', name: 'four', file: '/run/fathom/loop/two', rdonly: true, directIo: false },
        absent: { op: 'loop', name: 'three', file: path.join(directory, 'absent'), rdonly: true, directIo: false },
      }),
    );
    t.same(
      attached.results.map(({ ok, errno, call }) => (ok ? 'ok' : `${call}: ${errno}`)),
      ['ok', 'ok', 'ok', 'symlink: EEXIST', 'ok', 'LOOP_CONFIGURE: EBADF', 'open: ENOENT'],
    );
    t.match(attached.results[0], { device: /^\/dev\/loop\d+$/, directIo: false });
    t.equal(attached.results[1]?.sizeBytes, 1 << 20);
    t.equal(attached.results[4]?.device, attached.results[2]?.device);
    t.same(attached.done.leftovers, []);
    t.notOk(
      await exists(`/sys/block/${path.basename(attached.results[0]?.device ?? '')}/loop`),
      'then the device is free',
    );
    t.notOk(await exists('/run/fathom/loop/one'), 'then its link is gone');
  },
);

await t.test(
  'given a step without end, when its deadline passes, then it is stuck, and the plan is over',
  { skip: needsRoot },
  async (t) => {
    const agent = await startAgent(t);
    agent.send(
      planOf({
        first: { op: 'read', path: '/dev/null' },
        spin: { operation: { op: 'misbehave', how: 'spin' }, deadlineMs: 200 },
        never: { op: 'drop-caches' },
      }),
    );
    await agent.next('result');
    agent.send({ v: 1, type: 'ping', id: 'meanwhile' });
    agent.send(planOf({}));
    t.equal((await agent.next('pong')).id, 'meanwhile', 'then the supervisor answers all the while');
    t.match((await agent.next('fault')).reason, /a plan is running already/);
    t.match(await agent.next('stuck'), { step: 'spin', how: 'deadline', stack: /^state R/ });
    t.same((await agent.next('done')).leftovers, []);
    t.match(
      (await agent.run(planOf({ next: { op: 'read', path: '/dev/null' } }))).results,
      [{ ok: true }],
      'then another plan can be run',
    );
    t.same(await agent.end(), { exitCode: 0, stderr: '' });
  },
);

await t.test(
  'given a worker that is killed, when it dies, then it is stuck by that signal, and no plan is trusted any more',
  { skip: needsRoot },
  async (t) => {
    const agent = await startAgent(t);
    agent.send(planOf({ spin: { op: 'misbehave', how: 'spin' } }));
    let worker: number | undefined;
    while (worker === undefined) [worker] = await agent.children();
    await sleep(50);
    process.kill(worker, 'SIGKILL');
    t.match(await agent.next('stuck'), { step: 'spin', how: 'signal', signal: 9 });
    await agent.next('done');
    agent.send(planOf({}));
    t.match((await agent.next('fault')).reason, /no more plans in this machine: a worker died of signal 9/);
    t.same(await agent.end(), { exitCode: 0, stderr: '' });
  },
);

await t.test(
  'given garbage on order, when the step is run, then bytes that are no protocol come, and its result',
  { skip: needsRoot },
  async (t) => {
    const agent = await startAgent(t);
    agent.send(planOf({ garbage: { op: 'misbehave', how: 'garbage' } }));
    t.match(await agent.nextText(), /^\ufffd\ufffd\{"v":1,"type":"res$/);
    t.equal(await agent.nextText(), '\0');
    t.equal(await agent.nextText(), ']]');
    t.match(await agent.next('result'), { ok: true });
    await agent.next('done');
  },
);

await t.test(
  'given an exit on order, when the step is run, then the agent ends, and its worker with it',
  { skip: needsRoot },
  async (t) => {
    const agent = await startAgent(t);
    agent.send(planOf({ exit: { op: 'misbehave', how: 'exit' } }));
    t.equal((await agent.end()).exitCode, 1);
  },
);

await t.test('given a plan without steps, when it is run, then it is done at once', { skip: needsRoot }, async (t) => {
  const agent = await startAgent(t);
  const { results, done } = await agent.run(planOf({}));
  t.same([results, done.leftovers], [[], []]);
});

await t.test(
  'given a running plan, when the input ends, then the plan is finished first',
  { skip: needsRoot },
  async (t) => {
    const agent = await startAgent(t);
    agent.send(planOf({ a: { op: 'tree', path: '/proc/sys/kernel' }, b: { op: 'read', path: '/dev/null' } }));
    const ended = agent.end();
    await agent.next('result');
    await agent.next('result');
    await agent.next('done');
    t.same(await ended, { exitCode: 0, stderr: '' });
  },
);
