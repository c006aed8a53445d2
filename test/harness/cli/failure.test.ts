import { Command } from 'commander';
import t from 'tap';
import { failureOf } from '../../../harness/cli/failure.ts';
import { HarnessError, UnsupportedError, UsageError } from '../../../vm/errors.ts';

const quiet = { stack: false };

t.test("given the user's mistake, then 2 and the message alone", async (t) => {
  t.strictSame(failureOf(new UsageError('no scenario is called x'), quiet), {
    status: 2,
    text: 'fathom: no scenario is called x',
  });
});

t.test('given something that is not there, then 125 and what to do about it', async (t) => {
  const error = new UnsupportedError('mkfs.erofs with zstd', { remedy: 'as root: apt-get install erofs-utils' });
  t.match(failureOf(error, quiet), {
    status: 125,
    text: /unsupported: missing: mkfs.erofs with zstd\n {2}as root: apt-get/,
  });
  t.match(failureOf(new UnsupportedError('CONFIG_X'), quiet), { status: 125, text: /CONFIG_X$/ });
});

t.test("given a fault of the host's, then 125 and its causes, without a stack", async (t) => {
  const error = new HarnessError('no clone', { cause: new Error('QEMU ended', { cause: new Error('no memory') }) });
  t.strictSame(failureOf(error, quiet), {
    status: 125,
    text: 'fathom: no clone\n  because: QEMU ended\n  because: no memory',
  });
});

t.test('given anything else, then 125 and it is called a bug; the stack comes when it is asked for', async (t) => {
  const error = new TypeError('x is undefined');
  t.match(failureOf(error, quiet), { status: 125, text: /TypeError: x is undefined\n.*bug in fathom; DEBUG=fathom/ });
  t.notMatch(failureOf(error, quiet).text, 'failure.test.ts');
  t.match(failureOf(error, { stack: true }).text, 'failure.test.ts');
  t.match(failureOf('thrown text', quiet), { status: 125, text: /thrown text/ });
});

t.test('given what commander throws, then 0 for help and 2 for wrong use, and nothing is said twice', async (t) => {
  const parse = (args: readonly string[]): unknown => {
    const program = new Command('x')
      .exitOverride()
      .configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
    program.command('one');
    try {
      program.parse(args, { from: 'user' });
    } catch (error) {
      return error;
    }
    return undefined;
  };
  t.strictSame(failureOf(parse(['--help']), quiet), { status: 0, text: '' });
  t.strictSame(failureOf(parse(['tow']), quiet), { status: 2, text: '' });
});

t.test('given a message that tells its cause already, then it is not told twice', async (t) => {
  const cause = new Error('ENOSPC: no space left');
  t.equal(
    failureOf(new HarnessError('cannot write x: ENOSPC: no space left', { cause }), quiet).text,
    'fathom: cannot write x: ENOSPC: no space left',
  );
});
