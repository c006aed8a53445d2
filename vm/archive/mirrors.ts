/** Where the archives are: said by the user, or taken from the machine's own apt sources. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../errors.ts';
import type { AptSource } from './apt-sources.ts';
import { parseDeb822Sources, parseOneLineSources } from './apt-sources.ts';
import { SUITES } from './suites.ts';

export interface Mirrors {
  /** URI of the main archive (holds `dists/trixie`). */
  readonly main: string;
  /** URI of the security archive (holds `dists/trixie-security`); undefined when none is known. */
  readonly security: string | undefined;
}

/**
 * @param mirror `URI[,SECURITY-URI]`, from `--mirror`; else FATHOM_MIRROR, else the machine's own sources
 * Throws UsageError when neither says where Debian's archive is (another distribution, no apt).
 */
export async function findMirrors(mirror: string | undefined, etc = '/etc/apt'): Promise<Mirrors> {
  const said = mirror ?? process.env['FATHOM_MIRROR'];
  if (said !== undefined && said !== '') return parseMirror(said);
  const mirrors = mirrorsOf(await expandMirrorLists(await readSources(etc)));
  if (mirrors === undefined)
    throw new UsageError(
      `no apt source of this machine (${etc}/sources.list, ${etc}/sources.list.d) names a Debian suite, so it is not known where to get kernels: say it with --mirror URI (a directory that holds dists/ and pool/) or in FATHOM_MIRROR`,
    );
  return mirrors;
}

/** `URI[,SECURITY-URI]`; beside an archive called `debian` the security archive is `debian-security`. */
export function parseMirror(text: string): Mirrors {
  const [main, security, ...more] = text.split(',').map((uri) => uri.trim().replace(/\/+$/, ''));
  if (
    main === undefined ||
    more.length > 0 ||
    [main, security].some((uri) => uri !== undefined && !/^[a-z][a-z0-9+.-]*:\/?\S+$/.test(uri))
  )
    throw new UsageError(`mirror '${text}' is not URI[,SECURITY-URI]`);
  return { main, security: security ?? beside(main) };
}

function beside(main: string): string | undefined {
  return main.endsWith('/debian') ? `${main}-security` : undefined;
}

/**
 * The source of each archive, known by the suites that it names. Other people's repositories also name `trixie`; the
 * archive names most (`trixie trixie-updates`), and the first of equals is taken.
 */
export function mirrorsOf(sources: readonly AptSource[]): Mirrors | undefined {
  const find = (archive: 'main' | 'security'): string | undefined => {
    const suitesOf = new Map<string, number>();
    for (const { uri, suites, components } of sources) {
      if (uri.startsWith('cdrom:') || !components.includes('main')) continue;
      const count = suites.filter((suite) => archiveOf(suite) === archive).length;
      if (count > 0) suitesOf.set(uri, (suitesOf.get(uri) ?? 0) + count);
    }
    return [...suitesOf].sort(([, a], [, b]) => b - a)[0]?.[0];
  };
  const main = find('main');
  return main === undefined ? undefined : { main, security: find('security') ?? beside(main) };
}

/** Also by the names that move from release to release, and by those of suites without kernels of their own. */
function archiveOf(suite: string): 'main' | 'security' | undefined {
  const moving = /^(?:oldoldstable|oldstable|stable|testing|unstable)(-security|-updates|-backports)?$/.exec(suite);
  if (moving !== null) return moving[1] === '-security' ? 'security' : 'main';
  return SUITES.find(({ name }) => name === suite.replace(/-updates$/, ''))?.archive;
}

/** `mirror+file:LIST` (apt-transport-mirror(1), usual in cloud images) stands for the URIs in LIST, the first first. */
async function expandMirrorLists(sources: readonly AptSource[]): Promise<readonly AptSource[]> {
  return Promise.all(
    sources.map(async (source) => {
      const file = /^mirror\+file:(?:\/\/)?(\/.*)$/.exec(source.uri)?.[1];
      if (file === undefined) return source;
      const uri = /^[ \t]*([a-z][a-z0-9+.-]*:\S+)/m.exec(await readFile(file, 'utf8').catch(() => ''))?.[1];
      return uri === undefined ? source : { ...source, uri: uri.replace(/\/+$/, '') };
    }),
  );
}

async function readSources(etc: string): Promise<readonly AptSource[]> {
  const parts = path.join(etc, 'sources.list.d');
  const names = (await readdir(parts).catch(() => [])).sort().map((name) => path.join(parts, name));
  const sources: AptSource[] = [];
  for (const file of [path.join(etc, 'sources.list'), ...names]) {
    const parse = file.endsWith('.list')
      ? parseOneLineSources
      : file.endsWith('.sources')
        ? parseDeb822Sources
        : undefined;
    if (parse !== undefined) sources.push(...parse(await readFile(file, 'utf8').catch(() => '')));
  }
  return sources;
}
