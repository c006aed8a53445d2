/**
 * Programs in versions that the machine's own release does not have, from newer suites of Debian: they come as kernels
 * do (vm/archive/), are unpacked in the cache with all libraries that they need, and run beside the installed ones.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { openIndex } from '../archive/apt-index.ts';
import { findMirrors } from '../archive/mirrors.ts';
import { comparePackageVersions } from '../archive/package-version.ts';
import type { ArchivePackage, ToolPackage } from '../archive/packages.ts';
import { cached, cacheRoot } from '../cache.ts';
import { HarnessError, UnsupportedError, UsageError } from '../errors.ts';
import { reasonOf } from '../file-errors.ts';
import { unpackTool } from './unpack.ts';

export type { ToolPackage } from '../archive/packages.ts';

/** A package with its libraries, unpacked. */
export interface Tool {
  readonly package: ToolPackage;
  /** Debian package version, `1.9.4-1`. */
  readonly version: string;
  readonly suite: string;
  /** Where its programs are started from, by name: `mkfs.erofs`. */
  readonly programs: ReadonlyMap<string, string>;
  /** What it is, for cache keys. */
  readonly identity: string;
}

/** One that can be had, or is there already. */
export interface ToolOffer {
  readonly package: ArchivePackage;
  readonly inCache: boolean;
}

export interface ToolOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: ((text: string) => void) | undefined;
}

/** How old the package index may be, in ms: a version that is some weeks old does as well. */
const FRESH_MS = 30 * 24 * 3_600_000;

/**
 * Every version in the archive and the cache, newest first; when the archive cannot be asked, those in the cache.
 * Throws UnsupportedError, naming the package and why, when there is none.
 */
export async function offersOf(name: ToolPackage, options: ToolOptions): Promise<readonly ToolOffer[]> {
  const kept = await keptTools(name);
  const listed = await listedTools(name, options).catch((error: unknown) => {
    options.signal.throwIfAborted();
    if (kept.length === 0) throw unavailable(name, error);
    options.onProgress?.(`${reasonOf(error)}; ${name} is taken from the cache`);
    return [];
  });
  const offers = [...listed, ...kept].map((one) => ({
    package: one,
    inCache: kept.some(({ sha256 }) => sha256 === one.sha256),
  }));
  const distinct = new Map(offers.map((offer) => [offer.package.sha256, offer]));
  return [...distinct.values()].sort((a, b) => comparePackageVersions(b.package.version, a.package.version));
}

/** Fetches what an offer is of, or finds it in the cache. Throws HarnessError when the archive does not give it. */
export async function openTool({ package: one }: ToolOffer, options: ToolOptions): Promise<Tool> {
  const { name, version, suite, sha256 } = one;
  const directory = await cached({
    room: 'tools',
    title: `${name} ${version}, ${suite}`,
    ingredients: { v: 1, package: kept.parse({ ...one, name }) },
    build: async (building) => {
      options.onProgress?.(`downloading ${name} ${version} of ${suite} with its libraries`);
      await unpackTool(await indexFor(options), one, building, options.signal);
    },
    signal: options.signal,
  });
  const bin = path.join(directory, 'bin');
  const programs = new Map((await readdir(bin)).map((program) => [program, path.join(bin, program)]));
  return { package: name as ToolPackage, version, suite, programs, identity: `${name} ${version} ${sha256}` };
}

/**
 * The newest that can be had. `serves` leaves versions out before they are fetched.
 * Throws UnsupportedError, naming what was wanted and why there is none.
 */
export async function newestTool(
  name: ToolPackage,
  options: ToolOptions & { readonly serves?: (offer: ToolOffer) => boolean },
): Promise<Tool> {
  const { serves = () => true, signal } = options;
  const offers = (await offersOf(name, options)).filter(serves);
  let failure: unknown;
  for (const offer of offers) {
    try {
      return await openTool(offer, options);
    } catch (error) {
      signal.throwIfAborted();
      // Without a network an older one that is in the cache will do.
      if (!(error instanceof HarnessError)) throw error;
      failure ??= error;
    }
  }
  throw unavailable(name, failure ?? new Error('the archive has no version that can'));
}

/** One program of the newest version: `program('composefs', 'mkcomposefs', …)`. Throws as `newestTool` does. */
export async function newestProgram(
  name: ToolPackage,
  program: string,
  options: ToolOptions,
): Promise<{ readonly file: string; readonly tool: Tool }> {
  const tool = await newestTool(name, options);
  const file = tool.programs.get(program);
  if (file === undefined)
    throw new UnsupportedError(program, { message: `${name} ${tool.version} of ${tool.suite} has no ${program}` });
  return { file, tool };
}

/** What is in the cache, newest first. */
export async function toolsInCache(name: ToolPackage, options: ToolOptions): Promise<readonly Tool[]> {
  const kept = await keptTools(name);
  const tools = await Promise.all(kept.map((one) => openTool({ package: one, inCache: true }, options)));
  return tools.sort((a, b) => comparePackageVersions(b.version, a.version));
}

function unavailable(name: ToolPackage, cause: unknown): UnsupportedError {
  return new UnsupportedError(`a newer ${name}`, {
    message: `a newer ${name} cannot be had from Debian's archive: ${reasonOf(cause)}`,
    remedy: 'see that the mirror can be reached, or name another in FATHOM_MIRROR',
    cause,
  });
}

async function indexFor({ signal, onProgress }: ToolOptions) {
  const mirrors = await findMirrors(undefined).catch((cause: unknown) => {
    // On a machine that is no Debian nobody has asked for the archive by name.
    if (cause instanceof UsageError) throw new HarnessError(cause.message, { cause });
    throw cause;
  });
  return openIndex({ mirrors, maxAgeMs: FRESH_MS, signal, onProgress });
}

async function listedTools(name: ToolPackage, options: ToolOptions): Promise<readonly ArchivePackage[]> {
  return (await indexFor(options)).packages.filter((one) => one.name === name);
}

const kept = z.object({
  name: z.string(),
  version: z.string(),
  suite: z.string(),
  path: z.string(),
  sha256: z.string(),
  sizeBytes: z.number(),
});
const entry = z.object({ ingredients: z.object({ v: z.literal(1), package: kept }) });

/** Those that were unpacked once. */
async function keptTools(name: ToolPackage): Promise<readonly ArchivePackage[]> {
  const room = path.join(cacheRoot(), 'tools');
  const found: ArchivePackage[] = [];
  for (const one of await readdir(room).catch(() => [])) {
    const text = await readFile(path.join(room, one, 'entry.json'), 'utf8').catch(() => 'null');
    const parsed = entry.safeParse(JSON.parse(text));
    if (parsed.success && parsed.data.ingredients.package.name === name)
      found.push({ ...parsed.data.ingredients.package, depends: [] });
  }
  return found;
}
