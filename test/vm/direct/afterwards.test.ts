/** A machine whose connection is gone: what it says when it is asked again, here by files in its place. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import t, { type Test } from 'tap';
import { fateOf, untilReached, whyNotOpened } from '../../../vm/direct/afterwards.ts';
import type { Reach } from '../../../vm/direct/reach.ts';
import { HarnessError } from '../../../vm/errors.ts';

const { signal } = new AbortController();
const PANIC = `[   12.3] overlayfs: something
[   12.4] BUG: kernel NULL pointer dereference, address: 0000000000000008
[   12.5] Kernel panic - not syncing: Fatal exception
`;

/** `boot`: the id of the boot that it is in now; undefined: it is not reached. */
async function machine(t: Test, boot: string | undefined, lastWords = ''): Promise<Reach> {
  const directory = t.testdir({});
  const [id, words] = [path.join(directory, 'boot'), path.join(directory, 'words')];
  if (boot !== undefined) await writeFile(id, `${boot}\n`);
  await writeFile(words, lastWords);
  return {
    name: 'ssh:lab',
    isRemote: true,
    command: (script) => ['/bin/cat', script.includes('boot_id') ? id : words],
    hangUp: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const fate = async (reach: Reach) => fateOf(reach, 'before', 'exit status 255: Connection reset', signal, 100);

t.test('given the same boot, then the connection was at fault and no crash is told', async (t) => {
  t.match(await fate(await machine(t, 'before', PANIC)), { kind: 'lost', reason: /has not restarted: same boot/ });
});

t.test('given another boot and the last words of a panic, then it crashed', async (t) => {
  const told = await fate(await machine(t, 'another', PANIC));
  t.match(told, { kind: 'crashed', title: /^BUG: kernel NULL pointer/, consoleTail: /Kernel panic/ });
});

t.test('given another boot and no such words, then nobody is blamed', async (t) => {
  const told = await fate(
    await machine(t, 'another', '[    1.0] Linux version 6.18\n[ 9.0] reboot: Restarting system\n'),
  );
  t.match(told, { kind: 'lost', reason: /has restarted .*neither in pstore nor in its journal/ });
});

t.test('given a machine that is not reached again, then nobody is blamed either', async (t) => {
  t.match(await fate(await machine(t, undefined)), { kind: 'lost', reason: /not reached again .* nobody can say/ });
});

t.test('given a machine that goes while the disks are on their way, then it is said what became of it', async (t) => {
  const error = new HarnessError('ssh:lab: exit status 255: it said nothing');
  const why = async (reach: Reach) => whyNotOpened(reach, 'before', error, signal, 100);
  t.equal(await why(await machine(t, 'before', PANIC)), error, 'the machine is there, and this was something else');
  const crashed = await why(await machine(t, 'another', PANIC));
  t.match(crashed.message, /^ssh:lab crashed before the plan began: BUG: kernel NULL pointer[^]*Kernel panic/);
  t.equal(crashed.cause, error);
  const gone = await why(await machine(t, undefined));
  t.match(gone.message, /^ssh:lab: exit status 255: it said nothing; not reached again/);
});

t.test('given a machine that answers, or does not within the time, then it is waited for', async (t) => {
  await t.resolves(untilReached(await machine(t, 'before'), signal, 100));
  await t.rejects(untilReached(await machine(t, undefined), signal, 100), { name: 'HarnessError' });
});
