/**
 * Work that is done once: a directory per entry, named by a hash of everything that went into it.
 *
 * An entry is built in a temporary directory beside its place and renamed into it when complete, so a reader sees
 * a whole entry or none, also after SIGKILL or a full disk. Two processes that want the same entry build it once.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import lockfile from 'proper-lockfile';
import { HarnessError } from './errors.ts';

export const CACHE_ROOMS = ['index', 'packages', 'kernels', 'images', 'disks', 'agents', 'initramfs', 'templates'] as const;
export type CacheRoom = (typeof CACHE_ROOMS)[number];

/** `$FATHOM_CACHE`, else `$XDG_CACHE_HOME/fathom`, else `~/.cache/fathom`. */
export function cacheRoot(): string {
  return process.env['FATHOM_CACHE'] ?? path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'fathom');
}

/** A stable hash of any JSON value: key order does not matter. 32 hexadecimal digits. */
export function hashOf(ingredients: unknown): string {
  return createHash('sha256').update(canonical(ingredients)).digest('hex').slice(0, 32);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export interface CacheRequest {
  readonly room: CacheRoom;
  /** A short name for people, shown by `fathom cache`. */
  readonly title: string;
  /** Everything the entry depends on, as JSON: specs, program versions, hashes of input files. */
  readonly ingredients: unknown;
  /** Fills the (empty, temporary) directory. Throwing leaves nothing behind. */
  readonly build: (directory: string) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** The directory of a finished entry; builds it first if it is not there. */
export async function cached(request: CacheRequest): Promise<string> {
  const room = path.join(cacheRoot(), request.room);
  const entry = path.join(room, hashOf(request.ingredients));
  if (await isComplete(entry)) return entry;
  await mkdir(room, { recursive: true });
  const unlock = await lockfile.lock(entry, {
    realpath: false,
    stale: 30_000,
    update: 5_000,
    retries: { retries: 10_000, minTimeout: 50, maxTimeout: 500, factor: 1.2 },
  });
  try {
    request.signal?.throwIfAborted();
    if (await isComplete(entry)) return entry;
    await rm(entry, { recursive: true, force: true });
    const building = path.join(room, `.building-${process.pid}-${randomBytes(4).toString('hex')}`);
    await mkdir(building);
    try {
      await request.build(building);
      request.signal?.throwIfAborted();
      await writeFile(
        path.join(building, 'entry.json'),
        JSON.stringify({ v: 1, title: request.title, ingredients: request.ingredients }, null, 1),
      );
      await rename(building, entry);
    } catch (cause) {
      await rm(building, { recursive: true, force: true });
      if (isFullDisk(cause))
        throw new HarnessError(`no space left on the disk of ${cacheRoot()}; \`fathom cache clear\` frees it, FATHOM_CACHE moves it`, { cause });
      throw cause;
    }
    return entry;
  } finally {
    await unlock();
  }
}

function isFullDisk(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
}

async function isComplete(entry: string): Promise<boolean> {
  try {
    await stat(path.join(entry, 'entry.json'));
    const now = new Date();
    await utimes(entry, now, now).catch(() => undefined);
    return true;
  } catch {
    return false;
  }
}

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
    const names = await readdir(path.join(cacheRoot(), room)).catch(() => []);
    for (const name of names) {
      const directory = path.join(cacheRoot(), room, name);
      const text = await readFile(path.join(directory, 'entry.json'), 'utf8').catch(() => undefined);
      if (text === undefined) continue;
      const { title } = JSON.parse(text) as { title: string };
      entries.push({ room, title, directory, bytes: await occupied(directory), lastUsed: (await stat(directory)).mtime });
    }
  }
  return entries.sort((a, b) => b.lastUsed.getTime() - a.lastUsed.getTime());
}

async function occupied(directory: string): Promise<number> {
  let bytes = 0;
  for (const item of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (item.isFile()) bytes += (await stat(path.join(item.parentPath, item.name))).blocks * 512;
  }
  return bytes;
}

/** Removes entries, and what builds that were killed have left. */
export async function clearCache(keep: (entry: CacheEntry) => boolean = () => false): Promise<number> {
  let freed = 0;
  for (const entry of await listCache()) {
    if (keep(entry)) continue;
    await rm(entry.directory, { recursive: true, force: true });
    freed += entry.bytes;
  }
  return freed;
}
