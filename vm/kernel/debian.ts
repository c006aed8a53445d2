/** Kernels of Debian's archive, and of `.deb` files that somebody has. */
import { open, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { cacheRoot } from '../cache.ts';
import { HarnessError, UnsupportedError, UsageError } from '../errors.ts';
import type { PackageIndex } from '../archive/apt-index.ts';
import { openIndex } from '../archive/apt-index.ts';
import { hostArchitecture } from '../architecture.ts';
import { reasonOf } from '../file-errors.ts';
import type { KernelParts } from './assemble.ts';
import { fileHash } from './assemble.ts';
import type { Candidate, DebianSpec } from './candidates.ts';
import { choose, findCandidates, unknownKernel } from './candidates.ts';
import { findMirrors } from '../archive/mirrors.ts';
import type { ArchivePackage } from '../archive/packages.ts';
import type { ResolveOptions } from './resolve.ts';
import { unpackDebs } from './unpack.ts';
import { unpackedKernel } from './unpacked-kernel.ts';

const HOUR_MS = 3_600_000;
/** For what the index is asked for "the newest". */
export const FRESH_MS = 6 * HOUR_MS;
/** For an exact version that it has: only a new revision of the package could be missed. */
const FRESH_FOR_EXACT_MS = 7 * 24 * HOUR_MS;

/** The kernel that a `debian:` spec means, from the cache or the archive. */
export async function resolveDebian(spec: string, asked: DebianSpec, options: ResolveOptions): Promise<KernelParts> {
  const candidate = await find(spec, asked, options);
  try {
    return await fromCandidate(spec, candidate, options);
  } catch (error) {
    // The archive may have moved on since the index was made: once more, with a newer one.
    if (!(error instanceof HarnessError)) throw error;
    const again = choose(findCandidates((await openDebianIndex(options, 0)).packages), asked);
    if (again === undefined) throw error;
    options.onProgress?.(`${error.message}; trying once more`);
    return fromCandidate(spec, again, options);
  }
}

function fromCandidate(spec: string, candidate: Candidate, options: ResolveOptions): Promise<KernelParts> {
  const [head] = candidate.packages;
  const { withdrawn } = candidate;
  const unlisted =
    withdrawn.length === 0
      ? ''
      : `; ${withdrawn.join(', ')} from the pool, no longer in the signed index, modules checked by their signatures`;
  const ingredients = { v: 1, packages: candidate.packages.map((one) => archived.parse(one)), withdrawn };
  return unpackedKernel(
    spec,
    `${head.name} ${head.version}, ${head.suite}${unlisted}`,
    ingredients,
    options,
    (directory) => fetchAndUnpack(candidate, directory, options),
  );
}

/** The kernel inside `.deb` files; the first names it. */
export async function resolveDebs(
  spec: string,
  files: readonly string[],
  options: ResolveOptions,
): Promise<KernelParts> {
  const hashes = await Promise.all(files.map((file) => debHash(spec, file)));
  const title = files.map((file) => path.basename(file)).join(', ');
  return unpackedKernel(spec, title, { v: 1, debs: hashes }, options, async (directory) => {
    await unpackDebs(files, directory, options.signal);
  });
}

/** How every package begins: an ar archive whose first member is `debian-binary` (deb(5)). */
const DEB_MAGIC = Buffer.from('!<arch>\ndebian-binary');

async function debHash(spec: string, file: string): Promise<string> {
  const hash = await fileHash(file).catch((cause: unknown) => {
    throw new UsageError(`kernel '${spec}': cannot read ${file}: ${reasonOf(cause)}`, { cause });
  });
  await using handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(DEB_MAGIC.length), 0, DEB_MAGIC.length, 0);
  if (!buffer.equals(DEB_MAGIC)) throw new UsageError(`kernel '${spec}': ${file} is not a Debian package`);
  return hash;
}

/** What a package is known by, without the suite that it happens to lie in. */
const archived = z.object({
  name: z.string(),
  version: z.string(),
  path: z.string(),
  sha256: z.string(),
  sizeBytes: z.number(),
  depends: z.array(z.string()).readonly(),
});
const archivedEntry = z.object({ ingredients: z.object({ v: z.literal(1), packages: z.array(archived) }) });

