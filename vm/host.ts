/** What this machine has to offer, found out by asking: programs and their versions, space, Debian's archive. */
import { access, statfs } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { file as temporaryFile } from 'tmp-promise';
import { cacheRoot } from './cache.ts';
import { findMirrors } from './archive/mirrors.ts';
import { SUITES } from './archive/suites.ts';
import type { ProgramRow } from './programs.ts';
import { locate, programs } from './programs.ts';

export interface ProgramFinding {
  readonly name: string;
  readonly neededFor: string;
  readonly required: boolean;
  readonly debianPackage: string;
  /** Undefined when it is missing. */
  readonly path: string | undefined;
  /** As it says itself; undefined when it is missing, has none (a library), or does not say. */
  readonly version: string | undefined;
}

const askDeadlineMs = 10_000;

/** Every row of the table of system programs, in its order. */
export async function examinePrograms(signal: AbortSignal): Promise<readonly ProgramFinding[]> {
  return Promise.all(
    programs().map(async (row) => {
      const { name, neededFor, required, debianPackage } = row;
      const place = locate(row);
      const version = place === undefined ? undefined : await askVersion(place, row, signal);
      return { name, neededFor, required, debianPackage, path: place, version };
    }),
  );
}

async function askVersion(place: string, row: ProgramRow, signal: AbortSignal): Promise<string | undefined> {
  if (row.version === undefined) return undefined;
  const said = await say(place, row.version.args, signal);
  return row.version.pattern.exec(said)?.[0];
}

/** All that a program prints on both streams; its exit status means nothing, since some answer and then complain. */
async function say(program: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  const options = {
    all: true,
    reject: false,
    stdin: 'ignore',
    timeout: askDeadlineMs,
    cancelSignal: signal,
    env: { LC_ALL: 'C' },
  } as const;
  const { all } = await execa(program, args, options);
  signal.throwIfAborted();
  return all;
}

export interface Resources {
  readonly cores: number;
  /** Bytes. */
  readonly memory: { readonly total: number; readonly free: number };
  readonly cache: { readonly directory: string; readonly diskFree: number };
}

export async function examineResources(): Promise<Resources> {
  const directory = cacheRoot();
  const { bavail, bsize } = await statfs(await nearestExisting(directory));
  return {
    cores: availableParallelism(),
    memory: { total: totalmem(), free: freemem() },
    cache: { directory, diskFree: bavail * bsize },
  };
}

async function nearestExisting(place: string): Promise<string> {
  const there = await access(place).then(
    () => true,
    () => false,
  );
  return there ? place : nearestExisting(path.dirname(place));
}

export interface ArchiveFinding {
  readonly reachable: boolean;
  /** Where the mirror was named; never its name. */
  readonly mirrorFrom: 'FATHOM_MIRROR' | "the machine's apt sources";
  /** Undefined when it is reachable. */
  readonly because?: string;
}

const archiveDeadlineMs = 8_000;

/** Fetches one small file of Debian's archive in the way in which apt does, with its proxies and certificates. */
export async function examineArchive(signal: AbortSignal): Promise<ArchiveFinding> {
  const mirrorFrom = process.env['FATHOM_MIRROR'] ? 'FATHOM_MIRROR' : "the machine's apt sources";
  const helper = '/usr/lib/apt/apt-helper';
  const target = await temporaryFile({ prefix: 'fathom-' });
  try {
    const { main } = await findMirrors(undefined);
    const suite = SUITES.find(({ archive }) => archive === 'main')?.name ?? 'sid';
    const args = [
      '-o',
      'Acquire::Retries=0',
      '-o',
      'APT::Sandbox::User=',
      'download-file',
      `${main}/dists/${suite}/Release`,
      target.path,
    ];
    const options = {
      all: true,
      reject: false,
      stdin: 'ignore',
      timeout: archiveDeadlineMs,
      cancelSignal: signal,
    } as const;
    const result = await execa(helper, args, options);
    signal.throwIfAborted();
    if (!result.failed) return { reachable: true, mirrorFrom };
    const said = result.timedOut
      ? `no answer within ${archiveDeadlineMs / 1000} s`
      : (/^(?:E: |Err:\S* )?(.*)$/m.exec(result.all)?.[1] ?? 'it failed');
    return { reachable: false, mirrorFrom, because: withoutHosts(said || (result.originalMessage ?? 'it failed')) };
  } catch (error) {
    signal.throwIfAborted();
    return { reachable: false, mirrorFrom, because: error instanceof Error ? error.message : String(error) };
  } finally {
    await target.cleanup();
  }
}

/** A report of doctor's is pasted into bug reports; whose mirror it was is nobody's business. */
function withoutHosts(text: string): string {
  return text.replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/g, '(mirror)');
}
