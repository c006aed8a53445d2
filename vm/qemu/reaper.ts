/**
 * Nothing of fathom outlives it, however it dies.
 *
 * A process: the kernel itself kills each QEMU when the thread that started it is gone (prctl(2) PR_SET_PDEATHSIG,
 * set by setpriv(1) after it has dropped to the user that QEMU runs as, because a change of user clears it).
 * A directory: its name says which process made it (PID namespace, pid, start time), and the next fathom removes
 * those whose maker is gone, with any QEMU that still carries the name.
 */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dir } from 'tmp-promise';
import { UsageError } from '../errors.ts';
import { isRunning, ownIdentity, PROCESS_IDENTITY, type ProcessIdentity } from '../process-identity.ts';

/** Whom a program runs as; undefined is the user that runs fathom. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
}

/** `nobody` for root, nobody else for everybody else: QEMU never needs a privilege. */
export function unprivileged(groups: readonly number[] = []): RunAs | undefined {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534, groups } : undefined;
}

/** The arguments of setpriv(1) that make it become `command` (same pid), which dies with this thread and runs as `user`. */
export function mortal(command: readonly string[], user: RunAs | undefined): readonly string[] {
  const drop =
    user === undefined
      ? []
      : [
          `--reuid=${user.uid}`,
          `--regid=${user.gid}`,
          user.groups.length === 0 ? '--clear-groups' : `--groups=${user.groups.join(',')}`,
          '--inh-caps=-all',
          '--bounding-set=-all',
        ];
  return ['--pdeathsig=KILL', '--no-new-privs', ...drop, '--', ...command];
}

const NAME = new RegExp(`^fathom-(${PROCESS_IDENTITY.source})-[A-Za-z0-9]{6}$`);

/**
 * A temporary directory whose name tells whose it is; `remove` takes its contents along.
 * Throws UsageError when `user` could not get there.
 */
export async function ownedDirectory(
  user?: RunAs,
): Promise<{ readonly path: string; readonly remove: () => Promise<void> }> {
  if (user !== undefined) await requireWay(tmpdir(), user);
  const { path: made } = await dir({ template: `fathom-${ownIdentity()}-XXXXXX`, mode: 0o700 });
  return { path: made, remove: () => rm(made, { recursive: true, force: true }) };
}

/** Root's own temporary directory, as pam_tmpdir makes it, is closed to whomever QEMU runs as. */
async function requireWay(directory: string, { uid, gid }: RunAs): Promise<void> {
  for (let place = path.resolve(directory); ; place = path.dirname(place)) {
    const found = await stat(place);
    const mayEnter =
      found.uid === uid ? found.mode & 0o100 : found.gid === gid ? found.mode & 0o010 : found.mode & 0o001;
    if (mayEnter === 0)
      throw new UsageError(
        `QEMU runs as user ${uid}, who may not enter ${place}, where temporary files go: say TMPDIR=/tmp`,
      );
    if (place === path.dirname(place)) return;
  }
}

/** Removes what dead fathoms have left: directories, and QEMUs named after them. Returns what was removed. */
export async function sweep(): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const name of await readdir(tmpdir())) {
    const owner = NAME.exec(name)?.[1];
    // Another container's pids mean nothing here, even when it shares our /tmp.
    if (owner === undefined || isRunning(owner as ProcessIdentity) !== false) continue;
    await killNamed(name);
    const left = path.join(tmpdir(), name);
    await rm(left, { recursive: true, force: true }).then(
      () => removed.push(left),
      // Another user's: theirs to remove.
      () => undefined,
    );
  }
  return removed;
}

async function killNamed(name: string): Promise<void> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!commandLine.split('\0').includes(name)) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // Gone already, or another user's.
    }
  }
}
