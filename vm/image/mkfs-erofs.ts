/** What the installed mkfs.erofs can do, as it says itself, and the refusal that names what it cannot. */
import { UnsupportedError } from '../errors.ts';
import { searchPath } from '../programs.ts';
import { runProgram } from './program.ts';
import type { Compression, ErofsSpec } from './spec.ts';
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
};
/** First release that ignores it again: seen, 1.8.6 heeds it and 1.9.4 does not. */
const FEATURE_UNTIL: Partial<Record<Feature, string>> = { 'legacy-compress': '1.9' };
const OLDEST = '1.5';

const probes = new Map<string, Promise<MkfsErofs>>();

/** Asks the installed mkfs.erofs, once per search path. Throws UnsupportedError when there is none. */
export async function probeMkfsErofs(signal: AbortSignal): Promise<MkfsErofs> {
  const place = searchPath();
  const known = probes.get(place);
  if (known !== undefined) return known;
  const probe = ask(signal);
  probes.set(place, probe);
  // An abort, or a program that is installed meanwhile, must not stay remembered.
  probe.catch(() => probes.delete(place));
  return probe;
}

async function ask(signal: AbortSignal): Promise<MkfsErofs> {
  const said = await Promise.all(
    ['--help', '-V'].map((arg) =>
      runProgram({ program: 'mkfs.erofs', args: [arg], making: 'its version', signal, tolerant: true }),
    ),
  );
  return parseMkfsErofs(said.map(({ stdout, stderr }) => `${stdout}\n${stderr}`).join('\n'));
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
  if (isOlder(mkfs.version, OLDEST)) refuse(mkfs, 'reproducible images', OLDEST);
  const { compression, blockBytes, features = [] } = spec;
  if (compression !== undefined && !mkfs.compressors.includes(compression.algorithm))
    refuse(
      mkfs,
      compression.algorithm,
      COMPRESSION_SINCE[compression.algorithm],
      `available: ${mkfs.compressors.join(', ')}`,
    );
  for (const feature of features) {
    const since = FEATURE_SINCE[feature];
    if (since !== undefined && isOlder(mkfs.version, since)) refuse(mkfs, `-E${feature}`, since);
    const until = FEATURE_UNTIL[feature];
    if (until !== undefined && !isOlder(mkfs.version, until))
      throw new UnsupportedError(`mkfs.erofs with -E${feature}`, {
        message: `mkfs.erofs ${mkfs.version} ignores -E${feature}; erofs-utils before ${until} has it`,
        remedy: `install erofs-utils older than ${until}`,
      });
  }
  if (blockBytes !== undefined && blockBytes !== DEFAULT_BLOCK_BYTES && !mkfs.options.has('-b'))
    refuse(mkfs, `blocks of ${blockBytes} bytes (-b)`, '1.6', 'it makes 4096');
}

function refuse(mkfs: MkfsErofs, what: string, since: string, instead?: string): never {
  const remedy = `erofs-utils ${since} or newer`;
  const has = isOlder(mkfs.version, since) ? 'has it' : 'has it when built with it';
  throw new UnsupportedError(`mkfs.erofs with ${what}`, {
    message: [
      `mkfs.erofs ${mkfs.version} has no ${what}`,
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
