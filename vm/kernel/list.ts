/** Every kernel that can be had from the archive. */
import { openIndex } from '../archive/apt-index.ts';
import type { Candidate } from './candidates.ts';
import { choose, findCandidates } from './candidates.ts';
import { FRESH_MS } from './debian.ts';
import { defaultFlavour } from './flavours.ts';
import type { KernelVersion } from './kernel.ts';
import { findMirrors } from '../archive/mirrors.ts';
import type { ResolveOptions } from './resolve.ts';
import { formatKernelVersion } from './version.ts';

export interface ListedKernel {
  /** The shortest spec that means exactly this kernel. */
  readonly spec: string;
  readonly version: KernelVersion;
  readonly packageVersion: string;
  readonly flavour: string;
  readonly suites: readonly string[];
  /** Parts of it are no longer in the signed index and come from the pool (candidates.ts). */
  readonly withdrawn: boolean;
  /** Sum of the packages to download, in bytes. */
  readonly sizeBytes: number;
}

export interface ListOptions extends Pick<ResolveOptions, 'mirror' | 'signal' | 'onProgress'> {
  readonly flavour: string;
  /** Ask the mirror also when the index is fresh. */
  readonly refresh?: boolean;
}

/** Oldest first. Throws as `resolveKernel` does for a `debian:` spec. */
export async function listKernels(options: ListOptions): Promise<readonly ListedKernel[]> {
  const { signal, onProgress, flavour } = options;
  const maxAgeMs = options.refresh === true ? 0 : FRESH_MS;
  const index = await openIndex({ mirrors: await findMirrors(options.mirror), maxAgeMs, signal, onProgress });
  for (const note of index.notes) onProgress?.(note);
  const candidates = findCandidates(index.packages).filter((one) => one.flavour === flavour);
  const bySpec = new Map<string, ListedKernel>();
  for (const kernel of candidates.map((one) => describe(one, candidates)).reverse()) {
    const same = bySpec.get(kernel.spec);
    bySpec.set(kernel.spec, same === undefined ? kernel : { ...same, suites: [...same.suites, ...kernel.suites] });
  }
  return [...bySpec.values()];
}

function describe(candidate: Candidate, candidates: readonly Candidate[]): ListedKernel {
  const { version, packageVersion, flavour, suite, packages, withdrawn } = candidate;
  const upstream = formatKernelVersion(version);
  const short = choose(candidates, { kind: 'debian-version', version: upstream, flavour });
  const named = short?.packageVersion === packageVersion ? upstream : packageVersion;
  return {
    spec: `debian:${named}${flavour === defaultFlavour() ? '' : `/${flavour}`}`,
    version,
    packageVersion,
    flavour,
    suites: [suite],
    withdrawn: withdrawn.length > 0,
    sizeBytes: packages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
}
