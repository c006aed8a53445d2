/** Unpacking of Debian packages. */
import { runProgram } from '../run-program.ts';

/**
 * Puts all files of a package below a directory, owned by whoever runs this. Throws UnsupportedError without dpkg-deb,
 * HarnessError for what is no package.
 */
export async function extractDeb(deb: string, directory: string, signal: AbortSignal): Promise<void> {
  await runProgram({ program: 'dpkg-deb', args: ['-x', deb, directory], making: deb, signal });
}
