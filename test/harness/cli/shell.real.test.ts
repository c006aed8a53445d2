/** A shell among a scenario's mounts, on a real guest: with commands from a pipe, and on a terminal. */
import { execa } from 'execa';
import path from 'node:path';
import t from 'tap';
import { leftovers } from '../../vm/qemu/leftovers.ts';

const fathom = path.resolve('bin/fathom.js');
const arguments_ = ['shell', 'fedora-coreos-2087', '--kernel', 'debian:6.17.13'];

t.test(
  'given commands on standard input, when the shell has a refused mount, then the others are there, and nothing is left',
  async (t) => {
    const child = execa('node', [fathom, ...arguments_], {
      input: 'cat /proc/mounts; dmesg | grep stacking; exit 3\n',
      reject: false,
    });
    const { exitCode, stdout, stderr } = await child;
    t.equal(exitCode, 0, stderr);
    t.match(stdout, /^\/fathom\/0-disk\/os\.erofs \/fathom\/1-erofs erofs ro,/m);
    t.match(stdout, /^overlay \/fathom\/2-overlay overlay rw,/m);
    t.notMatch(stdout, '/fathom/3-overlay overlay', 'then the refused one is not');
    t.match(stdout, 'overlayfs: maximum fs stacking depth exceeded');
    t.notMatch(stdout, '\r', 'then lines end as in a file');
    t.match(stderr, /^overlay on it +ok {2}\/fathom\/2-overlay$/m);
    t.match(stderr, /^overlay on that \(the report\) +EINVAL$/m);
    t.match(stderr, 'the shell ended with status 3');
    t.strictSame(leftovers(child.pid), []);
  },
);

t.test('given a kernel that panics under the shell, then that is said, with status 1', async (t) => {
  const { exitCode, stderr } = await execa('node', [fathom, ...arguments_, '--until', 'overlay on it'], {
    input: 'echo c > /proc/sysrq-trigger\n',
    reject: false,
  });
  t.equal(exitCode, 1, stderr);
  t.match(stderr, 'the kernel died: Kernel panic - not syncing: sysrq triggered crash');
});

t.test(
  'given a terminal, then its size is the guest’s, Ctrl-C and Ctrl-Z are for what runs in it, and exit ends all',
  async (t) => {
    const command = ['node', fathom, ...arguments_, '--until', "'overlay on it'"].join(' ');
    const child = execa(
      'script',
      ['--quiet', '--return', '--command', `stty rows 33 cols 99; ${command}`, '/dev/null'],
      {
        stdin: 'pipe',
        reject: false,
        timeout: 120_000,
      },
    );
    let said = '';
    let wake = (): void => undefined;
    child.stdout.on('data', (piece: Buffer) => {
      said += piece.toString();
      wake();
    });
    const seen = async (what: RegExp): Promise<void> => {
      const limit = AbortSignal.timeout(60_000);
      limit.addEventListener('abort', () => wake());
      while (!what.test(said) && !limit.aborted) await new Promise<void>((resolve) => (wake = resolve));
      t.match(said, what);
      said = '';
    };
    const type = (keys: string): void => void child.stdin.write(keys);
    await seen(/fathom# /);
    type('stty size\r');
    await seen(/\n33 99\r+\n[^]*fathom# /);
    // One process, which answers once it has the terminal: keys that come before that would be the shell's.
    const startCat = async (by: string): Promise<void> => {
      type(`${by}\r`);
      const asking = setInterval(() => type('word\r'), 300);
      await seen(/\nword\r+\nword\r+\n/);
      clearInterval(asking);
    };
    await startCat('cat');
    type('\x03');
    await seen(/fathom# /);
    await startCat('cat');
    type('\x1a');
    await seen(/Stopped[^]*fathom# /);
    await startCat('fg');
    type('\x03');
    await seen(/fathom# /);
    type('exit\r');
    const { exitCode } = await child;
    t.equal(exitCode, 0);
  },
);
