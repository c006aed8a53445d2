/** Which running process uses which entries: one file per process, `.in-use/IDENTITY`, with an entry's path per line. */
import { unlinkSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ProcessIdentity } from '../process-identity.ts';
import { isRunning, ownIdentity } from '../process-identity.ts';

/** A process of another container cannot be asked whether it lives; its marks are believed for this long, in ms. */
const foreignMs = 24 * 3600 * 1000;

const marked = new Set<string>();

/** Whether this process has said that it uses the entry. */
export function isMarked(entry: string): boolean {
  return marked.has(entry);
}

/** From here to the end of this process the entry is not removed by another. To be called under the entry's lock. */
export async function markInUse(root: string, entry: string): Promise<void> {
  if (marked.has(entry)) return;
  const file = path.join(root, '.in-use', ownIdentity());
  await mkdir(path.dirname(file), { recursive: true });
  await appendFile(file, `${entry}\n`);
  if (markFiles.size === 0) process.once('exit', forget);
  if (!markFiles.has(file)) {
    markFiles.add(file);
    // Those of processes that were killed go, once for each cache.
    await entriesInUse(root);
  }
  marked.add(entry);
}

const markFiles = new Set<string>();

function forget(): void {
  for (const file of markFiles) {
    try {
      unlinkSync(file);
    } catch {
      // Swept by the next fathom.
    }
  }
}

/** Every entry that a running process uses; forgets the marks of those that are gone. */
export async function entriesInUse(root: string): Promise<ReadonlySet<string>> {
  const entries = new Set<string>();
  const folder = path.join(root, '.in-use');
  for (const name of await readdir(folder).catch(() => [])) {
    const file = path.join(folder, name);
    const running = isRunning(name as ProcessIdentity);
    const believed = running ?? Date.now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? 0) < foreignMs;
    if (!believed) await rm(file, { force: true });
    else
      for (const line of (await readFile(file, 'utf8').catch(() => '')).split('\n')) if (line !== '') entries.add(line);
  }
  return entries;
}
