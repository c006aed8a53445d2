/** The directory of `--output`, made before anything is run: a minute's work is not to end in a mistyped path. */
import { mkdir, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../../vm/errors.ts';
import { makeDirectory } from '../../vm/make-directory.ts';

/** @throws UsageError where nothing can be written */
export async function makeOutput(directory: string): Promise<void> {
  try {
    await makeDirectory(path.resolve(directory));
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
