/** How many guests run at once. */
import { availableParallelism, freemem } from 'node:os';
import { GUEST_MEMORY_MIB } from './groups.ts';

/** As many guests as there are cores, and one more to fill their waits, within half of the free memory. */
export function defaultJobs(): number {
  const byMemory = Math.floor(freemem() / 2 / ((GUEST_MEMORY_MIB + 128) * 1024 * 1024));
  return Math.max(1, Math.min(availableParallelism() + 1, byMemory));
}
