/**
 * Freezing a guest and waking copies of it. Its RAM is a file of its own (`x-ignore-shared` leaves it out of the
 * migration stream), so freezing writes only the state of its devices, some 400 KB, and a copy maps the same file
 * copy-on-write.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { chmod } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as z from 'zod';
import { HarnessError } from '../errors.ts';
import { settledWithin, within, type Limits } from '../deadline.ts';
import { endingInWords, type Qemu } from './process.ts';
import { nothing } from './qmp.ts';

const blockStats = z.array(
  z.object({
    device: z.string().default(''),
    stats: z.object({ wr_bytes: z.number(), unmap_bytes: z.number().default(0) }),
  }),
);

/**
 * Stops the guest and writes its device state to `stateFile`; its RAM file is then complete too.
 * Rejects with HarnessError when the guest has written to a disk: a copy that finds another disk in the slot would
 * be at odds with what it remembers.
 */
export async function freeze(qemu: Qemu, stateFile: string, limits: Limits): Promise<void> {
  const { qmp } = qemu;
  await qmp.execute('stop', {}, nothing, limits);
  for (const { device, stats } of await qmp.execute('query-blockstats', {}, blockStats, limits)) {
    const bytes = stats.wr_bytes + stats.unmap_bytes;
    if (bytes > 0) throw new HarnessError(`the guest wrote ${bytes} bytes to disk ${device} before it was frozen`);
  }
  await ignoreShared(qemu, limits);

  const socket = path.join(qemu.directory, 'state');
  const server = net.createServer();
  try {
    const written = once(server, 'connection').then(([stream]: net.Socket[]) =>
      pipeline(stream!, createWriteStream(stateFile, { flags: 'wx', mode: 0o600 })),
    );
    written.catch(() => undefined);
    server.listen(socket);
    await once(server, 'listening');
    // QEMU may be another user. The directory is its own and closed to all others.
    await chmod(socket, 0o666);
    const sent = migrationEnds(qemu, limits);
    await Promise.all([
      within(written, 'device state from QEMU', limits),
      sent,
      qmp.execute('migrate', { uri: `unix:${socket}` }, nothing, limits),
    ]);
  } finally {
    server.close();
  }
}

/** Fills a QEMU that waits for it (`-incoming defer`) from the device state at descriptor `state`, and lets it run. */
export async function thaw(qemu: Qemu, state: number, limits: Limits): Promise<void> {
  await ignoreShared(qemu, limits);
  const received = migrationEnds(qemu, limits);
  await Promise.all([received, qemu.qmp.execute('migrate-incoming', { uri: `fd:${state}` }, nothing, limits)]);
  // Sent before the guest runs: what it does first is answer.
  qemu.agent.send({ v: 1, type: 'ping', id: 'thaw' });
  await qemu.qmp.execute('cont', {}, nothing, limits);
  const event = await qemu.agent.next(limits);
  if (event === 'deadline') throw new HarnessError(`the copy did not answer within ${limits.deadlineMs} ms`);
  if (event.kind !== 'line' || event.line.type !== 'pong' || event.line.id !== 'thaw') {
    throw new HarnessError(`the copy answered a ping with ${JSON.stringify(event)}`);
  }
}

async function ignoreShared({ qmp }: Qemu, limits: Limits): Promise<void> {
  const capabilities = ['x-ignore-shared', 'events'].map((capability) => ({ capability, state: true }));
  await qmp.execute('migrate-set-capabilities', { capabilities }, nothing, limits);
}

async function migrationEnds(qemu: Qemu, limits: Limits): Promise<void> {
  let stopListening: () => void = () => undefined;
  const status = new Promise<string>((resolve) => {
    stopListening = qemu.qmp.onEvent(({ event, data }) => {
      if (event === 'MIGRATION' && (data['status'] === 'completed' || data['status'] === 'failed'))
        resolve(data['status']);
    });
  });
  const died = qemu.ended.then((ending) => {
    throw new HarnessError(`QEMU ended in the middle of it: ${endingInWords(ending)}`);
  });
  try {
    if ((await within(Promise.race([status, died]), 'end of the migration', limits)) === 'completed') return;
    // A receiver that fails ends, and its last words say why.
    await settledWithin(died, { ...limits, deadlineMs: 1000 });
    throw new HarnessError('QEMU says that the migration failed');
  } finally {
    stopListening();
  }
}
