/** Which process something belongs to, in a word that can be a file's name and that no later process can claim. */
import { readFileSync, readlinkSync } from 'node:fs';

/** `NAMESPACE-PID-START`: pids come round again, and mean nothing in another container that shares our folders. */
export type ProcessIdentity = `${number}-${number}-${number}`;

export function ownIdentity(): ProcessIdentity {
  return `${pidNamespace()}-${process.pid}-${startTime('self') ?? 0}`;
}

/** Whether that process is still there; undefined when it belongs to another PID namespace, so nobody here can know. */
export function isRunning(identity: ProcessIdentity): boolean | undefined {
  const [namespace, pid, start] = identity.split('-').map(Number);
  if (namespace !== pidNamespace() || pid === undefined) return undefined;
  return startTime(pid) === start;
}

export const PROCESS_IDENTITY = /\d+-\d+-\d+/;

function pidNamespace(): number {
  return Number(/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? 0);
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)), in clock ticks since boot; undefined when there is no such process, or only its zombie. */
export function startTime(pid: number | 'self'): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses, and may hold spaces and parentheses itself.
    const [state = '', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return 'ZX'.includes(state) ? undefined : Number(rest[22 - 4]);
  } catch {
    return undefined;
  }
}
