/** Which kernels a package index offers, and which of them a spec means. */
import { UsageError } from '../errors.ts';
import { flavours } from './flavours.ts';
import type { KernelVersion } from './kernel.ts';
import { comparePackageVersions } from '../archive/package-version.ts';
import type { ArchivePackage } from '../archive/packages.ts';
import type { KernelSpec } from './spec.ts';
import { compareKernelVersions, formatKernelVersion, parseKernelVersion } from './version.ts';

/** One kernel in the archive: everything that has to be unpacked for it. */
export interface Candidate {
  readonly version: KernelVersion;
  readonly packageVersion: string;
  readonly flavour: string;
  readonly suite: string;
  /** Whether the boot image carries Debian's Secure Boot signature. */
  readonly signed: boolean;
  /** The package that names the kernel, first, then what completes it. */
  readonly packages: readonly [ArchivePackage, ...ArchivePackage[]];
  /**
   * Names of the packages that the signed index has dropped while it still lists the kernel that depends on them
   * (the same version; they come from another source package). The archive's pool may still hold them.
   */
  readonly withdrawn: readonly string[];
}

/**
 * Every kernel, newest package version first. Up to 6.18 a `linux-image-*` holds it all; later ones are split
 * (`linux-image-*` depends on `linux-binary-*`, `-modules-*` and `-base-*`), and a kernel whose signed image has not
 * come yet has only `linux-binary-unsigned-*`. Packages that merely depend on the newest kernel are left out.
 */
export function findCandidates(packages: readonly ArchivePackage[]): readonly Candidate[] {
  const found = candidatesOf.get(packages) ?? candidatesIn(packages);
  candidatesOf.set(packages, found);
  return found;
}

const candidatesOf = new WeakMap<readonly ArchivePackage[], readonly Candidate[]>();

function candidatesIn(packages: readonly ArchivePackage[]): readonly Candidate[] {
  const pattern = new RegExp(
    `^linux-(image|binary-unsigned|binary)-(\\d\\S*?)-(${flavours().join('|')})(?:-unsigned)?$`,
  );
  const byName = new Map(packages.map((one) => [`${one.suite} ${one.name} ${one.version}`, one]));
  const best = new Map<string, Candidate>();
  for (const head of packages) {
    const match = pattern.exec(head.name);
    const version = parseKernelVersion(head.version);
    if (match === null || version === undefined) continue;
    const [, kind, release, flavour] = match;
    if (head.depends.some((name) => name.startsWith('linux-image-'))) continue;
    const find = (name: string): ArchivePackage | undefined => byName.get(`${head.suite} ${name} ${head.version}`);
    const names = partsOf(head, kind!, `${release}-${flavour}`);
    const parts = names.flatMap((name) => find(name) ?? []);
    const withdrawn = names.filter((name) => find(name) === undefined);
    if (withdrawn.some((name) => name.startsWith('linux-binary-'))) continue;
    const signed = ![head, ...parts].some(({ name }) => name.includes('-unsigned'));
    const packages: Candidate['packages'] = [head, ...parts];
    const candidate: Candidate = {
      version,
      packageVersion: head.version,
      flavour: flavour!,
      suite: head.suite,
      signed,
      packages,
      withdrawn,
    };
    const key = `${head.suite} ${flavour} ${head.version} ${release}`;
    const known = best.get(key);
    if (known === undefined || rank(candidate) > rank(known)) best.set(key, candidate);
  }
  return [...best.values()].sort((a, b) => comparePackageVersions(b.packageVersion, a.packageVersion));
}

/** Signed first; then one that is named by a linux-image package, as a machine would install it. */
function rank({ signed, packages }: Candidate): number {
  return (signed ? 2 : 0) + (packages[0].name.startsWith('linux-image-') ? 1 : 0);
}

