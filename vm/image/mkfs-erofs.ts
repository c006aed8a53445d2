/** What an mkfs.erofs can do, as it says itself, and the refusal that names what it cannot. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cached } from '../cache.ts';
import { UnsupportedError } from '../errors.ts';
import { runProgram } from '../run-program.ts';
import type { Compression, ErofsSpec } from './spec.ts';
import { walk } from './tree.ts';
import { DEFAULT_BLOCK_BYTES } from './validate.ts';

export interface MkfsErofs {
  /** `1.5`, `1.8.6`. */
  readonly version: string;
  readonly compressors: readonly string[];
  /** Options in its help: `--blobdev`, `-b`. */
  readonly options: ReadonlySet<string>;
}

/** First release of erofs-utils with what not all have (ChangeLog of erofs-utils). */
const COMPRESSION_SINCE: Readonly<Record<Compression, string>> = {
  lz4: '1.0',
  lz4hc: '1.0',
  lzma: '1.4',
  deflate: '1.7',
  zstd: '1.8',
};
/** An unknown -E feature is ignored without a word, so versions have to tell. */
type Feature = NonNullable<ErofsSpec['features']>[number];
const FEATURE_SINCE: Partial<Record<Feature, string>> = {
  ztailpacking: '1.5',
  fragments: '1.6',
  'all-fragments': '1.6',
  dedupe: '1.6',
  '48bit': '1.9',
};
/** First release that ignores it again: seen, 1.8.6 heeds it and 1.9.4 does not. */
const FEATURE_UNTIL: Partial<Record<Feature, string>> = { 'legacy-compress': '1.9' };
const BLOCKS_SINCE = '1.6';
/** Seen: 1.8.6 makes images with blocks below 2048 bytes without a checksum, which its own fsck.erofs refuses. */
const SMALL_BLOCKS_SINCE = '1.9';
/** Seen: 1.8.6 keeps the prefixes in the fragments' inode, and says that it has some. */
const XATTR_PREFIXES_SINCE = '1.9';
const METADATA_PCLUSTERS_SINCE = '1.9';
/** NAME_MAX. Seen: 1.5 cuts off the last byte and does not find the file; 1.9.4 takes them. */
const NAME_BYTES = 255;
const LONGEST_NAMES_SINCE = '1.9';
const OLDEST = '1.5';
/** A file of a cache entry. */
const WORDS = 'words';

/** Asks an mkfs.erofs what it is: the one in `file`, else the installed one. Throws UnsupportedError for one too old to tell. */
export async function askMkfsErofs(file: string | undefined, signal: AbortSignal): Promise<MkfsErofs> {
  return parseMkfsErofs(await wordsOf(file, signal));
}

/** The same, asked once for each `identity` and kept in the cache. */
export async function knownMkfsErofs(
  file: string | undefined,
  identity: string,
  signal: AbortSignal,
): Promise<MkfsErofs> {
  const entry = await cached({
    room: 'tools',
    title: 'what mkfs.erofs says of itself',
    ingredients: { v: 1, identity },
    signal,
    build: async (directory) => {
      const words = await wordsOf(file, signal);
      parseMkfsErofs(words);
      await writeFile(path.join(directory, WORDS), words);
    },
  });
  return parseMkfsErofs(await readFile(path.join(entry, WORDS), 'utf8'));
}

async function wordsOf(file: string | undefined, signal: AbortSignal): Promise<string> {
  const said = await Promise.all(
    ['--help', '-V'].map((arg) =>
      runProgram({ program: 'mkfs.erofs', file, args: [arg], making: 'its version', signal, tolerant: true }),
    ),
  );
  return said.map(({ stdout, stderr }) => `${stdout}\n${stderr}`).join('\n');
}

