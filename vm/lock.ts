/**
 * Mutual exclusion between processes, and between tasks of one process. The lock is a symbolic link to its holder's
 * identity, so that it comes to be with its holder's name in one step, and a lock whose holder was killed is broken
 * at once instead of after a time-out.
 */
import { randomBytes } from 'node:crypto';
import { lstat, readlink, rename, rm, symlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessIdentity } from './process-identity.ts';
import { isRunning, ownIdentity } from './process-identity.ts';

const pollMs = 40;
/** A holder in another container cannot be asked whether it lives; it is believed for this long, in ms. */
const foreignMs = 6 * 3600 * 1000;

/** Waits until `place` (a path in an existing directory) is ours. Rejects when aborted. */
export async function lock(place: string, signal?: AbortSignal): Promise<AsyncDisposable> {
  for (;;) {
    signal?.throwIfAborted();
    const held = await tryLock(place);
    if (held !== undefined) return held;
    const again = sleep(pollMs, undefined, signal === undefined ? {} : { signal });
    await Promise.race([again, released.get(place) ?? again]);
  }
}

/** Undefined when somebody alive holds it. */
export async function tryLock(place: string): Promise<AsyncDisposable | undefined> {
  try {
    await symlink(ownIdentity(), place);
    return holding(place);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  if (!(await isAbandoned(place))) return undefined;
  // Renamed first, so that of two who find it abandoned one takes it; who took a fresh one by that puts it back.
  const aside = `${place}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(place, aside);
  } catch {
    return undefined;
  }
  if (await isAbandoned(aside)) await rm(aside, { force: true });
  else await rename(aside, place);
  return tryLock(place);
}

/** What this process holds, and when it gives it back: tasks that wait for each other need not poll. */
const released = new Map<string, Promise<void>>();

function holding(place: string): AsyncDisposable {
  let release = (): void => undefined;
  released.set(place, new Promise<void>((resolve) => (release = resolve)));
  return {
    async [Symbol.asyncDispose]() {
      try {
        await rm(place, { force: true });
      } finally {
        released.delete(place);
        release();
      }
    },
  };
}

async function isAbandoned(place: string): Promise<boolean> {
  const holder = await readlink(place).catch(() => undefined);
  if (holder === undefined) return false;
  const running = isRunning(holder as ProcessIdentity);
  if (running !== undefined) return !running;
  const made = (await lstat(place).catch(() => undefined))?.mtimeMs;
  return made !== undefined && Date.now() - made > foreignMs;
}
