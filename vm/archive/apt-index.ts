/**
 * Debian's package index, through apt with a private state: the machine's own sources and package state are neither
 * read nor written, signatures are checked against Debian's keyring, and no root is needed.
 *
 * Beside the index lies a digest of its kernel and tool packages, so that a known one is found without parsing
 * megabytes.
 */
import { mkdir, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa, ExecaError } from 'execa';
import * as z from 'zod';
import { cacheRoot, hashOf } from '../cache.ts';
import { HarnessError } from '../errors.ts';
import { lock } from '../lock.ts';
import { makeDirectory } from '../make-directory.ts';
import { reasonOf } from '../file-errors.ts';
import { APT_HELPER, requireApt, sourceLines, withAptState, writeAptState, writeWhole } from './apt-state.ts';
import type { Mirrors } from './mirrors.ts';
import type { ArchivePackage } from './packages.ts';
import { readPackages } from './packages.ts';
import { SUITES, suitesBelow } from './suites.ts';

/** The digest, in the directory of its index. */
const DIGEST = 'packages.json';
/** After a refresh that failed, how long the next one waits: offline work must not stall at every start. */
const RETRY_AFTER_MS = 10 * 60_000;

const digestSchema = z.object({
  v: z.literal(2),
  /** When the index was last asked for, and when it last came; ms since 1970. */
  attempted: z.number(),
  refreshed: z.number(),
  /** What went wrong in the last attempt. */
  notes: z.array(z.string()),
  packages: z.array(
    z.object({
      name: z.string(),
      version: z.string(),
      suite: z.string(),
      path: z.string(),
      sha256: z.string(),
      sizeBytes: z.number(),
      depends: z.array(z.string()),
    }),
  ),
});
type Digest = z.infer<typeof digestSchema>;

export interface PackageIndex {
  readonly packages: readonly ArchivePackage[];
  readonly refreshed: Date;
  /** A refresh that failed, and why: for the user to know. */
  readonly notes: readonly string[];
  /**
   * Downloads a file of the archive that `suite` belongs to; apt checks its hash when there is one.
   * Throws HarnessError with what apt said.
   */
  download(file: Download, to: string, signal: AbortSignal): Promise<void>;
  /**
   * Downloads a package and all that it depends on into an empty directory, as `.deb` files; apt resolves, and checks
   * hashes. Throws HarnessError with what apt said.
   */
  downloadWhole(one: ArchivePackage, to: string, signal: AbortSignal): Promise<readonly string[]>;
}

export type Download = Pick<ArchivePackage, 'suite' | 'path'> & { readonly sha256: string | undefined };

export interface IndexRequest {
  readonly mirrors: Mirrors;
  /** Refresh the index when it is older, in ms. */
  readonly maxAgeMs: number;
  readonly signal: AbortSignal;
  readonly onProgress?: ((text: string) => void) | undefined;
  readonly now?: () => number;
}

/**
 * The index, refreshed when it is too old. When that fails and there is an older one, the older one with a note.
 * Throws UnsupportedError when apt or Debian's keyring is missing, HarnessError when there is no index to be had.
 */
export async function openIndex(request: IndexRequest): Promise<PackageIndex> {
  const state = path.join(cacheRoot(), 'index', hashOf({ v: 2, mirrors: request.mirrors, suites: SUITES }));
  const now = request.now ?? Date.now;
  const isFresh = ({ refreshed, attempted }: Digest): boolean =>
    attempted <= now() && (now() - refreshed <= request.maxAgeMs || now() - attempted <= RETRY_AFTER_MS);
  const known = await readDigest(state);
  const digest = known !== undefined && isFresh(known) ? known : await refresh(state, request, isFresh);
  return {
    packages: digest.packages,
    refreshed: new Date(digest.refreshed),
    notes: digest.notes,
    download: (file, to, signal) => download(state, request.mirrors, file, to, signal),
    downloadWhole: (one, to, signal) => downloadWhole(state, request.mirrors, one, to, signal),
  };
}

