/** What a machine costs in memory. */
import { readFile } from 'node:fs/promises';
import { HarnessError } from '../errors.ts';

/**
 * Proportional set size of a process in bytes: its own pages, and of each page that it shares its share
 * (/proc/PID/smaps_rollup, Documentation/filesystems/proc.rst).
 */
export async function proportionalSetSize(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(text)?.[1];
  if (kilobytes === undefined) throw new HarnessError(`/proc/${pid}/smaps_rollup has no Pss line`);
  return Number(kilobytes) * 1024;
}
