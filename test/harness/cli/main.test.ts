import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import t from 'tap';
import { fathom, root } from '../../bin/checkout.ts';

// What builds dist/, if it is stale, talks about it.
t.before(async () => fathom(root, '--version'));

/** What a shell script sees of one command line. */
const cases = [
  { args: ['--version'], exitCode: 0, stdout: /^\d+\.\d+\.\d+$/, stderr: /^$/ },
  { args: ['--help'], exitCode: 0, stdout: /Usage: fathom[^]*doctor[^]*cache[^]*Example:/, stderr: /^$/ },
  { args: ['help', 'cache'], exitCode: 0, stdout: /Usage: fathom cache/, stderr: /^$/ },
  { args: ['doctor', '--help'], exitCode: 0, stdout: /Usage: fathom doctor[^]*Example:/, stderr: /^$/ },
  { args: ['cache', 'clear', '--help'], exitCode: 0, stdout: /Usage: fathom cache clear[^]*Example:/, stderr: /^$/ },
  { args: [], exitCode: 2, stdout: /^$/, stderr: /Usage: fathom/ },
  { args: ['docter'], exitCode: 2, stdout: /^$/, stderr: /unknown command 'docter'[^]*doctor/ },
  { args: ['--verson'], exitCode: 2, stdout: /^$/, stderr: /unknown option '--verson'[^]*--version/ },
  { args: ['cache', '--jsn'], exitCode: 2, stdout: /^$/, stderr: /unknown option '--jsn'[^]*--json/ },
  { args: ['cache', 'extra'], exitCode: 2, stdout: /^$/, stderr: /extra|too many/ },
  { args: ['cache', 'clear', '--room', 'attic'], exitCode: 2, stdout: /^$/, stderr: /attic[^]*templates/ },
  { args: ['cache', 'clear', '--older-than', 'soon'], exitCode: 2, stdout: /^$/, stderr: /soon[^]*number of days/ },
] as const;

for (const { args, ...expected } of cases) {
  t.test(
    `given \`fathom ${args.join(' ')}\`, then it ends with ${expected.exitCode} and says so on the right stream`,
    async (t) => {
      t.match(await fathom(root, ...args), expected);
    },
  );
}

t.test('given a reader that goes away, when fathom prints, then it ends without a word about it', async (t) => {
  const child = spawn('/bin/sh', ['-c', `"${process.execPath}" bin/fathom.js --help | true`], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child, 'close');
  t.equal(stderr, '');
});

const interrupt = path.join(root, 'dist/harness/cli/interrupt.js');
/** A command that does nothing but wait, cleans up when it is aborted, and tells of both. */
const waiting = `
  const { interruptible } = await import(${JSON.stringify(interrupt)});
  const interruption = interruptible();
  const alive = setInterval(() => {}, 1000);
  interruption.signal.addEventListener('abort', () => {
    console.log('cleaned up after ' + interruption.signal.reason.message);
    clearInterval(alive);
    interruption.finish();
  });
  console.log('ready');
`;

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  t.test(`given a running command, when ${signal} comes, then it cleans up and ends with ${status}`, async (t) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', waiting], {
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout === 'ready\n') child.kill(signal);
    });
    t.strictSame(await once(child, 'close'), [status, null]);
    t.equal(stdout, `ready\ncleaned up after interrupted by ${signal}\n`);
  });
}

t.test('given a command that does not clean up, when SIGINT comes twice, then it ends at once', async (t) => {
  const stubborn = waiting.replace('clearInterval(alive);', '').replace('interruption.finish();', '');
  const child = spawn(process.execPath, ['--input-type=module', '-e', stubborn], {
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  child.stdout.on('data', () => child.kill('SIGINT'));
  t.strictSame(await once(child, 'close'), [130, null]);
});

t.test('given a standard output that is full, then it says so and ends with 125, not with 1', async (t) => {
  const child = spawn('/bin/sh', ['-c', `"${process.execPath}" bin/fathom.js --help > /dev/full`], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  t.strictSame(await once(child, 'close'), [125, null]);
  t.match(stderr, /^fathom: standard output cannot be written: ENOSPC.*\n$/);
});

t.test('given an error that nobody catches, then the command is ended with 125, not with 1', async (t) => {
  const faulty = waiting.replace(
    "console.log('ready');",
    "setTimeout(() => { throw new Error('out of the blue') }, 0);",
  );
  const child = spawn(process.execPath, ['--input-type=module', '-e', faulty], {
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  t.strictSame(await once(child, 'close'), [125, null]);
  t.match(stderr, /^fathom: Error: out of the blue\n/);
});
