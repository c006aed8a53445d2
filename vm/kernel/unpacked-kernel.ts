/** A kernel that is unpacked into the cache once, whichever packages it comes in. */
import path from 'node:path';
import { cached } from '../cache.ts';
import type { KernelParts } from './assemble.ts';
import { readConfig } from './assemble.ts';
import { indexFromDepmod } from './module-index.ts';
import { readUnpacked } from './unpack.ts';

/**
 * @param ingredients what the packages are known by: the key in the cache
 * @param build fills the directory by a function of unpack.ts
 */
export async function unpackedKernel(
  spec: string,
  origin: string,
  ingredients: unknown,
  { signal }: { readonly signal: AbortSignal },
  build: (directory: string) => Promise<void>,
): Promise<KernelParts> {
  const directory = await cached({ room: 'kernels', title: origin, ingredients, build, signal });
  const unpacked = await readUnpacked(directory);
  const modules = path.join(directory, unpacked.modules);
  return {
    spec,
    release: unpacked.release,
    version: { ...unpacked.version, rc: unpacked.version.rc },
    image: path.join(directory, unpacked.image),
    config: await readConfig(path.join(directory, unpacked.config), spec),
    systemMap: unpacked.systemMap === undefined ? undefined : path.join(directory, unpacked.systemMap),
    modules: () => indexFromDepmod(modules),
    ingredients,
    origin,
  };
}
