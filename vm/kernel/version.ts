/** Kernel versions: read from what people type, from packages and from releases; compared and written out. */
import type { KernelVersion } from './kernel.ts';

/**
 * The upstream version at the start of a release, a package version or a user's word: `6.17.13+deb13-cloud-amd64`,
 * `7.3~rc7-1~exp1`, `7.3-rc7`, `6.18.0-rc3-00012-gabcdef`. A missing patch level is 0. Undefined when there is none.
 */
export function parseKernelVersion(text: string): KernelVersion | undefined {
  const match = /^(\d+)\.(\d+)(?:\.(\d+))?(?:[~-]rc(\d+))?(?![\d.])/.exec(text);
  if (match === null) return undefined;
  const [, major, minor, patch, rc] = match;
  return {
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch ?? 0),
    rc: rc === undefined ? undefined : Number(rc),
  };
}

/** Larger than any release candidate's number; finite, so that two of them differ by 0. */
const RELEASED = Number.MAX_SAFE_INTEGER;

/** Negative, zero or positive; a release candidate comes before its release. */
export function compareKernelVersions(a: KernelVersion, b: KernelVersion): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || (a.rc ?? RELEASED) - (b.rc ?? RELEASED);
}

/** As the kernel's own tags are written, without `v`: `6.17.13`, `7.3`, `7.3-rc7`. */
export function formatKernelVersion({ major, minor, patch, rc }: KernelVersion): string {
  return `${major}.${minor}${patch === 0 ? '' : `.${patch}`}${rc === undefined ? '' : `-rc${rc}`}`;
}

/**
 * The upstream version of a kernel whose banner is known. Debian's stable releases keep their first ABI name
 * (`5.10.0-46-cloud-amd64`) and tell the truth only in the build's own words: `#1 SMP Debian 5.10.262-1 (2026-07-31)`.
 *
 * @param banner the version string of a bzImage or /proc/version: begins with the release
 */
export function versionOfBanner(release: string, banner: string): KernelVersion | undefined {
  const named = parseKernelVersion(release);
  const debian = parseKernelVersion(/ Debian (\d\S*)/.exec(banner)?.[1] ?? '');
  if (named === undefined || debian === undefined) return named;
  return named.major === debian.major && named.minor === debian.minor ? debian : named;
}
