/** Profiles: full sets of behaviours. A version gives the default, a name or an experiment may replace it. */
import type { Behaviours } from './behaviour.ts';

export interface Profile {
  readonly name: ProfileName;
  /** How it was come by: `by version 6.17.13`, `named by the user`. */
  readonly origin: string;
  readonly behaviours: Behaviours;
}

export type ProfileName = Behaviours['erofsStacking'];

export const PROFILE_NAMES = ['no-file-backed', 'unchecked', 'counted', 'no-erofs-backing', 'no-stacked-backing'] as const satisfies readonly ProfileName[];

export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  readonly rc: number | undefined;
}

/** What a kernel is made of, as far as its default profile depends on it. */
export interface KernelFacts {
  readonly version: Version;
  /** `CONFIG_…` without the prefix → value. Undefined: believe that everything fathom asks for is on. */
  readonly config?: ReadonlyMap<string, string> | undefined;
}

/**
 * Releases at which erofs changed, per stable series (facts: section 2). Each pair is the first release of a state;
 * what is older than the first is `unchecked`.
 * counted: d53cd891f0e4 and its backports; no-stacked-backing: 072a7c7cdbea with 7893cc12251f.
 */
const STACKING_CHANGES: Readonly<Record<string, { counted: number; mended: number | undefined }>> = {
  '6.12': { counted: 63, mended: 66 },
  '6.17': { counted: 13, mended: undefined },
  '6.18': { counted: 2, mended: 6 },
};

export function erofsStackingOf(version: Version): ProfileName {
  if (before(version, 6, 12)) return 'no-file-backed';
  const changes = STACKING_CHANGES[`${version.major}.${version.minor}`];
  if (changes !== undefined) {
    if (version.patch < changes.counted) return 'unchecked';
    return changes.mended !== undefined && version.patch >= changes.mended ? 'no-stacked-backing' : 'counted';
  }
  if (before(version, 6, 19)) return 'unchecked';
  return version.major === 6 && version.minor === 19 && version.rc !== undefined && version.rc <= 4 ? 'counted' : 'no-stacked-backing';
}

/** The default profile: what the version suggests and the configuration allows. */
export function profileOf(kernel: KernelFacts): Profile {
  const { version, config } = kernel;
  const on = (option: string) => config === undefined || ['y', 'm'].includes(config.get(option) ?? 'n');
  const since = (major: number, minor: number) => !before(version, major, minor);
  const stacking = erofsStackingOf(version);
  const { major, minor, patch, rc } = version;
  return {
    name: stacking,
    origin: `by version ${major}.${minor}.${patch}${rc === undefined ? '' : `-rc${rc}`}`,
    behaviours: {
      erofsStacking: stacking,
      fileBacked: stacking !== 'no-file-backed' && on('EROFS_FS_BACKED_BY_FILE'),
      maxStackDepth: 2,
      overlayOptions: since(6, 5) ? 'context' : 'fill-super',
      dataOnlyLowers: since(6, 5),
      dataOnlyNeedsMetacopy: since(6, 5) && !since(6, 16),
      erofsMessages: since(6, 17) || (major === 6 && minor === 16) ? 'plain' : 'with-function',
      blockDeviceMessage: since(6, 12) ? "Can't lookup blockdev" : "Can't open blockdev",
      erofsOptions: new Set(erofsOptionsOf(version)),
      erofsConfig: { zip: on('EROFS_FS_ZIP'), xattr: on('EROFS_FS_XATTR'), acl: on('EROFS_FS_POSIX_ACL'), dax: config?.get('FS_DAX') === 'y' },
      fusePassthrough: since(6, 9) && on('FUSE_PASSTHROUGH'),
      loopChecksIterators: since(6, 12),
      pageBytes: 4096,
      erofsBlocks: since(6, 1) ? 'up-to-page-size' : 'page-sized',
    },
  };
}

/** Facts, end of section 2: mount options present. */
function erofsOptionsOf(version: Version): readonly string[] {
  const since = (major: number, minor: number) => !before(version, major, minor);
  return [
    ...['user_xattr', 'acl', 'cache_strategy'],
    ...(since(6, 1) ? ['dax', 'device', 'domain_id'] : []),
    ...(since(6, 1) && !since(7, 0) ? ['fsid'] : []),
    ...(since(6, 12) ? ['directio'] : []),
    ...(since(6, 17) ? ['fsoffset'] : []),
    ...(since(7, 2) ? ['inode_share'] : []),
    ...(since(7, 3) ? ['source'] : []),
  ];
}

/** The same kernel with the stacking of a named profile; everything else stays as its version and configuration say. */
export function withStacking(profile: Profile, name: ProfileName): Profile {
  return {
    name,
    origin: 'named by the user',
    behaviours: { ...profile.behaviours, erofsStacking: name, fileBacked: name !== 'no-file-backed' && (profile.behaviours.fileBacked || profile.name === 'no-file-backed') },
  };
}

function before(version: Version, major: number, minor: number): boolean {
  return version.major < major || (version.major === major && version.minor < minor);
}