/** The packages that complete a head: none where it holds everything. */
function partsOf(head: ArchivePackage, kind: string, release: string): readonly string[] {
  if (kind !== 'image') return [`linux-modules-${release}`, `linux-base-${release}`];
  const split = head.depends.some((name) => name.startsWith('linux-binary-'));
  return split
    ? unique(head.depends.filter((name) => /^linux-(?:binary|modules|base)-/.test(name) && name.endsWith(release)))
    : [];
}

export type DebianSpec = Extract<KernelSpec, { kind: 'debian-version' | 'debian-suite' }>;

/**
 * The newest that the spec means; a release is preferred to any release candidate. Undefined when there is none.
 * A version with fewer than three numbers is a series (`6.1`, `5.10`), told by the package's version, not its name.
 */
export function choose(candidates: readonly Candidate[], spec: DebianSpec): Candidate | undefined {
  const flavoured = candidates.filter(({ flavour }) => flavour === spec.flavour);
  if (spec.kind === 'debian-suite') return newest(flavoured.filter(({ suite }) => suite === spec.suite));
  const exact = flavoured.filter(({ packageVersion }) => packageVersion === spec.version);
  return newest(exact.length > 0 ? exact : flavoured.filter(({ version }) => isMeant(version, spec.version)));
}

function newest(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.toSorted(
    (a, b) =>
      Number(b.version.rc === undefined) - Number(a.version.rc === undefined) ||
      comparePackageVersions(b.packageVersion, a.packageVersion) ||
      Number(b.signed) - Number(a.signed),
  )[0];
}

function isMeant(version: KernelVersion, asked: string): boolean {
  const [, numbers, rc] = /^(\d+(?:\.\d+){0,2})(?:[~-]rc(\d+))?$/.exec(asked) ?? [];
  if (numbers === undefined) return false;
  const [major, minor, patch] = numbers.split('.').map(Number);
  if (rc !== undefined && version.rc !== Number(rc)) return false;
  return (
    version.major === major &&
    (minor === undefined || version.minor === minor) &&
    (patch === undefined || version.patch === patch)
  );
}

/** What to say when the spec means none of them: the nearest on both sides, or other flavours of the same. */
export function unknownKernel(spec: string, asked: DebianSpec, candidates: readonly Candidate[]): UsageError {
  const flavoured = candidates.filter(({ flavour }) => flavour === asked.flavour);
  if (asked.kind === 'debian-suite')
    return new UsageError(
      `kernel '${spec}': ${asked.suite} has no ${asked.flavour} kernel; suites that have: ${unique(flavoured.map(({ suite }) => suite)).join(', ') || 'none'}`,
    );
  const other = choose(
    candidates.filter(({ flavour }) => flavour !== asked.flavour).map((one) => ({ ...one, flavour: asked.flavour })),
    asked,
  );
  const near = nearest(flavoured, asked.version);
  const hint =
    near.length === 0
      ? `no ${asked.flavour} kernel at all`
      : `the nearest ${asked.flavour} kernels are ${near.join(', ')}`;
  const flavours = other === undefined ? '' : `; other flavours have ${other.packageVersion}`;
  return new UsageError(
    `kernel '${spec}': the archive has no such version; ${hint}${flavours}; \`fathom kernels\` lists all`,
  );
}

/** Up to two older and two newer ones, as specs. */
function nearest(candidates: readonly Candidate[], asked: string): readonly string[] {
  const wanted = parseKernelVersion(asked) ?? parseKernelVersion(`${asked}.0`);
  const versions = unique(
    candidates
      .toSorted((a, b) => compareKernelVersions(a.version, b.version))
      .map(({ version }) => formatKernelVersion(version)),
  );
  if (wanted === undefined) return versions.slice(-4).map((version) => `debian:${version}`);
  const older = versions.filter((version) => compareKernelVersions(parseKernelVersion(version)!, wanted) < 0);
  const newer = versions.filter((version) => compareKernelVersions(parseKernelVersion(version)!, wanted) >= 0);
  return [...older.slice(-2), ...newer.slice(0, 2)].map((version) => `debian:${version}`);
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
