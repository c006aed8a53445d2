/** Exercises by the agent beside us: each way does what it says, chance repeats itself, failures are told. */
import { access, chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import type { Test } from 'tap';
import { copyUpWay, readWay, type Operation, type StepResult } from '../../../vm/agent/protocol.ts';
import { planOf } from './conversation.ts';
import { needsRoot, startAgent } from './stdio.ts';

type Exercise = Extract<Operation, { op: 'exercise' }>;

const exercise = (how: Exercise['how'], file: string, rest: Partial<Exercise> = {}): Exercise => ({
  op: 'exercise',
  how,
  path: file,
  to: '',
  seed: 1,
  count: 1,
  processes: 1,
  cgroup: '',
  trace: false,
  ...rest,
});

/** Not a multiple of pages, pieces or blocks. */
const SIZE_BYTES = 300_001;

async function runAll(t: Test, steps: Readonly<Record<string, Operation>>): Promise<Record<string, StepResult>> {
  const agent = await startAgent(t);
  const { results, done } = await agent.run(planOf(steps, 20_000));
  t.same(done.leftovers, []);
  t.same(await agent.end(), { exitCode: 0, stderr: '' });
  return Object.fromEntries(results.map((result) => [result.step, result]));
}

await t.test(
  'given a file of each kind, when it is read in each way by two processes three times, then it was six times',
  { skip: needsRoot },
  async (t) => {
    const directory = t.testdir({ file: 'x'.repeat(SIZE_BYTES), dir: { a: '', b: '' } });
    const at = (name: string): string => path.join(directory, name);
    await symlink('file', at('link'));
    await writeFile(at('program'), '#!/bin/sh\nexit 3\n');
    await chmod(at('program'), 0o755);
    const subject = (how: string): string =>
      at(how === 'getdents' ? 'dir' : how === 'readlink' ? 'link' : how === 'exec' ? 'program' : 'file');
    const results = await runAll(
      t,
      Object.fromEntries(
        readWay.options.map((how) => [
          how,
          exercise(how, subject(how), { count: 3, processes: 2, to: how === 'copy_file_range' ? at('copy') : '' }),
        ]),
      ),
    );
    for (const how of readWay.options) {
      const result = results[how];
      // tmpfs and overlays without O_DIRECT say so.
      if (how === 'direct' && result?.errno === 'EINVAL') continue;
      t.match(result, { ok: true, performed: 6 }, `then ${how}: ${result?.call} ${result?.errno}`);
    }
    await t.rejects(access(at('copy')), 'then what was made is removed after the plan');
  },
);

await t.test(
  'given things that cannot be read so, when they are, then errno and call are told',
  { skip: needsRoot },
  async (t) => {
    const directory = t.testdir({ file: 'x', dir: {} });
    const at = (name: string): string => path.join(directory, name);
    const results = await runAll(t, {
      absent: exercise('pread', at('absent')),
      'a directory': exercise('read', at('dir'), { processes: 3 }),
      'no directory': exercise('getdents', at('file')),
      'no link': exercise('readlink', at('file')),
      'no program': exercise('exec', at('file')),
      'nothing to copy to': exercise('copy_file_range', at('file')),
      'no cgroup': exercise('read', at('file'), { cgroup: 'absent' }),
      'nothing to map': exercise('mmap', '/dev/null'),
      after: exercise('read', at('file')),
    });
    const said = Object.values(results).map(({ ok, call, errno }) => (ok ? 'ok' : `${call}: ${errno}`));
    t.same(said, [
      'open: ENOENT',
      'read: EISDIR',
      'open: ENOTDIR',
      'readlink: EINVAL',
      'execve: EACCES',
      'open: ENOENT',
      'cgroup: ENOENT',
      said[7],
      'ok',
    ]);
    t.match(said[7], /^mmap: (EINVAL|ENODEV)$/);
  },
);

await t.test('given a file, when it is changed in each way, then it has changed so', { skip: needsRoot }, async (t) => {
  const directory = t.testdir({
    ...Object.fromEntries(copyUpWay.options.map((how) => [how, 'a'.repeat(SIZE_BYTES)])),
    dir: {},
  });
  const at = (name: string): string => path.join(directory, name);
  const agent = await startAgent(t);
  const to = (how: string): string => (how === 'link' || how === 'rename' ? at(`${how}.to`) : '');
  const { results } = await agent.run(
    planOf({
      ...Object.fromEntries(copyUpWay.options.map((how) => [how, exercise(how, at(how), { to: to(how) })])),
      'chmod a directory': exercise('chmod', at('dir')),
      tree: { op: 'tree', path: directory },
      'open a directory': exercise('open-write', at('dir')),
      'link again': exercise('link', at('link'), { to: at('link.to') }),
      'rename again': exercise('rename', at('rename'), { to: at('rename.to') }),
    }),
  );
  const by = Object.fromEntries(results.map((result) => [result.step, result]));
  for (const how of copyUpWay.options)
    if (!(how === 'setxattr' && by[how]?.errno === 'EOPNOTSUPP')) t.match(by[how], { ok: true, performed: 1 }, how);
  const entries = Object.fromEntries((by['tree']?.entries ?? []).map((entry) => [entry.path, entry]));
  const before = entries['open-write'];
  t.match(entries['truncate'], { sizeBytes: Math.floor(SIZE_BYTES / 2) });
  t.equal((entries['chmod']?.mode ?? 0) ^ (before?.mode ?? 0), 0o001);
  t.match(entries['dir'], { type: 'directory', mode: 0o754 });
  t.match(entries['chown'], { uid: (before?.uid ?? 0) + 1, gid: (before?.gid ?? 0) + 1 });
  t.match(entries['link.to'], { sha256: before?.sha256 ?? '' });
  t.match(entries['rename.to'], { sha256: before?.sha256 ?? '' });
  t.equal(entries['rename'], undefined);
  t.not(entries['mmap-write']?.sha256, before?.sha256);
  t.equal((await stat(at('utimensat'))).mtimeMs, 1000);
  t.match(by['open a directory'], { ok: false, call: 'open', errno: 'EISDIR', performed: 0 });
  t.match(by['link again'], { ok: false, call: 'link', errno: 'EEXIST' });
  t.match(by['rename again'], { ok: false, call: 'lstat', errno: 'ENOENT' });
  t.same(await agent.end(), { exitCode: 0, stderr: '' });
});

await t.test(
  'given a seed, when two trees are churned with it, then they become the same, and with another seed another',
  { skip: needsRoot },
  async (t) => {
    const one = 'x'.repeat(100_000);
    const tree = () => ({ old: { one, two: 'y', three: 'z'.repeat(5000) } });
    const directory = t.testdir({ a: tree(), b: tree(), c: tree() });
    const at = (name: string): string => path.join(directory, name);
    const agent = await startAgent(t);
    const { results, done } = await agent.run(
      planOf(
        {
          before: { op: 'tree', path: at('a/old') },
          a: exercise('churn', at('a'), { count: 3000, seed: 7 }),
          old: { op: 'tree', path: at('a/old') },
          b: exercise('churn', at('b'), { count: 3000, seed: 7 }),
          c: exercise('churn', at('c'), { count: 3000, seed: 8 }),
          'tree a': { op: 'tree', path: at('a') },
          'tree b': { op: 'tree', path: at('b') },
          'tree c': { op: 'tree', path: at('c') },
          four: exercise('churn', at('c'), { count: 500, seed: 9, processes: 4 }),
          'read-only': exercise('churn', '/proc/self', { count: 10 }),
        },
        30_000,
      ),
    );
    const by = Object.fromEntries(results.map((result) => [result.step, result]));
    for (const name of ['a', 'b', 'c', 'four']) t.match(by[name], { ok: true }, `${by[name]?.call} ${by[name]?.errno}`);
    const counts = (name: string): readonly number[] => [by[name]?.performed ?? 0, by[name]?.refused ?? 0];
    const [performed = 0, refused = 0] = counts('a');
    t.comment(`performed ${performed}, refused ${refused}`);
    t.equal(performed + refused, 3000);
    t.ok(performed > 1500, 'then most operations find what they are for');
    t.same(counts('b'), counts('a'));
    // An inode's number and its times do not follow from the seed.
    const timeless = (name: string): unknown =>
      by[name]?.entries?.map(({ inode: _inode, mtimeNs: _mtimeNs, ...entry }) => entry);
    t.same(timeless('tree b'), timeless('tree a'), 'then the trees are the same to the byte');
    const contents = (name: string): unknown =>
      by[name]?.entries?.map(({ path: file, sha256 }) => [file.replace(/churn-\d+-/, ''), sha256]);
    t.notSame(contents('tree c'), contents('tree a'));
    t.equal((by['four']?.performed ?? 0) + (by['four']?.refused ?? 0), 2000);
    t.match(by['read-only'], { ok: false, call: /walk|mkdir/ });
    t.same(done.leftovers, []);
    t.notSame(by['old']?.entries, by['before']?.entries, 'then what was there before is changed too');
    t.same(
      (await readdir(at('a'))).filter((name) => name.startsWith('churn')),
      [],
      "then churn's own is removed",
    );
    t.same(await agent.end(), { exitCode: 0, stderr: '' });
  },
);

await t.test(
  'given a tree, when it is stressed by reads, then nothing of it changes, and a tree that is none fails',
  { skip: needsRoot },
  async (t) => {
    const directory = t.testdir({ tree: { a: 'x'.repeat(SIZE_BYTES), b: '', sub: { c: 'y' } }, none: '' });
    const at = (name: string): string => path.join(directory, name);
    await symlink('a', at('tree/link'));
    await mkdir(at('empty'));
    const results = await runAll(t, {
      before: { op: 'tree', path: at('tree') },
      stress: exercise('rostress', at('tree'), { count: 1000, processes: 3 }),
      after: { op: 'tree', path: at('tree') },
      empty: exercise('rostress', at('empty'), { count: 10 }),
      absent: exercise('rostress', at('absent')),
    });
    t.match(results['stress'], { ok: true, performed: 3000 });
    t.same(results['after']?.entries, results['before']?.entries);
    t.match(results['empty'], { ok: true, performed: 10 });
    t.match(results['absent'], { ok: false, call: 'walk', errno: 'ENOENT' });
  },
);

await t.test(
  'given no stack tracer that is on, when an exercise is to be traced, then it fails and is not done',
  {
    skip:
      needsRoot ||
      (await readFile('/proc/sys/kernel/stack_tracer_enabled', 'utf8').then(
        (text) => text.trim() !== '0' && 'the stack tracer of this host is on',
        () => false,
      )),
  },
  async (t) => {
    const directory = t.testdir({ file: 'x' });
    const results = await runAll(t, { traced: exercise('chmod', path.join(directory, 'file'), { trace: true }) });
    t.match(results['traced'], { ok: false, call: 'stack tracer', errno: /^(ENOENT|EACCES|EPERM|ENODATA)$/ });
    t.equal((await stat(path.join(directory, 'file'))).mode & 0o001, 0);
  },
);

await t.test(
  'given an exercise that outlives its deadline, when it is ended, then its processes are told of and gone',
  { skip: needsRoot },
  async (t) => {
    const directory = t.testdir({ a: 'x' });
    const agent = await startAgent(t);
    const { stuck, done } = await agent.run(
      planOf({ long: exercise('rostress', directory, { count: 1_000_000, processes: 2 }) }, 300),
    );
    t.match(stuck, { step: 'long', how: 'deadline', stack: /^state S[\s\S]*\nchild \d+\nstate / });
    t.same(done.leftovers, []);
    const pids = [...(stuck?.stack.matchAll(/^child (\d+)$/gm) ?? [])].map(([, pid]) => pid);
    t.equal(pids.length, 2);
    const states = await execa('ps', ['-o', 'stat=', '-p', pids.join(',')], { reject: false });
    t.notMatch(states.stdout, /^[RSD]/m, 'then none of them goes on');
    t.same(await agent.end(), { exitCode: 0, stderr: '' });
  },
);
