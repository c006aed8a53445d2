/** The directory of `--output`, made before anything is run: a minute's work is not to end in a mistyped path. */
import { mkdir, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../../vm/errors.ts';

/** @throws UsageError where nothing can be written */
export async function makeOutput(directory: string): Promise<void> {
  try {
    await make(path.resolve(directory));
    // access(2) lets root pass also where nothing can be made, in /proc say.
    const probe = path.join(directory, `.fathom-${process.pid}`);
    await mkdir(probe);
    await rmdir(probe);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`--output ${directory}: the evidence cannot be kept there: ${why}; name another directory`, {
      cause,
    });
  }
}

/** One after the other: mkdir(recursive) of Node 20 tries for ever where the kernel answers ENOENT, as procfs does. */
async function make(directory: string): Promise<void> {
  if (await stat(directory).then(() => true, insteadOf('ENOENT', false))) return;
  await make(path.dirname(directory));
  await mkdir(directory).catch(insteadOf('EEXIST', undefined));
}

function insteadOf<T>(code: string, instead: T): (error: unknown) => T {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
    return instead;
  };
}
