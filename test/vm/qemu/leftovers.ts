/** A look for what should be gone. */
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { startTime } from '../../../vm/process-identity.ts';

/** Directories and processes that this test process (or another) has made and not removed. */
export function leftovers(pid = process.pid): readonly string[] {
  const mark = new RegExp(`^fathom-\\d+-${pid}-`);
  const processes = readdirSync('/proc').filter(
    (name) =>
      /^\d+$/.test(name) && startTime(Number(name)) !== undefined && namesOf(name).some((word) => mark.test(word)),
  );
  return [...readdirSync(tmpdir()).filter((name) => mark.test(name)), ...processes.map((name) => `process ${name}`)];
}

function namesOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
