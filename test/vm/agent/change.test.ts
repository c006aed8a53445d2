/** Changes of a tree: both halves of the protocol accept and refuse the same, and each does what its name says. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import type { Change } from '../../../vm/agent/change.ts';
import { operation, plan, type StepResult } from '../../../vm/agent/protocol.ts';
import { planOf } from './conversation.ts';
import { needsRoot, startAgent } from './stdio.ts';

const MAX = Number.MAX_SAFE_INTEGER;
/** Every change once, at the ends of its ranges; the keys make a missing one a type error. */
const CHANGES: { readonly [How in Change['how']]: Extract<Change, { how: How }> } = {
  create: { how: 'create', path: '/x', mode: 0o7777, text: 'a\u0000\n💾' },
  'open-write': { how: 'open-write', path: '/x' },
  write: { how: 'write', path: '/x', offset: MAX, text: '' },
  append: { how: 'append', path: '/x', text: '' },
  'mmap-write': { how: 'mmap-write', path: '/x', offset: 0, text: '' },
  truncate: { how: 'truncate', path: '/x', sizeBytes: MAX },
  fallocate: { how: 'fallocate', path: '/x', mode: 'zero-range', offset: 0, length: MAX },
  fsync: { how: 'fsync', path: '/x' },
  mkdir: { how: 'mkdir', path: '/x', mode: 0 },
  rmdir: { how: 'rmdir', path: '/x' },
  unlink: { how: 'unlink', path: '/x' },
  symlink: { how: 'symlink', path: '/x', target: '../ü' },
  mknod: { how: 'mknod', path: '/x', type: 'socket', mode: 0o644, major: 0xfff, minor: 0xf_ffff },
  link: { how: 'link', path: '/x', to: '/y' },
  rename: { how: 'rename', path: '/x', to: '/y', flags: ['noreplace', 'exchange', 'whiteout'] },
  'copy-file-range': { how: 'copy-file-range', path: '/x', to: '/y' },
  chmod: { how: 'chmod', path: '/x', mode: 0o1777 },
  chown: { how: 'chown', path: '/x', uid: 0xffff_ffff, gid: 0 },
  utimensat: { how: 'utimensat', path: '/x', mtimeNs: '-9223372036854775808' },
  setxattr: { how: 'setxattr', path: '/x', name: 'user.ü', value: 'c0ffee' },
  removexattr: { how: 'removexattr', path: '/x', name: '' },
};

/** Nothing of it is done: it needs a step that fails. */
const inert = (changes: readonly unknown[]): unknown =>
  planOf({
    fails: { op: 'read', path: '/nonexistent' },
    ...Object.fromEntries(
      changes.map((change, index) => [
        `step ${index}`,
        { needs: ['fails'], operation: { op: 'change', change } as never },
      ]),
    ),
  });

await t.test(
  'given every change, when a plan holds them, then the agent understands each as change.ts does',
  { skip: needsRoot },
  async (t) => {
    const agent = await startAgent(t);
    const { results } = await agent.run(plan.parse(inert(Object.values(CHANGES))));
    t.equal(results.length, 1 + Object.keys(CHANGES).length);
    for (const result of results.slice(1)) t.equal(result.skipped, 'fails', result.step);
    t.same(await agent.end(), { exitCode: 0, stderr: '' });
  },
);

await t.test('given changes that are none, when they arrive, then each is refused with its place', async (t) => {
  const agent = await startAgent(t);
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [{ how: 'shrink', path: '/x' }, /operation\.change\.how: unknown change "shrink"/],
    [{ path: '/x' }, /operation\.change: missing field "how"/],
    [{ how: 'rmdir', path: 'x' }, /operation\.change\.path: not an absolute path/],
    [{ how: 'rmdir', path: '/x', to: '/y' }, /operation\.change: unknown field "to"/],
    [{ ...CHANGES.rename, flags: ['replace'] }, /change\.flags\[0\]: unknown flag "replace"/],
    [{ ...CHANGES.fallocate, mode: 'collapse' }, /change\.mode: unknown word "collapse"/],
    [{ ...CHANGES.mknod, type: 'file' }, /change\.type: unknown word "file"/],
    [{ ...CHANGES.mknod, minor: 0x10_0000 }, /change\.minor: out of range/],
    [{ ...CHANGES.setxattr, value: 'c0f' }, /change\.value: half a byte/],
    [{ ...CHANGES.setxattr, value: 'C0' }, /change\.value: not hexadecimal/],
    [{ ...CHANGES.utimensat, mtimeNs: '9223372036854775808' }, /change\.mtimeNs: does not fit 64 bits/],
    ...['', '-', '-0', '007', '1.5', ' 1', '+1'].map(
      (mtimeNs) => [{ ...CHANGES.utimensat, mtimeNs }, /change\.mtimeNs: not a decimal number/] as const,
    ),
  ];
  for (const [change, reason] of cases) {
    t.notOk(operation.safeParse({ op: 'change', change }).success, JSON.stringify(change));
    agent.send(inert([change]));
    t.match((await agent.next('fault')).reason, reason);
  }
  t.same(await agent.end(), { exitCode: 0, stderr: '' });
});

