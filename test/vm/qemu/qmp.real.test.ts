import type { Duplex } from 'node:stream';
import { execa } from 'execa';
import t, { type Test } from 'tap';
import * as z from 'zod';
import { hostArchitecture } from '../../../vm/architecture.ts';
import { connectQmp, nothing, type QmpEvent } from '../../../vm/qemu/qmp.ts';

const limits = { signal: new AbortController().signal, deadlineMs: 10_000 };

/** A QEMU with no machine in it, and the other end of its monitor. */
function emptyQemu(t: Test): Duplex {
  const argv = [
    '-nodefaults',
    '-display',
    'none',
    '-machine',
    'none',
    '-chardev',
    'socket,id=qmp,fd=3',
    '-mon',
    'chardev=qmp,mode=control',
  ];
  const child = execa(hostArchitecture().qemu.program, argv, {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    buffer: false,
    reject: false,
  });
  t.teardown(async () => {
    child.kill('SIGKILL');
    await child;
  });
  return child.stdio[3] as unknown as Duplex;
}

await t.test(
  'given a QEMU, then commands that overlap are answered each its own, and refusals name command and reason',
  async (t) => {
    const qmp = await connectQmp(emptyQemu(t), limits);
    t.match(qmp.version, /^\d+\.\d+\.\d+$/);
    const status = z.object({ status: z.string() });
    const [first, name, second] = await Promise.all([
      qmp.execute('query-status', {}, status, limits),
      qmp.execute('query-name', {}, nothing, limits),
      qmp.execute('query-status', {}, status, limits),
    ]);
    t.match([first, name, second], [{ status: 'running' }, {}, { status: 'running' }]);
    await t.rejects(qmp.execute('no-such', { a: 1 }, nothing, limits), {
      name: 'HarnessError',
      message: /QMP no-such \{"a":1\}: .*not been found/,
    });
    await t.rejects(
      qmp.execute('query-status', {}, z.object({ status: z.number() }), limits),
      { message: /query-status/ },
      'an answer of another shape is refused',
    );
    await t.rejects(
      qmp.execute('query-status', {}, status, { ...limits, signal: AbortSignal.abort(new Error('enough')) }),
      { message: 'enough' },
    );
  },
);

await t.test('given a QEMU that quits, then its event comes, and later commands are refused', async (t) => {
  const qmp = await connectQmp(emptyQemu(t), limits);
  const shutdown = new Promise<QmpEvent>((resolve) => qmp.onEvent(resolve));
  await qmp.execute('quit', {}, nothing, limits);
  t.match(await shutdown, { event: 'SHUTDOWN', data: { reason: 'host-qmp-quit' } });
  await t.rejects(qmp.execute('query-status', {}, nothing, limits), {
    name: 'HarnessError',
    message: /QEMU hung up|no answer/,
  });
});

await t.test('given a program that speaks no QMP, then it is not taken for QEMU', async (t) => {
  const child = execa('sh', ['-c', 'echo hello >&3; exec sleep 5'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    buffer: false,
    reject: false,
  });
  t.teardown(() => child.kill());
  await t.rejects(connectQmp(child.stdio[3] as unknown as Duplex, limits), { message: /not QMP/ });
});
