/** Scenarios on the machine itself, and over ssh where there is an sshd: the same plans, and nothing left of them. */
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import { buildAgent } from '../../../vm/agent/build.ts';
import { here } from '../../../vm/direct/reach.ts';
import { openSession } from '../../../vm/direct/session.ts';
import type { BuiltDisk } from '../../../vm/machine.ts';
import { report } from '../../../harness/report/results.ts';
import { needsRoot } from '../agent/stdio.ts';
import { takeKernelLog } from './kernel-log.ts';

const FATHOM = path.resolve('bin/fathom.js');
const HOST = ['--machine', 'host', '--disposable-host'];
const SSHD = '/usr/sbin/sshd';

const fathom = (args: readonly string[]) => execa('node', [FATHOM, 'run', ...args], { reject: false });

/** Of sessions, plans and agents on this machine. */
async function left(): Promise<readonly string[]> {
  const places = (await readdir('/var/tmp')).filter((name) => name.startsWith('fathom-direct.'));
  const { stdout: loops } = await execa('losetup', ['--list', '--noheadings', '--output', 'BACK-FILE']);
  return [
    ...places,
    ...loops.split('\n').filter((line) => line.includes('fathom-direct')),
    ...['/fathom'].filter((one) => existsSync(one)),
  ];
}

async function leftAfterAWhile(): Promise<readonly string[]> {
  for (let tries = 0; tries < 100 && (await left()).length > 0; tries++) await delay(200);
  return left();
}

/** The steps' verdicts: a kernel without erofs or from before file-backed mounts is judged like any other. */
function verdicts(stdout: string): readonly string[] {
  return report.parse(JSON.parse(stdout)).results.map(({ verdict }) => verdict.kind);
}

if (needsRoot === false) await takeKernelLog(t);

t.test('given this machine, then scenarios run on its kernel and nothing is left', { skip: needsRoot }, async (t) => {
  const { stdout, stderr, exitCode } = await fathom(['fedora-coreos-2087', 'copy-up', ...HOST, '--reporter', 'json']);
  const kinds = verdicts(stdout);
  t.ok(
    kinds.every((kind) => kind === 'agrees' || kind === 'unsupported'),
    `${kinds.join()} ${stderr}`,
  );
  t.equal(exitCode, kinds.includes('unsupported') ? 125 : 0);
  t.strictSame(await left(), []);
});

t.test(
  'given no word that it may be spoilt, or what cannot be meant, then nothing is done',
  { skip: needsRoot },
  async (t) => {
    const refused = async (args: readonly string[], message: RegExp): Promise<void> => {
      const { exitCode, stderr } = await fathom(args);
      t.equal(exitCode, 2, args.join(' '));
      t.match(stderr, message);
    };
    await refused(['fedora-coreos-2087', '--machine', 'host'], /say --disposable-host/);
    await refused(['erofs-device-nesting', ...HOST], /is meant to crash its machine/);
    await refused(['fedora-coreos-2087', ...HOST, '--kernel', 'debian:6.1'], /--kernel is for qemu/);
    await refused(['fedora-coreos-2087', '--machine', 'vax'], /there is no machine 'vax'/);
    await refused(['fedora-coreos-2087', ...HOST, '--module', 'overlay=/x.ko'], /keeps those that it has/);
    t.strictSame(await left(), []);
  },
);

// Right after the place is there, the disks are on their way to it.
for (const { signal, afterMs } of [
  { signal: 'SIGINT', afterMs: 0 },
  { signal: 'SIGINT', afterMs: 30 },
  { signal: 'SIGINT', afterMs: 150 },
  { signal: 'SIGKILL', afterMs: 150 },
] as const)
  t.test(`given ${signal} after ${afterMs} ms, then nothing is left`, { skip: needsRoot }, async (t) => {
    const running = execa('node', [FATHOM, 'run', 'tree', ...HOST], { reject: false });
    while ((await left()).length === 0 && running.exitCode === null) await delay(5);
    await delay(afterMs);
    running.kill(signal);
    t.not((await running).exitCode, 0);
    t.strictSame(await leftAfterAWhile(), []);
  });

t.test('given the same disk for two slots, then they are two disks', { skip: needsRoot }, async (t) => {
  const signal = AbortSignal.timeout(60_000);
  const directory = t.testdir({ disk: 'x'.repeat(1024 * 1024) });
  const disk = { path: path.join(directory, 'disk'), sizeBytes: 1024 * 1024 } as BuiltDisk;
  const { path: agent } = await buildAgent({ signal });
  await using session = await openSession({ reach: here(), agent, disks: [disk, disk], modules: [], signal });
  const { stdout: first } = await execa('losetup', ['--noheadings', '--output', 'BACK-INO', session.device(0)]);
  const { stdout: second } = await execa('losetup', ['--noheadings', '--output', 'BACK-INO', session.device(1)]);
  t.not(first.trim(), second.trim());
});

const needsSshd = needsRoot || (existsSync(SSHD) ? false : 'no sshd on this machine');

t.test('given a machine by ssh, then the same comes of it', { skip: needsSshd }, async (t) => {
  const config = await startSshd(t);
  const args = ['fedora-coreos-2087', '--machine', 'ssh:lab', '--ssh-config', config, '--reporter', 'json'];
  const { stdout, stderr } = await fathom(args);
  const kinds = verdicts(stdout);
  t.ok(
    kinds.every((kind) => kind === 'agrees' || kind === 'unsupported'),
    `${kinds.join()} ${stderr}`,
  );
  t.strictSame(await left(), []);
});

t.test(
  'given a machine that is not reached, then it is broken and no verdict on a kernel',
  { skip: needsSshd },
  async (t) => {
    const directory = t.testdir({ config: 'Host lab\n  HostName 127.0.0.1\n  Port 1\n' });
    const config = path.join(directory, 'config');
    const args = ['fedora-coreos-2087', '--machine', 'ssh:lab', '--ssh-config', config, '--reporter', 'json'];
    const { stdout, exitCode } = await fathom(args);
    t.equal(exitCode, 125);
    t.ok(verdicts(stdout).every((kind) => kind === 'broken'));
  },
);

/** One of our own, on a port of its own. Its configuration for ssh. */
async function startSshd(t: Test): Promise<string> {
  const directory = t.testdir({});
  const at = (name: string): string => path.join(directory, name);
  for (const key of ['host', 'user']) await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', at(key)]);
  await writeFile(at('authorized'), await readFile(at('user.pub')));
  await chmod(at('user'), 0o600);
  await mkdir('/run/sshd', { recursive: true });
  const port = 20_000 + (process.pid % 20_000);
  await writeFile(
    at('sshd.conf'),
    `Port ${port}\nListenAddress 127.0.0.1\nHostKey ${at('host')}\nAuthorizedKeysFile ${at('authorized')}\nPermitRootLogin yes\nStrictModes no\nPasswordAuthentication no\nPidFile none\n`,
  );
  const daemon = execa(SSHD, ['-D', '-f', at('sshd.conf')], { reject: false });
  t.teardown(async () => {
    daemon.kill();
    await daemon;
  });
  await writeFile(
    at('config'),
    `Host lab\n  HostName 127.0.0.1\n  Port ${port}\n  User ${userInfo().username}\n  IdentityFile ${at('user')}\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n`,
  );
  for (let tries = 0; tries < 50; tries++) {
    const { exitCode } = await execa('ssh', ['-F', at('config'), 'lab', 'true'], { reject: false });
    if (exitCode === 0) break;
    await delay(100);
  }
  return at('config');
}
