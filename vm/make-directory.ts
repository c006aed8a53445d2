/** mkdir -p that ends. */
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** One after the other: mkdir(recursive) of Node 20 tries for ever where the kernel answers ENOENT, as procfs does. */
export async function makeDirectory(directory: string): Promise<void> {
  if (await stat(directory).then(() => true, insteadOf('ENOENT', false))) return;
  await makeDirectory(path.dirname(directory));
  await mkdir(directory).catch(insteadOf('EEXIST', undefined));
}

function insteadOf<T>(code: string, instead: T): (error: unknown) => T {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
    return instead;
  };
}
