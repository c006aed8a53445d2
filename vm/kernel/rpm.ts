/** Kernels of `.rpm` files, laid out as Fedora does it: everything in lib/modules/RELEASE. */
import path from 'node:path';
import { checkRpm } from '../archive/rpm.ts';
import type { KernelParts } from './assemble.ts';
import { fileHash } from './assemble.ts';
import type { ResolveOptions } from './resolve.ts';
import { unpackRpms } from './unpack.ts';
import { unpackedKernel } from './unpacked-kernel.ts';

/** The kernel inside `.rpm` files; the first names it. Throws UsageError when they are not those of one whole kernel. */
export async function resolveRpms(
  spec: string,
  files: readonly string[],
  options: ResolveOptions,
): Promise<KernelParts> {
  for (const file of files) await checkRpm(spec, file);
  const rpms = await Promise.all(files.map(fileHash));
  const title = files.map((file) => path.basename(file)).join(', ');
  return unpackedKernel(spec, title, { v: 1, rpms }, options, async (directory) => {
    await unpackRpms(files, directory, options.signal);
  });
}