/** The text read last, and what it says: the kernels of one run all ask the same index. */
let lastRead: { readonly text: string; readonly digest: Digest } | undefined;

async function readDigest(state: string): Promise<Digest | undefined> {
  const text = await readFile(path.join(state, DIGEST), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  if (lastRead?.text === text) return lastRead.digest;
  try {
    lastRead = { text, digest: digestSchema.parse(JSON.parse(text)) };
    return lastRead.digest;
  } catch {
    return undefined;
  }
}

/** What apt takes for the indexes of all suites, in bytes (90 MB seen). On a full disk it does not fail but wait. */
const INDEX_BYTES = 150_000_000;

async function requireRoom(place: string): Promise<void> {
  const { bavail, bsize } = await statfs(place);
  if (bavail * bsize >= INDEX_BYTES) return;
  const megabytes = Math.round((bavail * bsize) / 1e6);
  throw new HarnessError(
    `${place} has ${megabytes} MB left, and the package index needs ${INDEX_BYTES / 1e6}; \`fathom cache clear\` makes room, FATHOM_CACHE names another place`,
  );
}

/** One process at a time; who waited for another's refresh takes its result. */
async function refresh(state: string, request: IndexRequest, isFresh: (digest: Digest) => boolean): Promise<Digest> {
  await requireApt();
  await makeDirectory(path.dirname(state)).catch((cause: unknown) => {
    throw new HarnessError(
      `the package index cannot be kept in ${path.dirname(state)}: ${reasonOf(cause)}; FATHOM_CACHE names another place`,
      { cause },
    );
  });
  await requireRoom(path.dirname(state));
  await using _held = await lock(`${state}.lock`, request.signal);
  const known = await readDigest(state);
  if (known !== undefined && isFresh(known)) return known;
  request.onProgress?.('asking the mirror which kernels there are');
  const now = (request.now ?? Date.now)();
  await writeAptState(state, request.mirrors);
  const { failed, skipped } = await update(state, request.signal);
  for (const complaint of skipped) request.onProgress?.(`skipped: ${complaint}`);
  const packages = await readLists(state, request.signal);
  const came = failed.length === 0 && packages.length > 0;
  if (packages.length === 0 && known === undefined)
    throw new HarnessError(
      `apt-get update found no kernel package on ${request.mirrors.main}:\n${[...failed, ...skipped].join('\n') || 'it gave no reason'}\nSee whether the mirror can be reached, or name another with --mirror or FATHOM_MIRROR.`,
    );
  const old = known === undefined ? 'what could be fetched' : `the index of ${new Date(known.refreshed).toISOString()}`;
  const digest: Digest = {
    v: 2,
    attempted: now,
    refreshed: came ? now : (known?.refreshed ?? 0),
    notes: came ? [] : [`the package index could not be refreshed, ${old} is used`, ...failed],
    packages:
      packages.length > 0 ? packages.map((one) => ({ ...one, depends: [...one.depends] })) : (known?.packages ?? []),
  };
  await writeWhole(path.join(state, DIGEST), JSON.stringify(digest));
  await writeWhole(
    path.join(state, 'entry.json'),
    JSON.stringify({ v: 1, title: 'Debian package index', ingredients: {} }),
  );
  return digest;
}

interface Update {
  /** What did not come this time and may the next. */
  readonly failed: readonly string[];
  /** What will not come: suites that the mirror lacks, that are expired, or whose signature is not Debian's. */
  readonly skipped: readonly string[];
}

async function update(state: string, signal: AbortSignal): Promise<Update> {
  const { exitCode, stderr } = await execa('apt-get', ['update', '-qq', '-o', 'pkgCacheFile::Generate=false'], {
    ...withAptState(state, signal),
    reject: false,
  });
  signal.throwIfAborted();
  if (exitCode === undefined) return { failed: [`apt-get update did not end by itself: ${stderr}`], skipped: [] };
  return complaintsOf(exitCode, stderr);
}

/** What apt-get update said, sorted. Warnings of an update that went well (an old key's algorithm, say) are none. */
export function complaintsOf(exitCode: number, stderr: string): Update {
  const said = stderr.split('\n').flatMap((line) => {
    const [, severity, text] = /^([EW]): (.*)$/.exec(line) ?? [];
    return severity === undefined || text === undefined ? [] : [{ severity, text }];
  });
  const failed = said.filter(({ text }) => /^Failed to fetch |^Some index files failed/.test(text));
  const skipped = said.filter((one) => one.severity === 'E' && !failed.includes(one));
  if (exitCode !== 0 && failed.length + skipped.length === 0)
    return { failed: [`apt-get update ended with ${exitCode}: ${stderr}`], skipped: [] };
  return { failed: failed.map(({ text }) => text), skipped: skipped.map(({ text }) => text) };
}

async function readLists(state: string, signal: AbortSignal): Promise<readonly ArchivePackage[]> {
  const packages: ArchivePackage[] = [];
  const options = withAptState(state, signal);
  try {
    const format = '$(RELEASE)\t$(FILENAME)';
    const targets = await execa('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], options);
    for (const line of targets.stdout.split('\n')) {
      const [suite, file] = line.split('\t');
      if (suite === undefined || file === undefined) continue;
      const reader = execa(APT_HELPER, ['cat-file', file], { ...options, buffer: false, stdout: 'pipe' });
      const [found] = await Promise.all([readPackages(reader.stdout, suite), reader]);
      packages.push(...found);
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw new HarnessError(`the package index in ${state} cannot be read: ${reasonOf(cause)}`, { cause });
  }
  return packages;
}

async function download(
  state: string,
  mirrors: Mirrors,
  { suite, path: file, sha256 }: Download,
  to: string,
  signal: AbortSignal,
): Promise<void> {
  const archive = SUITES.find(({ name }) => name === suite)?.archive ?? 'main';
  const uri = `${mirrors[archive] ?? mirrors.main}/${file}`;
  const hash = sha256 === undefined ? [] : [`SHA256:${sha256}`];
  await requireApt();
  try {
    await execa(APT_HELPER, ['-q', 'download-file', uri, to, ...hash], withAptState(state, signal));
  } catch (cause) {
    signal.throwIfAborted();
    throw new HarnessError(
      `apt could not fetch ${uri}:\n${cause instanceof ExecaError ? String(cause.stderr) : String(cause)}`,
      { cause },
    );
  }
}

/** apt is shown only the suite and what it builds on: so it is quick, and dependencies come from nowhere else. */
async function downloadWhole(
  state: string,
  mirrors: Mirrors,
  { name, version, suite }: ArchivePackage,
  to: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await requireApt();
  const sources = path.join(to, 'sources.list');
  await writeFile(sources, sourceLines(mirrors, suitesBelow(suite)));
  await mkdir(path.join(to, 'partial'));
  const options = { 'Dir::Etc::sourcelist': sources, 'Dir::Cache::archives': `${to}/`, 'Debug::NoLocking': 'true' };
  const settings = Object.entries(options).flatMap(([option, value]) => ['-o', `${option}=${value}`]);
  // Its lists must not be replaced while apt reads them.
  await using _held = await lock(`${state}.lock`, signal);
  try {
    await execa(
      'apt-get',
      ['install', '-qq', '-y', '--download-only', '--no-install-recommends', ...settings, `${name}=${version}`],
      withAptState(state, signal),
    );
  } catch (cause) {
    signal.throwIfAborted();
    const said = cause instanceof ExecaError ? String(cause.stderr) : String(cause);
    throw new HarnessError(`apt could not fetch ${name} ${version} of ${suite} with what it needs:\n${said}`, {
      cause,
    });
  }
  await rm(path.join(to, 'partial'), { recursive: true });
  await rm(sources);
  return (await readdir(to)).map((deb) => path.join(to, deb));
}