await t.test(
  'given changes that are almost right, when both halves read them, then both accept or both refuse',
  { skip: needsRoot },
  async (t) => {
    const agent = await startAgent(t);
    const fields = ['how', 'path', 'to', 'mode', 'text', 'flags', 'offset', 'type', 'uid', 'mtimeNs', 'value', 'more'];
    const candidates = fc
      .tuple(
        fc.constantFrom(...Object.values(CHANGES)),
        fc.constantFrom(...fields),
        fc.oneof(
          fc.constant(undefined),
          fc.json().map((text) => JSON.parse(text) as unknown),
          fc.constantFrom('/y', 'allocate', 'fifo', ['exchange'], '00', '1', 0o7777, 0o10000, MAX, -1),
          fc.integer(),
        ),
      )
      .map(([good, field, value]): unknown => ({ ...good, [field]: value }));
    await fc.assert(
      fc.asyncProperty(candidates, async (candidate) => {
        const request = JSON.parse(JSON.stringify(inert([candidate]))) as { steps: { operation: unknown }[] };
        const accepted = operation.safeParse(request.steps[1]?.operation).success;
        agent.send(request);
        const first = await agent.nextText();
        const { type } = JSON.parse(first) as { type: string };
        if (type === 'result') {
          t.match(JSON.parse(await agent.nextText()), { type: 'result', skipped: 'fails' });
          await agent.next('done');
        }
        return accepted === (type === 'result');
      }),
      { numRuns: 200, interruptAfterTimeLimit: 20_000 },
    );
    t.same(await agent.end(), { exitCode: 0, stderr: '' });
  },
);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const answerOf = ({ ok, errno, call }: StepResult): string => (ok ? 'ok' : `${call}: ${errno}`);

