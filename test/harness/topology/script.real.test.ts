/**
 * Scripts run on the machine itself, by its own kernel and without fathom, and compared with what the model says of that
 * kernel. Where this is not root or the kernel has no erofs, nothing can be said and the tests are skipped.
 */
import { execa, type Options } from 'execa';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { scriptExpectations } from '../../../harness/judge/script-expectations.ts';
import { profileOf, withStacking, type KernelFacts } from '../../../harness/model/profile.ts';
import { loadScenarios } from '../../../harness/run/load-scenarios.ts';
import { scriptOf } from '../../../harness/topology/script.ts';
import { takeKernelLog } from '../../vm/direct/kernel-log.ts';

const filesystems = await readFile('/proc/filesystems', 'utf8');
const cannot =
  process.geteuid?.() !== 0
    ? 'this is not root'
    : !['erofs', 'overlay', 'xfs'].every((name) => new RegExp(`\\b${name}$`, 'm').test(filesystems))
      ? 'this kernel has not erofs, overlayfs and XFS'
      : !existsSync('/proc/config.gz')
        ? 'this kernel does not tell its configuration'
        : undefined;
const options = cannot === undefined ? {} : { skip: cannot };
if (cannot === undefined) await takeKernelLog(t);

async function running(): Promise<KernelFacts> {
  const [major = 0, minor = 0, patch = 0] = (/^\d+\.\d+\.\d+/.exec(os.release())?.[0] ?? '').split('.').map(Number);
  const config = gunzipSync(await readFile('/proc/config.gz')).toString();
  return {
    version: { major, minor, patch, rc: undefined },
    config: new Map([...config.matchAll(/^CONFIG_(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value])),
  };
}

/** A script, and a directory of its own for what it makes. */
async function scriptFor(t: Test, name: string, stacking?: 'counted') {
  const [scenario] = await loadScenarios([name]);
  const suggested = profileOf(await running());
  const { behaviours } = stacking === undefined ? suggested : withStacking(suggested, stacking);
  const directory = t.testdir({ tmp: {} });
  const file = path.join(directory, 'reproducer.sh');
  await writeFile(file, scriptOf(scenario!, { expected: scriptExpectations(scenario!, behaviours), of: os.release() }));
  const tmp = path.join(directory, 'tmp');
  return { file, tmp, env: { TMPDIR: tmp }, reject: false } as const satisfies Options & { file: string; tmp: string };
}

/** Loop devices whose files lie below a directory, and what is left in it. */
async function leftIn(directory: string): Promise<readonly string[]> {
  const { stdout } = await execa('losetup', ['--list', '--noheadings', '--output', 'NAME,BACK-FILE']);
  return [...stdout.split('\n').filter((line) => line.includes(directory)), ...(await readdir(directory))];
}

for (const name of [
  'fedora-coreos-2087',
  'nested-file-backed',
  'loop-fallback',
  'apex',
  'overlay-refusals',
  'erofs-stacking',
  'copy-up',
  'whiteouts',
]) {
  t.test(
    `given the script of ${name}, then this kernel does what the model says, and nothing is left`,
    options,
    async (t) => {
      const { file, tmp, ...how } = await scriptFor(t, name);
      const { stdout, stderr, exitCode } = await execa('/bin/sh', [file], how);
      t.match(stdout, /\d+ steps as expected, 0 not, \d+ not compared$/);
      t.equal(stderr, '');
      t.equal(exitCode, 0, stdout);
      t.same(await leftIn(tmp), []);
    },
  );
}

t.test('given what another kernel would do, then the script tells the kernel that disagrees', options, async (t) => {
  const { file, tmp, ...how } = await scriptFor(t, 'fedora-coreos-2087', 'counted');
  const { stdout, exitCode } = await execa('/bin/sh', [file], how);
  const counted = profileOf(await running()).name === 'counted';
  t.equal(exitCode, counted ? 0 : 1);
  t.match(stdout, counted ? / 0 not, / : /overlay on that \(the report\)\n {3}=> ok, and expected was EINVAL/);
  t.same(await leftIn(tmp), []);
});

t.test('given a kernel that refuses, then its answer and its words are told', options, async (t) => {
  const { file, tmp: _tmp, ...how } = await scriptFor(t, 'fedora-coreos-2087');
  const { stdout } = await execa('/bin/sh', [file], how);
  t.match(
    stdout,
    /a third overlay\n(.*\n)+? {3}kernel: .*overlayfs: maximum fs stacking depth exceeded\n {3}=> EINVAL, as expected/,
  );
});

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  t.test(`given ${signal} in the middle, then nothing is left`, options, async (t) => {
    const { file, tmp, ...how } = await scriptFor(t, 'fedora-coreos-2087');
    const script = execa('/bin/sh', [file], how);
    for await (const line of script.iterable()) if (line.includes('overlay on it')) script.kill(signal);
    t.not((await script).exitCode, 0);
    t.same(await leftIn(tmp), []);
  });
}

t.test('given a disk that cannot be made, then the status is 2, and nothing is left', options, async (t) => {
  const { file, tmp, ...how } = await scriptFor(t, 'fedora-coreos-2087');
  await writeFile(file, (await readFile(file, 'utf8')).replace('mkfs.xfs -q', 'false'));
  const { stderr, exitCode } = await execa('/bin/sh', [file], how);
  t.equal(exitCode, 2);
  t.match(stderr, /its disks and images cannot be made here/);
  t.same(await leftIn(tmp), []);
});

t.test('given somebody else than root, then the script says so', options, async (t) => {
  const { file, tmp: _tmp, ...how } = await scriptFor(t, 'fedora-coreos-2087');
  const script = await readFile(file, 'utf8');
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '/bin/sh', '-s'];
  const { stderr, exitCode } = await execa('setpriv', nobody, { ...how, input: script, cwd: '/' });
  t.equal(exitCode, 2);
  t.match(stderr, /has to run as root/);
});
