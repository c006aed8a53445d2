import { execa } from 'execa';
import t from 'tap';
import { needsRoot } from '../agent/stdio.ts';
import { bySsh, here, parseSshTarget, say } from '../../../vm/direct/reach.ts';

const { signal } = new AbortController();

t.test('given a machine by ssh, then host, user and port are read', (t) => {
  const read = (text: string) => {
    const { destination, port, name } = parseSshTarget(text);
    t.equal(name, `ssh:${text}`);
    return port === undefined ? [destination] : [destination, port];
  };
  t.strictSame(read('lab'), ['lab']);
  t.strictSame(read('me@lab.example.org:2222'), ['me@lab.example.org', 2222]);
  t.strictSame(read('root@[fe80::1]:22'), ['root@fe80::1', 22]);
  t.strictSame(read('10.0.0.7'), ['10.0.0.7']);
  t.end();
});

t.test('given what is no machine, nor an option of ssh, then it is refused', (t) => {
  for (const text of [
    '',
    '@lab',
    'lab:',
    'lab:0',
    'lab:99999',
    '-oProxyCommand=x',
    'a b',
    'me@-x',
    'lab:22:22',
    'fe80::1',
  ])
    t.throws(() => parseSshTarget(text), { name: 'UsageError', message: /ssh:\[USER@\]HOST\[:PORT\]/ }, text);
  t.end();
});

t.test('given a script with quotes and words with spaces, then the other side has them as they are', async (t) => {
  await using reach = await bySsh(parseSshTarget('lab'));
  const [program, ...args] = reach.command(`printf '%s|' "$@"; echo "it's $#"`, ['a b', "c'd", '$HOME', '']);
  t.match(program, /ssh$/);
  t.equal(args.at(-2), 'lab');
  // What ssh hands to the login shell there; as a user who is not root it would ask sudo.
  const line = args.at(-1)!.replaceAll('sudo -n --', 'env');
  const { stdout } = await execa('/bin/sh', ['-c', line]);
  t.equal(stdout, "a b|c'd|$HOME||it's 4");
});

t.test('given a script that fails or does not end, then it is said where and why', { skip: needsRoot }, async (t) => {
  const reach = here();
  t.equal(await say(reach, 'echo "$1"', ['x'], { signal }), 'x\n');
  await t.rejects(say(reach, 'echo no >&2; exit 3', [], { signal }), {
    name: 'HarnessError',
    message: 'host: exit status 3: no',
  });
  await t.rejects(say(reach, 'exec sleep 100', [], { signal, deadlineMs: 200 }), { message: /no answer within 0.2 s/ });
});
