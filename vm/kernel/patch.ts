/** A patch in the sources of a kernel, for as long as it is wanted there. */
import { copyFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { HarnessError, UsageError } from '../errors.ts';
import { reasonOf } from '../file-errors.ts';
import { runProgram } from '../run-program.ts';

/** The patch that is in the sources now: left behind by a fathom that was killed, it says what is to be taken back. */
const RECORD = '.fathom-applied.patch';

export interface PatchOptions {
  readonly signal: AbortSignal;
  /** Told when something has to be put right first. */
  readonly onProgress: (text: string) => void;
}

/**
 * Whether a patch, or a series in one mbox, applies to the sources as a whole. What a fathom that was killed has left in
 * them is taken back first.
 *
 * Throws UsageError for a patch that cannot be read, does not apply, or is in the sources already.
 */
export async function checkPatch(sources: string, patch: string, options: PatchOptions): Promise<void> {
  const { signal } = options;
  await recover(sources, options);
  const [name, file] = [path.basename(patch), path.resolve(patch)];
  await stat(file).catch((cause: unknown) => {
    throw new UsageError(`cannot read the patch ${patch}: ${reasonOf(cause)}`, { cause });
  });
  const refusal = await faultOf(sources, file, [], signal);
  if (refusal === undefined) return;
  const isThere = (await faultOf(sources, file, ['--reverse'], signal)) === undefined;
  throw new UsageError(
    isThere ? `${name} is in ${sources} already` : `${name} does not apply to ${sources}:\n${refusal}`,
  );
}

/** Applies what checkPatch has found to apply. Disposing takes it back, also after the signal. */
export async function applyPatch(sources: string, patch: string, signal: AbortSignal): Promise<AsyncDisposable> {
  const record = path.join(sources, RECORD);
  await copyFile(patch, record);
  const takeBack = async (): Promise<void> => {
    const late = AbortSignal.timeout(60_000);
    if ((await faultOf(sources, record, ['--reverse'], late)) === undefined)
      await apply(sources, record, ['--reverse'], late);
    await rm(record, { force: true });
  };
  try {
    await apply(sources, record, [], signal);
  } catch (error) {
    await takeBack();
    throw error;
  }
  return { [Symbol.asyncDispose]: takeBack };
}

async function recover(sources: string, { signal, onProgress }: PatchOptions): Promise<void> {
  const record = path.join(sources, RECORD);
  const left = await stat(record).catch(() => undefined);
  if (left === undefined) return;
  if ((await faultOf(sources, record, ['--reverse'], signal)) === undefined) {
    onProgress(`taking back the patch that an earlier fathom left in ${sources}`);
    await apply(sources, record, ['--reverse'], signal);
  } else if ((await faultOf(sources, record, [], signal)) !== undefined) {
    throw new UsageError(
      `an earlier fathom was killed with the patch ${record} applied, and it can neither be taken back nor applied: ` +
        'put the sources right by hand, then remove that file',
    );
  }
  await rm(record);
}

/** What git says against it; undefined when it would apply. */
async function faultOf(
  sources: string,
  file: string,
  options: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    await apply(sources, file, ['--check', ...options], signal);
    return undefined;
  } catch (error) {
    if (error instanceof HarnessError) return error.message;
    throw error;
  }
}

async function apply(sources: string, file: string, options: readonly string[], signal: AbortSignal): Promise<void> {
  await runProgram({
    program: 'git',
    args: ['apply', '-p1', '--whitespace=nowarn', ...options, file],
    making: path.basename(file),
    cwd: sources,
    // A repository around the sources would make the patch's paths its own.
    env: { GIT_CEILING_DIRECTORIES: path.dirname(sources) },
    signal,
  });
}
