/** Finds scenario files: those of scenarios/, and any other by its path. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { UsageError } from '../../vm/machine.ts';
import type { Scenario } from '../scenario.ts';
import { validateScenario } from '../topology/validate.ts';

export interface ScenarioFile {
  readonly name: string;
  /** `reports`, `rules` …: the folder. */
  readonly group: string;
  readonly file: string;
}

/** The scenarios of this checkout, reports first, by name within a group. */
export async function listScenarios(): Promise<readonly ScenarioFile[]> {
  const ending = path.extname(fileURLToPath(import.meta.url));
  const top = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..', 'scenarios');
  const files = (await readdir(top, { recursive: true })).filter(
    (file) => file.includes(path.sep) && file.endsWith(ending),
  );
  return files
    .map((file) => ({ name: path.basename(file, ending), group: path.dirname(file), file: path.join(top, file) }))
    .sort((a, b) => a.group.localeCompare(b.group) || a.name.localeCompare(b.name));
}

/**
 * Loads the scenarios asked for: names, groups (`rules`), or paths of files; none asked for means all. One that is
 * destructive has to be named itself, one that needs what few kernels have by its group at least.
 */
export async function loadScenarios(wanted: readonly string[], signal?: AbortSignal): Promise<readonly Scenario[]> {
  const known = await listScenarios();
  const files = wanted.length === 0 ? known : (await Promise.all(wanted.map((word) => filesFor(word, known)))).flat();
  const unique = [...new Map(files.map((file) => [file.file, file])).values()];
  const loaded = await Promise.all(unique.map(async (file) => ({ file, scenario: await load(file, signal) })));
  return loaded
    .filter(({ file, scenario }) => scenario.destructive === undefined || isNamed(file, wanted))
    .filter(({ scenario }) => scenario.rare === undefined || wanted.length > 0)
    .map(({ scenario }) => scenario);
}

/** All that rules may be shown by: those for few kernels too. */
export async function loadForRules(signal?: AbortSignal): Promise<readonly Scenario[]> {
  return loadScenarios([...new Set((await listScenarios()).map(({ group }) => group))], signal);
}

function isNamed({ name, group }: ScenarioFile, wanted: readonly string[]): boolean {
  return group === 'file' || wanted.includes(name) || wanted.includes(`${group}/${name}`);
}

async function filesFor(word: string, known: readonly ScenarioFile[]): Promise<readonly ScenarioFile[]> {
  const matching = known.filter(({ name, group }) => name === word || group === word || `${group}/${name}` === word);
  if (matching.length > 0) return matching;
  if (word.endsWith('.ts') && !import.meta.url.endsWith('.ts') && (await isFile(word)))
    throw new UsageError(
      `${word} is TypeScript: put it under scenarios/ of the checkout, where it is built, and run it by its name; or give a .js file`,
    );
  if (/\.[cm]?js$|\.ts$/.test(word) && (await isFile(word)))
    return [{ name: path.basename(word).replace(/\.[^.]+$/, ''), group: 'file', file: path.resolve(word) }];
  throw new UsageError(`there is no scenario "${word}"; there are: ${known.map(({ name }) => name).join(', ')}`);
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() ?? false;
}

/** How long a file may take to load, in ms. */
const LOAD_MS = 10_000;
/** What the process that tries says when the file is loaded: nothing that node or a file says by chance. */
const LOADED = 77;

/**
 * Tries a file that is not ours in a process of its own: one that never comes to its end would keep us from hearing
 * Ctrl-C. What it throws is left to be told by whoever loads it.
 */
async function requireEnd(file: string, signal?: AbortSignal): Promise<void> {
  const attempt = await execa(
    process.execPath,
    [
      // What runs us from source.
      ...(file.endsWith('.ts') ? process.execArgv : []),
      '--input-type=module',
      '--eval',
      `await import(${JSON.stringify(pathToFileURL(file).href)}); process.exit(${LOADED})`,
    ],
    {
      reject: false,
      timeout: LOAD_MS,
      stdin: 'ignore',
      forceKillAfterDelay: 500,
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    },
  );
  signal?.throwIfAborted();
  if (attempt.timedOut)
    throw new UsageError(`scenario file ${file} is not loaded after ${LOAD_MS / 1000} s: does it come to its end?`);
  // 13 is node's own, for an await that nothing will ever answer.
  if (attempt.exitCode === 0 || attempt.exitCode === 13)
    throw new UsageError(
      `scenario file ${file} never comes to its end: it waits for what never comes, or ends the process`,
    );
}

async function load({ file, name, group }: ScenarioFile, signal?: AbortSignal): Promise<Scenario> {
  if (group === 'file') await requireEnd(file, signal);
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await import(pathToFileURL(file).href)) as typeof loaded;
  } catch (cause) {
    throw new UsageError(
      `scenario file ${file} does not load: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  if (!isScenario(loaded.default))
    throw new UsageError(`${file} has no scenario as its default export; see scenarios/reports/fedora-coreos-2087.ts`);
  if (loaded.default.name !== name)
    throw new UsageError(
      `${file} holds the scenario "${loaded.default.name}"; the file's name and the scenario's must be the same`,
    );
  validateScenario(loaded.default);
  return loaded.default;
}

function isScenario(value: unknown): value is Scenario {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'steps' in value &&
    Array.isArray(value.steps)
  );
}
