import { execa } from 'execa';
import t from 'tap';
import { fathom, root } from '../../bin/checkout.ts';

t.before(async () => fathom(root, '--version'));

for (const shell of ['bash', 'zsh', 'fish']) {
  t.test(`given ${shell}, then its script comes, and asks fathom for what to suggest`, async (t) => {
    t.match(await fathom(root, 'complete', shell), { exitCode: 0, stdout: /fathom complete --/, stderr: '' });
  });
}

t.test("given bash's script, then bash takes it", async (t) => {
  const { stdout } = await fathom(root, 'complete', 'bash');
  t.match(await execa('bash', ['-n'], { input: stdout, reject: false }), { exitCode: 0, stderr: '' });
});

t.test('given a shell that is not known, then the status is 2', async (t) => {
  t.match(await fathom(root, 'complete', 'tcsh'), { exitCode: 2, stderr: /tcsh[^]*bash/ });
});

const suggested = async (...words: readonly string[]): Promise<readonly string[]> => {
  const { stdout } = await fathom(root, 'complete', '--', ...words);
  return stdout
    .split('\n')
    .filter((line) => !line.startsWith(':'))
    .map((line) => line.split('\t')[0] ?? '');
};

t.test('given the beginning of a command, an option or a value, then what fits is suggested', async (t) => {
  t.ok((await suggested('do')).includes('doctor'));
  t.notOk((await suggested('do')).includes('cache'));
  t.ok((await suggested('cache', 'clear', '--ro')).includes('--room'));
  t.ok((await suggested('cache', 'clear', '--room', 'te')).includes('templates'));
});

/** What bash itself would offer, for a command line with the cursor at its end; without the package bash-completion. */
async function offered(line: string): Promise<readonly string[]> {
  const script = `
    fathom() { "$NODE" "$ROOT/bin/fathom.js" "$@"; }
    source <(fathom complete bash)
    source <(fathom complete bash)
    COMP_LINE=$1 COMP_POINT=\${#1}
    __fathom_complete
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { NODE: process.execPath, ROOT: root, NODE_OPTIONS: '' };
  const { stdout, stderr } = await execa('bash', ['--norc', '-c', script, 'bash', line], { env });
  return [stderr, ...stdout.split('\n')].filter((text) => text !== '');
}

for (const [line, expected] of [
  ['fathom ru', ['run', 'rules']],
  ['fathom run fedora-coreos-2', ['fedora-coreos-2087']],
  ['fathom run --kernel debian:trixie-b', ['trixie-backports']],
  ['fathom run --kernel tr', ['tree:']],
  ['fathom run --kernel tree:har', []],
  ['fathom identify --kernel debian:trixie-b', ['trixie-backports']],
  ['fathom diff debian:trixie-b', ['trixie-backports']],
  ['fathom diff host --scenario fedora-coreos-2', ['fedora-coreos-2087']],
  ['fathom run --machine ', ['qemu', 'host', 'ssh:', 'vagrant']],
  ['fathom rules E1', ['E1', 'E10', 'E11', 'E12', 'E13', 'E14', 'E15', 'E16', 'E17', 'E18', 'E19']],
  ['fathom cache clear --room te', ['templates']],
  ['fathom run $(touch-nothing) --acc', ['--accel']],
] as const) {
  t.test(
    `given "${line}" in bash, when tab is pressed, then it offers ${expected.join(', ') || 'files'}`,
    async (t) => {
      t.strictSame(await offered(line), expected);
    },
  );
}