/** Reads what `mkfs.erofs --help` and `mkfs.erofs -V` print together; 1.5 has no -V and answers it with its help. */
export function parseMkfsErofs(output: string): MkfsErofs {
  const version = /^mkfs\.erofs(?: \(erofs-utils\))? v?(\d+(?:\.\d+)+)/m.exec(output)?.[1];
  const compressors = /^available compressors(?: are)?: *(.*)$/im.exec(output)?.[1];
  if (version === undefined || compressors === undefined)
    throw new UnsupportedError('an mkfs.erofs that tells its version and compressors', {
      message: `mkfs.erofs is not understood: ${JSON.stringify(output.slice(0, 400))}`,
      remedy: `erofs-utils ${OLDEST} or newer`,
    });
  return {
    version,
    compressors: compressors.split(/[\s,]+/).filter((name) => name !== ''),
    options: new Set(
      [...output.matchAll(/^\s+(--?[A-Za-z][a-z-]*)/gm)].map(([, option]) =>
        option?.startsWith('--') ? option : option?.slice(0, 2),
      ) as string[],
    ),
  };
}

/** Throws UnsupportedError naming the first thing in the spec that this mkfs.erofs cannot do. */
export function checkSupport(spec: ErofsSpec, mkfs: MkfsErofs): void {
  const { compression, blockBytes } = spec;
  if (compression !== undefined && !mkfs.compressors.includes(compression.algorithm))
    refuse(
      mkfs.version,
      compression.algorithm,
      COMPRESSION_SINCE[compression.algorithm],
      `available: ${mkfs.compressors.join(', ')}`,
    );
  if (blockBytes !== undefined && blockBytes !== DEFAULT_BLOCK_BYTES && !mkfs.options.has('-b'))
    refuse(mkfs.version, `blocks of ${blockBytes} bytes (-b)`, BLOCKS_SINCE, 'it makes 4096');
  checkRelease(spec, mkfs.version);
}

/** Throws UnsupportedError naming the first thing in the spec that no mkfs.erofs of this release can do. */
export function checkRelease(spec: ErofsSpec, version: string): void {
  const { compression, blockBytes = DEFAULT_BLOCK_BYTES, features = [] } = spec;
  const needed: readonly (readonly [what: string, since: string | undefined])[] = [
    ['reproducible images', OLDEST],
    ...(compression === undefined ? [] : [[compression.algorithm, COMPRESSION_SINCE[compression.algorithm]] as const]),
    ...features.map((feature) => [`-E${feature}`, FEATURE_SINCE[feature]] as const),
    ...(blockBytes === DEFAULT_BLOCK_BYTES
      ? []
      : [[`blocks of ${blockBytes} bytes (-b)`, blockBytes < 2048 ? SMALL_BLOCKS_SINCE : BLOCKS_SINCE] as const]),
    ...(spec.xattrPrefixes === undefined ? [] : [['--xattr-prefix', XATTR_PREFIXES_SINCE] as const]),
    ...(walk(spec.tree).some(({ path }) => Buffer.byteLength(path.slice(path.lastIndexOf('/') + 1)) === NAME_BYTES)
      ? [[`names of ${NAME_BYTES} bytes`, LONGEST_NAMES_SINCE] as const]
      : []),
    ...(spec.metadataPclusterBytes === undefined
      ? []
      : [['compressed metadata (-m)', METADATA_PCLUSTERS_SINCE] as const]),
  ];
  for (const [what, since] of needed) if (since !== undefined && isOlder(version, since)) refuse(version, what, since);
  for (const feature of features) {
    const until = FEATURE_UNTIL[feature];
    if (until !== undefined && !isOlder(version, until))
      throw new UnsupportedError(`mkfs.erofs with -E${feature}`, {
        message: `mkfs.erofs ${version} ignores -E${feature}; erofs-utils before ${until} has it`,
        remedy: `install erofs-utils older than ${until}`,
      });
  }
}

function refuse(version: string, what: string, since: string, instead?: string): never {
  const remedy = `erofs-utils ${since} or newer`;
  const has = isOlder(version, since) ? 'has it' : 'has it when built with it';
  throw new UnsupportedError(`mkfs.erofs with ${what}`, {
    message: [
      `mkfs.erofs ${version} has no ${what}`,
      ...(instead === undefined ? [] : [instead]),
      `${remedy} ${has}`,
    ].join('; '),
    remedy: `install ${remedy}`,
  });
}

/** Compares dotted numbers. */
function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((dotted) => dotted.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