await t.test(
  'given a tmpfs, when every change is made of it, then its listing shows each',
  { skip: needsRoot },
  async (t) => {
    const target = path.join(t.testdir({ mnt: {} }), 'mnt');
    const at = (name: string): string => path.join(target, name);
    const change = (what: Change) => ({ op: 'change', change: what }) as const;
    const agent = await startAgent(t);
    const { results, done } = await agent.run(
      planOf({
        mount: { op: 'mount', source: 'none', target, fstype: 'tmpfs', flags: [], data: '' },
        create: change({ how: 'create', path: at('file'), mode: 0o640, text: 'hello' }),
        'create again': change({ how: 'create', path: at('file'), mode: 0o640, text: '' }),
        write: change({ how: 'write', path: at('file'), offset: 4, text: 'p!' }),
        append: change({ how: 'append', path: at('file'), text: '?' }),
        'mmap-write': change({ how: 'mmap-write', path: at('file'), offset: 0, text: 'H' }),
        'open-write': change({ how: 'open-write', path: at('file') }),
        fsync: change({ how: 'fsync', path: at('file') }),
        'create to map': change({ how: 'create', path: at('short'), mode: 0o600, text: 'x' }),
        'mmap-write beyond': change({ how: 'mmap-write', path: at('short'), offset: 4096, text: 'H' }),
        'mmap-write of nothing': change({ how: 'mmap-write', path: at('short'), offset: 0, text: '' }),
        truncate: change({ how: 'truncate', path: at('short'), sizeBytes: 3 }),
        'fallocate more': change({ how: 'fallocate', path: at('short'), mode: 'allocate', offset: 0, length: 5 }),
        'fallocate same': change({ how: 'fallocate', path: at('short'), mode: 'keep-size', offset: 0, length: 9 }),
        'punch-hole': change({ how: 'fallocate', path: at('short'), mode: 'punch-hole', offset: 0, length: 9 }),
        'zero-range': change({ how: 'fallocate', path: at('short'), mode: 'zero-range', offset: 0, length: 2 }),
        mkdir: change({ how: 'mkdir', path: at('dir'), mode: 0o711 }),
        'mkdir to remove': change({ how: 'mkdir', path: at('gone'), mode: 0o711 }),
        rmdir: change({ how: 'rmdir', path: at('gone') }),
        symlink: change({ how: 'symlink', path: at('dir/link'), target: 'ü' }),
        fifo: change({ how: 'mknod', path: at('fifo'), type: 'fifo', mode: 0o606, major: 0, minor: 0 }),
        device: change({ how: 'mknod', path: at('device'), type: 'block', mode: 0o600, major: 259, minor: 70_000 }),
        'write to the fifo': change({ how: 'open-write', path: at('fifo') }),
        link: change({ how: 'link', path: at('file'), to: at('dir/other') }),
        'copy-file-range': change({ how: 'copy-file-range', path: at('file'), to: at('dir/copy') }),
        'copy-file-range onto': change({ how: 'copy-file-range', path: at('file'), to: at('short') }),
        'copy-file-range of a directory': change({ how: 'copy-file-range', path: at('dir'), to: at('copied') }),
        'copy-file-range of nothing': change({ how: 'copy-file-range', path: at('absent'), to: at('never') }),
        chmod: change({ how: 'chmod', path: at('dir'), mode: 0o1755 }),
        chown: change({ how: 'chown', path: at('dir/link'), uid: 7, gid: 8 }),
        utimensat: change({ how: 'utimensat', path: at('dir/link'), mtimeNs: '-1' }),
        setxattr: change({ how: 'setxattr', path: at('dir'), name: 'trusted.a', value: '00ff' }),
        'setxattr, empty': change({ how: 'setxattr', path: at('dir'), name: 'trusted.b', value: '' }),
        'setxattr to remove': change({ how: 'setxattr', path: at('dir'), name: 'trusted.c', value: '01' }),
        removexattr: change({ how: 'removexattr', path: at('dir'), name: 'trusted.c' }),
        'removexattr again': change({ how: 'removexattr', path: at('dir'), name: 'trusted.c' }),
        noreplace: change({ how: 'rename', path: at('short'), to: at('file'), flags: ['noreplace'] }),
        exchange: change({ how: 'rename', path: at('short'), to: at('dir/other'), flags: ['exchange'] }),
        unlink: change({ how: 'unlink', path: at('short') }),
        list: { op: 'tree', path: target },
      }),
    );
    const failures = Object.fromEntries(
      // Not every kernel's tmpfs can zero a range.
      results.filter(({ ok, errno }) => !ok && errno !== 'EOPNOTSUPP').map((result) => [result.step, answerOf(result)]),
    );
    t.same(failures, {
      'create again': 'open: EEXIST',
      'mmap-write beyond': 'page fault: EIO',
      'mmap-write of nothing': 'mmap: EINVAL',
      'write to the fifo': 'open: ENXIO',
      'copy-file-range onto': 'open: EEXIST',
      'copy-file-range of a directory': 'copy_file_range: EISDIR',
      'copy-file-range of nothing': 'open: ENOENT',
      'removexattr again': 'lremovexattr: ENODATA',
      noreplace: 'renameat2: EEXIST',
    });
    const entries = results.at(-1)?.entries ?? [];
    const by = Object.fromEntries(entries.map((entry) => [entry.path, entry]));
    t.same(
      entries.map(({ path: name }) => name),
      ['.', 'copied', 'device', 'dir', 'dir/copy', 'dir/link', 'dir/other', 'fifo', 'file'],
    );
    t.match(by['file'], { mode: 0o640, nlink: 1, sizeBytes: 7, sha256: sha256('Hellp!?') });
    t.match(by['dir/copy'], { mode: 0o644, sizeBytes: 7, sha256: sha256('Hellp!?') });
    t.match(by['copied'], { sizeBytes: 0 });
    t.match(by['dir/other'], { sizeBytes: 5, sha256: sha256('\0'.repeat(5)) });
    t.match(by['dir'], { mode: 0o1755, xattrs: { 'trusted.a': '00ff', 'trusted.b': '' } });
    t.same(by['fifo']?.xattrs, {});
    t.match(by['dir/link'], { type: 'symlink', target: 'ü', uid: 7, gid: 8, mtimeNs: '-1' });
    t.match(by['device'], { type: 'block', mode: 0o600, rdev: '259:70000' });
    t.match(by['fifo'], { type: 'fifo', mode: 0o606, rdev: undefined });
    t.equal(new Set(entries.map(({ device }) => device)).size, 1);
    t.equal(new Set(entries.map(({ inode }) => inode)).size, entries.length);
    t.same(done.leftovers, []);
    t.same(await agent.end(), { exitCode: 0, stderr: '' });
  },
);
