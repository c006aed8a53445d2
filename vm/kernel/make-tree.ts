/** Building a kernel tree, as `make` does it: only what has changed since it was last built. */
import { readFile, realpath } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { hostArchitecture } from '../architecture.ts';
import { HarnessError, UnsupportedError, UsageError } from '../errors.ts';
import { isAbsent } from '../file-errors.ts';
import { runProgram } from '../run-program.ts';

/** A kernel with everything in it takes hours on two cores. */
const DEADLINE_MS = 6 * 3_600_000;
/** Between two words on how far it is. */
const PROGRESS_MS = 5_000;

export interface MakeOptions {
  readonly signal: AbortSignal;
  /** Told of what is being made, at most every five seconds. */
  readonly onProgress: (text: string) => void;
}

/**
 * Brings a tree up to date: `make olddefconfig`, then the boot image and the modules, as many at once as there are cores.
 *
 * @param directory the tree, or its O= directory
 *
 * Throws UsageError for a directory that is no configured tree, UnsupportedError when it cannot be built (exit status 125:
 * `git bisect run` skips the commit), with the end of what the compiler said.
 */
export async function makeTree(directory: string, { signal, onProgress }: MakeOptions): Promise<void> {
  const tree = path.resolve(directory);
  await requireConfigured(tree);
  const make = (targets: readonly string[], onLine?: (line: string) => void): Promise<unknown> =>
    runProgram({
      program: 'make',
      args: ['-C', tree, ...targets],
      making: `the kernel of ${tree}`,
      signal,
      deadlineMs: DEADLINE_MS,
      ...(onLine === undefined ? {} : { onLine }),
    });
  try {
    // A commit of another version asks for options that the configuration does not know, and nobody is there to answer.
    await make(['olddefconfig']);
    await make([`-j${availableParallelism()}`, hostArchitecture().image, 'modules'], throttled(onProgress));
  } catch (cause) {
    if (!(cause instanceof HarnessError)) throw cause;
    throw new UnsupportedError(`a kernel of ${tree} that builds`, {
      message: `the kernel tree ${tree} does not build: ${cause.message}`,
      cause,
    });
  }
}

/** The sources of a tree: it is its own, or an O= directory, whose `source` leads to them. */
export async function sourcesOf(directory: string): Promise<string> {
  const tree = path.resolve(directory);
  return realpath(path.join(tree, 'source')).catch((error: unknown) => {
    if (isAbsent(error)) return tree;
    throw error;
  });
}

async function requireConfigured(tree: string): Promise<void> {
  const there = async (name: string): Promise<boolean> =>
    readFile(path.join(tree, name)).then(
      () => true,
      () => false,
    );
  if (!(await there('Makefile'))) throw new UsageError(`${tree} is no kernel tree: there is no Makefile`);
  if (!(await there('.config')))
    throw new UsageError(
      `the kernel tree ${tree} is not configured: \`fathom kconfig --minimal > fathom.config\`, then ` +
        `\`make -C ${tree} KCONFIG_ALLCONFIG=$PWD/fathom.config allnoconfig\``,
    );
}

/** `  CC [M]  fs/erofs/super.o` → `412 made, fs/erofs/super.o`, every now and then. */
function throttled(onProgress: (text: string) => void): (line: string) => void {
  let made = 0;
  let told = performance.now();
  return (line) => {
    const [, what] = /^ {2}[A-Z]+(?: \[M\])? +(\S+)/.exec(line) ?? [];
    if (what === undefined) return;
    made++;
    if (performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    onProgress(`building, ${made} made, ${what}`);
  };
}
