/** Frozen guests in the cache: made once, opened by every run. */
import { randomUUID } from 'node:crypto';
import { chown, readFile, rm, statfs, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';
import { hello } from '../agent/protocol.ts';
import { hostArchitecture } from '../architecture.ts';
import { cached } from '../cache.ts';
import type { Hello } from '../machine.ts';
import { programIdentity, requireProgram } from '../programs.ts';
import { openFor } from './files.ts';
import { freeze } from './freeze.ts';
import { bootPrepared } from './prepare.ts';
import { describedArguments } from './process.ts';
import type { RunAs } from './reaper.ts';
import { closeAll, startOf, type Recipe } from './recipe.ts';

export interface Frozen extends AsyncDisposable {
  readonly hello: Hello;
  /** How long boot and preparation took when it was made just now, ms; undefined when it was in the cache. */
  readonly bootMs: number | undefined;
  readonly ram: FileHandle;
  readonly state: FileHandle;
  /** The beginning of the kernel image. */
  readonly imageHead: FileHandle;
  /** Takes it out of the cache: it could not be thawed. */
  discard(): Promise<void>;
}

/** The guest came up, and could not be frozen or kept. */
export class FreezeError extends Error {
  override readonly name = 'FreezeError';
}

const FORMAT = 2;
/** Time for the host to write or read a frozen guest, ms: some 30 on an idle one. */
export const FREEZE_DEADLINE_MS = 20_000;

const description = z.strictObject({ v: z.literal(FORMAT), hello });

/** Rejects with FreezeError when no template can be made or kept, and as bootGuest does when the guest does not come up. */
export async function openFrozen(recipe: Recipe, signal: AbortSignal, onBoot: () => void): Promise<Frozen> {
  let bootMs: number | undefined;
  const { kernel, shape, accelerator } = recipe;
  const directory = await cached({
    room: 'templates',
    title: `${kernel.release}, ${shape.memoryMiB} MiB, ${accelerator}`,
    ingredients: {
      format: FORMAT,
      kernel: kernel.identity,
      // An entry of the cache, named by all that went into it.
      initramfs: path.basename(path.dirname(recipe.initramfsPath)),
      shape,
      argv: describedArguments(startOf(recipe, { kind: 'kept', ram: recipe.image }, [], signal), 3, 'template'),
      qemu: programIdentity(hostArchitecture().qemu.program),
      cpu: accelerator === 'kvm' ? await hostCpu() : undefined,
    },
    build: async (building) => {
      onBoot();
      bootMs = await makeFrozen(recipe, building, signal);
    },
    signal,
  }).catch((cause: unknown) => {
    throw isNoRoom(cause)
      ? new FreezeError(`the cache takes no template: ${(cause as Error).message}`, { cause })
      : cause;
  });

  const opened: FileHandle[] = [];
  const openKept = async (name: string, flags: 'r' | 'r+'): Promise<FileHandle> => {
    const file = await openFor(path.join(directory, name), flags);
    opened.push(file);
    return file;
  };
  try {
    const { hello } = description.parse(JSON.parse(await readFile(path.join(directory, 'template.json'), 'utf8')));
    const ram = await openKept('ram', 'r+');
    const state = await openKept('state', 'r');
    const imageHead = await openKept('image-head', 'r');
    return {
      hello,
      bootMs,
      ram,
      state,
      imageHead,
      discard: () => rm(directory, { recursive: true, force: true }),
      [Symbol.asyncDispose]: () => closeAll(opened),
    };
  } catch (cause) {
    await closeAll(opened);
    await rm(directory, { recursive: true, force: true });
    throw new FreezeError(`the template in ${directory} was damaged and is removed: ${inWords(cause)}`, { cause });
  }
}

/** Boots and prepares a guest, freezes it and keeps it in `directory`. Returns how long that took up to the freeze, ms. */
async function makeFrozen(recipe: Recipe, directory: string, signal: AbortSignal): Promise<number> {
  const ramBytes = recipe.shape.memoryMiB * 2 ** 20;
  const ram = await openRam(ramBytes, directory);
  try {
    await ram.truncate(ramBytes);
    // QEMU opens it for writing even where it maps it copy-on-write.
    if (recipe.user !== undefined) await ram.chown(recipe.user.uid, recipe.user.gid);
    const booted = await bootPrepared(recipe, { kind: 'kept', ram }, [], signal);
    try {
      await freeze(booted.qemu, path.join(directory, 'state'), { signal, deadlineMs: FREEZE_DEADLINE_MS });
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw new FreezeError(`the booted guest could not be frozen: ${inWords(cause)}`, { cause });
    } finally {
      await booted.qemu[Symbol.asyncDispose]();
    }
    await keepRam(ram, path.join(directory, 'ram'), recipe.user, signal);
    await writeFile(path.join(directory, 'image-head'), await head(recipe.image), { mode: 0o644 });
    await writeFile(path.join(directory, 'template.json'), JSON.stringify({ v: FORMAT, hello: booted.hello }));
    return booted.durationMs;
  } finally {
    await ram.close();
  }
}

/**
 * A file without a name for the RAM of a guest that boots: in memory where there is room, since a guest that writes
 * its RAM for the first time pays for each page of a file on disk (a tenth of a boot), else beside its template.
 */
async function openRam(bytes: number, directory: string): Promise<FileHandle> {
  const shared = await statfs('/dev/shm').catch(() => undefined);
  const inMemory = shared?.type === TMPFS_MAGIC && shared.bavail * shared.bsize > 2 * bytes;
  const file = path.join(inMemory ? '/dev/shm' : directory, `fathom-ram-${randomUUID()}`);
  const ram = await openFor(file, 'wx+');
  await unlink(file);
  return ram;
}

const TMPFS_MAGIC = 0x01021994;

/** Copies the RAM to its place in the cache, without its zeros. */
async function keepRam(ram: FileHandle, place: string, user: RunAs | undefined, signal: AbortSignal): Promise<void> {
  await execa(requireProgram('cp'), ['--sparse=always', '--reflink=auto', '/proc/self/fd/3', place], {
    // execa passes a descriptor on from the fourth on too; only its types do not say so.
    stdio: ['ignore', 'ignore', 'pipe', ram.fd as unknown as 'pipe'],
    cancelSignal: signal,
  });
  if (user !== undefined) await chown(place, user.uid, user.gid);
}

/**
 * QEMU wants the same `-kernel` option of a clone, keeps all of that file in memory of its own (13 MB), and nobody
 * reads it: the kernel is in RAM. The header and the setup code, at most 64 sectors, are enough to satisfy it
 * (QEMU hw/i386/x86.c:x86_load_linux).
 */
async function head(image: FileHandle): Promise<Buffer> {
  const { bytesRead, buffer } = await image.read({ buffer: Buffer.alloc(2 ** 18), position: 0 });
  return buffer.subarray(0, bytesRead);
}

/** What `-cpu host` gives a guest: a template of one host is not for another. */
async function hostCpu(): Promise<string> {
  const [first = ''] = (await readFile('/proc/cpuinfo', 'utf8')).split('\n\n');
  return first
    .split('\n')
    .filter((line) => /^(vendor_id|cpu family|model|stepping|microcode|flags)\b/.test(line))
    .join('\n');
}

/** A full, read-only or forbidden cache costs the template, not the run. */
function isNoRoom(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM'].includes(String(at.code))) return true;
  }
  return false;
}

function inWords(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
