/** Where the cache is, and how it is laid out: `ROOT/ROOM/HASH/`, each with an entry.json. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

export const CACHE_ROOMS = [
  'index',
  'packages',
  'tools',
  'kernels',
  'images',
  'disks',
  'agents',
  'initramfs',
  'templates',
  'accelerators',
] as const;
export type CacheRoom = (typeof CACHE_ROOMS)[number];

/** `$FATHOM_CACHE`, else `$XDG_CACHE_HOME/fathom`, else `~/.cache/fathom`. */
export function cacheRoot(): string {
  const { FATHOM_CACHE: own, XDG_CACHE_HOME: caches } = process.env;
  return path.resolve(own || path.join(caches || path.join(homedir(), '.cache'), 'fathom'));
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

/** Blocks that a directory's files really occupy, in bytes: most are sparse. */
export async function occupied(directory: string): Promise<number> {
  let bytes = 0;
  for (const item of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (item.isFile()) bytes += (await stat(path.join(item.parentPath, item.name))).blocks * 512;
  }
  return bytes;
}
