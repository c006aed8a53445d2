/** Kernel specs → kernels. */
import type { KernelParts } from './assemble.ts';
import { assembleKernel } from './assemble.ts';
import { resolveTree } from './build-tree.ts';
import { resolveDebian, resolveDebs } from './debian.ts';
import type { Kernel } from './kernel.ts';
import { resolveHost, resolveImage } from './loose-files.ts';
import { resolveRpms } from './rpm.ts';
import { parseKernelSpec } from './spec.ts';

export interface ResolveOptions {
  /** `URI[,SECURITY-URI]` of Debian's archives; default FATHOM_MIRROR, else the machine's own apt sources. */
  readonly mirror?: string | undefined;
  /** Modules to take from elsewhere: name → `.ko` file. They are always loaded. */
  readonly replace?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
  /** Told of downloads, and of what the user should know (a suite that the mirror lacks, an index that is old). */
  readonly onProgress?: ((text: string) => void) | undefined;
}

/**
 * The kernel that a spec names, downloaded and unpacked when it is not in the cache.
 *
 * Throws UsageError for a spec that means nothing (unknown form, unknown version: the nearest are named),
 * UnsupportedError when this machine lacks what it takes (apt, Debian's keyring, the running kernel's files),
 * HarnessError when the archive cannot be reached.
 */
export async function resolveKernel(spec: string, options: ResolveOptions): Promise<Kernel> {
  options.signal.throwIfAborted();
  return assembleKernel(await partsOf(spec, options), options.replace ?? {});
}

function partsOf(spec: string, options: ResolveOptions): Promise<KernelParts> {
  const parsed = parseKernelSpec(spec);
  switch (parsed.kind) {
    case 'debian-version':
    case 'debian-suite':
      return resolveDebian(spec, parsed, options);
    case 'deb':
      return resolveDebs(spec, parsed.files, options);
    case 'rpm':
      return resolveRpms(spec, parsed.files, options);
    case 'tree':
      return resolveTree(spec, parsed.directory);
    case 'image':
      return resolveImage(spec, parsed);
    case 'host':
      return resolveHost(spec);
    default:
      return parsed satisfies never;
  }
}
