/** The agent as PID 1 of a kernel in bare QEMU: no template, nothing of vm/qemu. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { execa } from 'execa';
import type { Test } from 'tap';
import { dir } from 'tmp-promise';
import { converse, type Conversation } from './conversation.ts';

export interface Guest {
  /** The next connection of the port: hangs up the present one, if there is one. */
  connect(): Promise<Conversation>;
  hangUp(): Promise<void>;
  console(): Promise<string>;
  /** Settles when QEMU has gone. */
  readonly ended: Promise<unknown>;
}

export interface GuestRequest {
  readonly kernelImage: string;
  readonly initramfs: string;
  readonly disks?: readonly string[];
  readonly memoryMiB?: number;
  readonly cpus?: number;
}

export async function bootGuest(t: Test, request: GuestRequest): Promise<Guest> {
  const { kernelImage, initramfs, disks = [], memoryMiB = 256, cpus = 1 } = request;
  // Not in t.testdir: a socket's path has 107 bytes at most.
  const { path: directory, cleanup } = await dir({ prefix: 'fathom-guest-', unsafeCleanup: true });
  const portPath = path.join(directory, 'port');
  const consolePath = path.join(directory, 'console');
  const server = createServer();
  server.listen(portPath);
  await once(server, 'listening');
  const qemu = execa(
    'qemu-system-x86_64',
    [
      ...[
        '-nodefaults',
        '-no-user-config',
        '-display',
        'none',
        '-no-reboot',
        '-machine',
        'q35,accel=tcg',
        '-cpu',
        'max',
        '-m',
        `${memoryMiB}M`,
        '-smp',
        String(cpus),
      ],
      ...[
        '-kernel',
        kernelImage,
        '-initrd',
        initramfs,
        '-append',
        'console=ttyS0 quiet loglevel=4 panic=-1 randomize_kstack_offset=off mitigations=off',
      ],
      ...['-chardev', `file,id=console,path=${consolePath}`, '-serial', 'chardev:console'],
      ...[
        '-device',
        'virtio-serial-pci',
        '-chardev',
        `socket,id=port,path=${portPath},reconnect=1`,
        '-device',
        'virtserialport,chardev=port,name=fathom',
      ],
      ...disks.flatMap((disk, index) => [
        '-drive',
        `if=none,id=d${index},file=${disk},format=raw,snapshot=on`,
        '-device',
        `virtio-blk-pci,drive=d${index}`,
      ]),
    ],
    { reject: false, stdin: 'ignore', forceKillAfterDelay: 1000 },
  );
  t.teardown(async () => {
    qemu.kill('SIGKILL');
    await qemu;
    server.close();
    await cleanup();
  });
  return guestOf(server, consolePath, qemu);
}

function guestOf(server: Server, consolePath: string, ended: Promise<unknown>): Guest {
  let present: Socket | undefined;
  const hangUp = async (): Promise<void> => {
    if (present === undefined || present.destroyed) return;
    const closed = once(present, 'close');
    present.destroy();
    await closed;
  };
  const connect = async (): Promise<Conversation> => {
    await hangUp();
    const [socket] = (await once(server, 'connection', { signal: AbortSignal.timeout(60_000) })) as [Socket];
    present = socket;
    return converse(socket, socket, 90_000);
  };
  return { connect, hangUp, console: () => readFile(consolePath, 'latin1'), ended };
}
