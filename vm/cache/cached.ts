/**
 * Work that is done once: a directory per entry, named by a hash of everything that went into it.
 *
 * An entry is built in a temporary directory beside its place and renamed into it when complete, so a reader sees
 * a whole entry or none, also after SIGKILL or a full disk. Two processes that want the same entry build it once.
 * One whose files have not the size any more with which they were made is built anew.
 * An entry that was asked for is not removed from the cache (upkeep.ts) while the process that asked is there.
 */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HarnessError } from '../errors.ts';
import { isMarked, markInUse } from './marks.ts';
import { lock } from '../lock.ts';
import { makeDirectory } from '../make-directory.ts';
import { ownIdentity } from '../process-identity.ts';
import type { CacheRoom } from './rooms.ts';
import { cacheRoot, hashOf, occupied } from './rooms.ts';

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
  if (isMarked(entry) && (await isThere(entry))) return entry;
  await makeRoom(room);
  await using _held = await lock(`${entry}.lock`, request.signal);
  await markInUse(cacheRoot(), entry);
  if (!((await isThere(entry)) && (await isWhole(entry)))) await build(request, entry);
  return entry;
}

async function makeRoom(room: string): Promise<void> {
  await makeDirectory(room).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new HarnessError(`nothing can be kept in ${cacheRoot()}: ${why}; FATHOM_CACHE names another place`, {
      cause,
    });
  });
}

async function build(request: CacheRequest, entry: string): Promise<void> {
  await rm(entry, { recursive: true, force: true });
  const building = path.join(path.dirname(entry), `.building-${ownIdentity()}-${randomBytes(4).toString('hex')}`);
  await mkdir(building);
  try {
    await request.build(building);
    request.signal?.throwIfAborted();
    const label = {
      v: 1,
      title: request.title,
      ingredients: request.ingredients,
      bytes: await occupied(building),
      files: await sizesIn(building),
    };
    await writeFile(path.join(building, 'entry.json'), JSON.stringify(label, null, 1));
    await rename(building, entry);
  } catch (cause) {
    await rm(building, { recursive: true, force: true });
    if (!isFullDisk(cause)) throw cause;
    const remedy = '`fathom cache clear` frees it, FATHOM_CACHE moves it';
    throw new HarnessError(
      `no space left on the disk of ${cacheRoot()}, for ${request.room} "${request.title}"; ${remedy}`,
      { cause },
    );
  }
}

function isFullDisk(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOSPC';
}

async function isThere(entry: string): Promise<boolean> {
  try {
    await stat(path.join(entry, 'entry.json'));
    const now = new Date();
    // The folder's own time is when the entry was last used. A cache that is read-only has no such order.
    await utimes(entry, now, now).catch(() => undefined);
    return true;
  } catch {
    return false;
  }
}

/** Size in bytes of each file, by its path within the directory. */
async function sizesIn(directory: string): Promise<Readonly<Record<string, number>>> {
  const files = (await readdir(directory, { withFileTypes: true, recursive: true })).filter((item) => item.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const file = path.join(parentPath, name);
      return [path.relative(directory, file), statSync(file).size];
    }),
  );
}

/**
 * Whether each file still has the size that it was made with: a disk that was full, a copy that was cut off and a user's
 * `rm` show. Not whether its bytes are the same: reading them all would cost more than what the cache saves.
 */
async function isWhole(entry: string): Promise<boolean> {
  try {
    const label = JSON.parse(await readFile(path.join(entry, 'entry.json'), 'utf8')) as { files?: object };
    return Object.entries(label.files ?? {}).every(
      ([name, size]) => statSync(`${entry}/${name}`, { throwIfNoEntry: false })?.size === size,
    );
  } catch {
    return false;
  }
}
