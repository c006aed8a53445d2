/** Profiles: full sets of behaviours. A version gives the default, a name or an experiment may replace it. */
import type { Behaviours } from './behaviour.ts';
import {
  erofsAlgorithmsOf,
  erofsDaxFallbackOf,
  erofsIncompatOf,
  erofsOptionsOf,
  erofsShortReadsOf,
  erofsStackingOf,
} from './erofs-history.ts';
import { overlayHistory } from './overlay-history.ts';
import { isSince, versionText, type Version } from './version.ts';

export type { Version } from './version.ts';
export { erofsStackingOf } from './erofs-history.ts';

export interface Profile {
  readonly name: ProfileName;
  /** How it was come by: `by version 6.17.13`, `named by the user`. */
  readonly origin: string;
  readonly behaviours: Behaviours;
}

export type ProfileName = Behaviours['erofsStacking'];

export const PROFILE_NAMES = [
  'no-file-backed',
  'unchecked',
  'counted',
  'no-erofs-backing',
  'no-stacked-backing',
] as const satisfies readonly ProfileName[];

/** What a kernel is made of, as far as its default profile depends on it. */
export interface KernelFacts {
  readonly version: Version;
  /** `CONFIG_…` without the prefix → value. Undefined: believe that it is built like Debian's. */
  readonly config?: ReadonlyMap<string, string> | undefined;
}

/** The default profile: what the version suggests and the configuration allows. */
export function profileOf({ version, config }: KernelFacts): Profile {
  const stacking = erofsStackingOf(version);
  return {
    name: stacking,
    origin: `by version ${versionText(version)}`,
    behaviours: {
      ...erofsBehaviours(version, config),
      ...overlayBehaviours(version, config),
      maxStackDepth: 2,
      tmpfsUserXattrs: isSince(version, '6.6'),
      // Seen in 5.10 (none) and 6.1.
      erofsFileHandles: isSince(version, '6.0'),
      pageBytes: 4096,
      fusePassthrough: isSince(version, '6.9') && isOn(config, 'FUSE_PASSTHROUGH', true),
      fuseNoPassthroughErrno: isSince(version, '6.9') ? 'EOPNOTSUPP' : 'ENOTTY',
      // Seen in 6.12.117, 7.2 and 7.3. Every filesystem that fathom attaches a file of has both iterators.
      loopChecksIterators: isSince(version, '6.12'),
      tmpfsCasefold: isSince(version, '6.13') && isOn(config, 'UNICODE', true),
      ext4Casefold: isOn(config, 'UNICODE', true),
      ramfsTmpfile: isSince(version, '6.1'),
      tmpfsDirectIo: isSince(version, '6.6'),
      xfsBigTimestamps: isSince(version, '5.16') ? 'stable' : 'experimental',
    },
  };
}

type Config = KernelFacts['config'];

function isOn(config: Config, option: string, byDefault: boolean): boolean {
  return config === undefined ? byDefault : ['y', 'm'].includes(config.get(option) ?? 'n');
}

function erofsBehaviours(version: Version, config: Config) {
  const stacking = erofsStackingOf(version);
  const built = (option: string) => isOn(config, option, true);
  const extra = (option: string) => isOn(config, option, false);
  const onDemand = extra('EROFS_FS_ONDEMAND');
  const shares = extra('EROFS_FS_PAGE_CACHE_SHARE');
  const options = erofsOptionsOf(version);
  const effective: Readonly<Record<string, boolean>> = {
    user_xattr: built('EROFS_FS_XATTR'),
    acl: built('EROFS_FS_POSIX_ACL'),
    cache_strategy: built('EROFS_FS_ZIP'),
    fsid: onDemand,
    domain_id: onDemand || shares,
    directio: built('EROFS_FS_BACKED_BY_FILE'),
    inode_share: shares,
  };
  return {
    erofsStacking: stacking,
    fileBacked: stacking !== 'no-file-backed' && built('EROFS_FS_BACKED_BY_FILE'),
    erofsMessages: isSince(version, '6.13') ? 'plain' : 'with-function',
    blockDeviceMessage: isSince(version, '6.6') ? "Can't lookup blockdev" : "Can't open blockdev",
    erofsOptions: options,
    erofsIneffectiveOptions: new Set([...options].filter((option) => effective[option] === false)),
    dax: built('FS_DAX'),
    daxWarns: !isSince(version, '6.2'),
    daxFallback: erofsDaxFallbackOf(version),
    erofsIncompat: erofsIncompatOf(version),
    erofsAlgorithms: erofsAlgorithmsOf(version, built),
    erofsChecksAlgorithms: isSince(version, '5.13'),
    erofsBlocks: isSince(version, '6.1') ? 'up-to-page-size' : 'page-sized',
    erofsOffset: isSince(version, '7.2') ? 'exact' : 'page',
    erofsChecksSuperblock: isSince(version, '6.1'),
    erofsDecompressErrno: isSince(version, '6.12') ? 'EUCLEAN' : 'EIO',
    erofsSubpageCompression: isSince(version, '6.8'),
    erofsLegacyLz4: isSince(version, '7.0') ? 'fails' : 'read',
    // Seen in 5.10 (none) and 6.1.
    erofsDirectIo: isSince(version, '5.15'),
    erofsShortReads: erofsShortReadsOf(version),
    erofsVolumeName: isSince(version, '6.13') ? 'any' : 'ended',
    erofsFlatDevices: isSince(version, '6.4'),
    erofsBlobErrno: isSince(version, '6.12') ? 'EINVAL' : 'ENOTBLK',
  } as const satisfies Partial<Behaviours>;
}

function overlayBehaviours(version: Version, config: Config) {
  const chosen = (option: string) => isOn(config, `OVERLAY_FS_${option}`, false);
  return {
    overlayOptions: isSince(version, '6.5') ? 'context' : 'fill-super',
    overlayEarlyErrno: isSince(version, '5.11') ? 'EINVAL' : 'ENOMEM',
    overlayDefaults: {
      redirectDir: chosen('REDIRECT_DIR'),
      alwaysFollow: isOn(config, 'OVERLAY_FS_REDIRECT_ALWAYS_FOLLOW', true),
      index: chosen('INDEX'),
      nfsExport: chosen('NFS_EXPORT'),
      xinoAuto: chosen('XINO_AUTO'),
      metacopy: chosen('METACOPY'),
    },
    ...overlayHistory(version),
    dataOnlyLowers: isSince(version, '6.5'),
    dataOnlyNeedsMetacopy: isSince(version, '6.5') && !isSince(version, '6.16'),
    // Seen in 5.10 and 6.1.
    overlayOpaqueNewDirs: isSince(version, '5.15') ? 'unless-offline-changes' : 'always',
    overlayFollowCheck: isSince(version, '6.16') ? 'before-layer' : 'after-layer',
    overlayXattrWhiteouts: isSince(version, '6.7'),
    overlayXattrEscapes: isSince(version, '6.7'),
    overlayUuid: isSince(version, '6.6'),
  } as const satisfies Partial<Behaviours>;
}

/** The same kernel with the stacking of a named profile; everything else stays as its version and configuration say. */
export function withStacking(profile: Profile, name: ProfileName): Profile {
  const { fileBacked } = profile.behaviours;
  return {
    name,
    origin: 'named by the user',
    behaviours: {
      ...profile.behaviours,
      erofsStacking: name,
      fileBacked: name !== 'no-file-backed' && (fileBacked || profile.name === 'no-file-backed'),
    },
  };
}