/** Kernels that were unpacked once: for when the archive has dropped them or cannot be asked. */
async function cachedCandidates(): Promise<readonly Candidate[]> {
  const room = path.join(cacheRoot(), 'kernels');
  const found: Candidate[] = [];
  for (const name of await readdir(room).catch(() => [])) {
    const text = await readFile(path.join(room, name, 'entry.json'), 'utf8').catch(() => 'null');
    const entry = archivedEntry.safeParse(JSON.parse(text));
    if (entry.success)
      found.push(...findCandidates(entry.data.ingredients.packages.map((one) => ({ ...one, suite: 'the cache' }))));
  }
  return found;
}

async function fetchAndUnpack(
  { packages, withdrawn, suite }: Candidate,
  directory: string,
  options: ResolveOptions,
): Promise<void> {
  const { signal, onProgress } = options;
  const index = await openDebianIndex(options, FRESH_FOR_EXACT_MS);
  const [head] = packages;
  const debs = packages.map((one) => ({ ...one, deb: path.join(directory, `${one.name}.deb`) }));
  for (const { name, version, sizeBytes, deb, ...file } of debs) {
    onProgress?.(`downloading ${name} ${version} (${(sizeBytes / 1e6).toFixed(0)} MB)`);
    await index.download(file, deb, signal);
  }
  const unlisted = withdrawn.map((name) => ({ name, deb: path.join(directory, `${name}.deb`) }));
  for (const { name, deb } of unlisted) {
    onProgress?.(`downloading ${name} ${head.version} from the archive's pool: the signed index no longer lists it`);
    await index
      .download({ suite, path: poolPath(head, name), sha256: undefined }, deb, signal)
      .catch((cause: unknown) => {
        signal.throwIfAborted();
        if (!reasonOf(cause).includes('404')) throw cause;
        throw new UnsupportedError(`${name} ${head.version}`, {
          message: `the archive lists ${head.name} but has dropped ${name}, without which it has no modules`,
          cause,
        });
      });
  }
  onProgress?.(`unpacking ${head.name}`);
  await unpackDebs(
    debs.map(({ deb }) => deb),
    directory,
    signal,
    unlisted.map(({ deb }) => deb),
  );
  await Promise.all([...debs, ...unlisted].map(({ deb }) => rm(deb)));
}

/** Modules are built from the source package `linux`, the image that is signed afterwards from `linux-signed-…`. */
function poolPath(head: ArchivePackage, name: string): string {
  const directory = path.dirname(head.path).replace(/\/linux-signed-[^/]+$/, '/linux');
  return `${directory}/${name}_${head.version}_${hostArchitecture().debian}.deb`;
}

/** In the index; in a newer index; in the cache. */
async function find(spec: string, asked: DebianSpec, options: ResolveOptions): Promise<Candidate> {
  const exact = asked.kind === 'debian-version' && /\d+\.\d+\.\d+|rc/.test(asked.version);
  let known: readonly Candidate[] = [];
  try {
    for (const maxAgeMs of [exact ? FRESH_FOR_EXACT_MS : FRESH_MS, 0]) {
      const index = await openDebianIndex(options, maxAgeMs);
      for (const note of index.notes) options.onProgress?.(note);
      known = findCandidates(index.packages);
      const found = choose(known, asked);
      if (found !== undefined) return found;
    }
  } catch (error) {
    options.signal.throwIfAborted();
    const kept = choose(await cachedCandidates(), asked);
    if (kept === undefined) throw error;
    options.onProgress?.(`${reasonOf(error)}; ${spec} is taken from the cache`);
    return kept;
  }
  const kept = choose(await cachedCandidates(), asked);
  if (kept === undefined) throw unknownKernel(spec, asked, known);
  return kept;
}

/** The index of the mirror that the options name. */
async function openDebianIndex(
  { mirror, signal, onProgress }: ResolveOptions,
  maxAgeMs: number,
): Promise<PackageIndex> {
  return openIndex({ mirrors: await findMirrors(mirror), maxAgeMs, signal, onProgress });
}
