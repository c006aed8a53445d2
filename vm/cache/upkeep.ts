/** What is in the cache, and how it stays within its limit. */
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CacheRoom } from './rooms.ts';
import { CACHE_ROOMS, cacheRoot, occupied } from './rooms.ts';
import { entriesInUse } from './marks.ts';
import { UsageError } from '../errors.ts';
import { tryLock } from '../lock.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { isRunning, ownIdentity, PROCESS_IDENTITY } from '../process-identity.ts';

export interface CacheEntry {
  readonly room: CacheRoom;
  readonly title: string;
  readonly directory: string;
  /** Blocks really occupied, in bytes: most files are sparse. */
  readonly bytes: number;
  readonly lastUsed: Date;
}

/** Every complete entry, most recently used first. */
export async function listCache(): Promise<readonly CacheEntry[]> {
  const entries: CacheEntry[] = [];
  for (const room of CACHE_ROOMS) {
    for (const name of await readdir(path.join(cacheRoot(), room)).catch(() => [])) {
      const entry = await readEntry(room, path.join(cacheRoot(), room, name));
      if (entry !== undefined) entries.push(entry);
    }
  }
  return entries.sort((a, b) => b.lastUsed.getTime() - a.lastUsed.getTime());
}

/** What entry.json holds, as far as it is read here. */
interface Label {
  readonly title: string;
  readonly bytes?: number;
}

/** Undefined when it is none, or is removed by another process while we look. */
async function readEntry(room: CacheRoom, directory: string): Promise<CacheEntry | undefined> {
  if (path.basename(directory).startsWith('.')) return undefined;
  try {
    const label = JSON.parse(await readFile(path.join(directory, 'entry.json'), 'utf8')) as Label;
    // An entry does not change once it is there, so its size was counted when it was made; the index alone grows.
    const bytes = label.bytes ?? (await occupied(directory));
    return { room, title: label.title, directory, bytes, lastUsed: (await stat(directory)).mtime };
  } catch {
    return undefined;
  }
}

export interface Removal {
  readonly removed: readonly CacheEntry[];
  /** Wanted gone, but a running fathom uses them. */
  readonly inUse: readonly CacheEntry[];
}

/** Removes the entries that are not to be kept, and what killed builds have left. */
export async function clearCache(keep: (entry: CacheEntry) => boolean = () => false): Promise<Removal> {
  await sweepCache();
  return removeEntries((await listCache()).filter((entry) => !keep(entry)));
}

/** What is quickest made again goes first; a kernel has to be fetched. */
const expendable: readonly CacheRoom[] = ['templates', 'initramfs'];

/**
 * Removes entries, least recently used first, until the cache occupies at most `limitBytes`.
 * Entries that a running process uses stay, even if the limit is then not kept.
 */
export async function pruneCache(limitBytes: number): Promise<Removal> {
  await sweepCache();
  const entries = [...(await listCache())].reverse();
  let excess = entries.reduce((sum, { bytes }) => sum + bytes, 0) - limitBytes;
  const inUse = await entriesInUse(cacheRoot());
  const chosen: CacheEntry[] = [];
  const rank = ({ room }: CacheEntry): number => (expendable.includes(room) ? 0 : 1);
  for (const entry of entries.sort((a, b) => rank(a) - rank(b))) {
    if (excess <= 0) break;
    if (inUse.has(entry.directory)) continue;
    chosen.push(entry);
    excess -= entry.bytes;
  }
  return removeEntries(chosen);
}

const GiB = 2 ** 30;

/** `$FATHOM_CACHE_LIMIT` in bytes; `20G` and `500M` are understood. Default 20 GiB. Throws UsageError. */
export function cacheLimit(): number {
  const text = process.env['FATHOM_CACHE_LIMIT'] ?? '';
  if (text === '') return 20 * GiB;
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$/i.exec(text) ?? [];
  if (number === undefined)
    throw new UsageError(`FATHOM_CACHE_LIMIT is '${text}'; a size in bytes, or one such as 20G, is meant`);
  return Number(number) * 1024 ** ' KMGT'.indexOf((unit || ' ').toUpperCase());
}

async function removeEntries(entries: readonly CacheEntry[]): Promise<Removal> {
  const removed: CacheEntry[] = [];
  const inUse: CacheEntry[] = [];
  for (const entry of entries) ((await removeEntry(entry.directory)) ? removed : inUse).push(entry);
  return { removed, inUse };
}

/** False when it is in use. The lock keeps others from beginning to use it between the question and the removal. */
async function removeEntry(directory: string): Promise<boolean> {
  await using held = await tryLock(`${directory}.lock`);
  if (held === undefined || (await entriesInUse(cacheRoot())).has(directory)) return false;
  const aside = path.join(path.dirname(directory), `.removing-${ownIdentity()}-${randomBytes(4).toString('hex')}`);
  await rename(directory, aside);
  await rm(aside, { recursive: true, force: true });
  return true;
}

/** Removes what processes that were killed have left half made or half removed. Returns the paths. */
export async function sweepCache(): Promise<readonly string[]> {
  const swept: string[] = [];
  for (const room of CACHE_ROOMS) {
    for (const name of await readdir(path.join(cacheRoot(), room)).catch(() => [])) {
      if (!/^\.(building|removing)-/.test(name)) continue;
      const identity = PROCESS_IDENTITY.exec(name)?.[0];
      if (identity !== undefined && isRunning(identity as ProcessIdentity) !== false) continue;
      const left = path.join(cacheRoot(), room, name);
      await rm(left, { recursive: true, force: true });
      swept.push(left);
    }
  }
  return swept;
}
