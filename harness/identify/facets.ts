/**
 * Every behaviour, and how it is found out. The table is whole by its type: a behaviour without a row does not compile,
 * and the battery's test asks of each row that some step depends on it, or that it says why none does.
 */
import type { Behaviours } from '../model/behaviour.ts';
import { INCOMPAT } from '../model/erofs-history.ts';
import { PROFILE_NAMES } from '../model/profile.ts';
import { bitOf, erofsOption, flag, memberOf, oneOf, overlayDefault, type Facet } from './facet.ts';

const BY_CONFIG = { kept: "it is read from the kernel's configuration, and no step of the battery shows it" };
const NOT_TRIED = { kept: 'the battery has no step for it' };
const NO_SUCH_IMAGE = { kept: 'mkfs.erofs of Debian 12 makes no such image' };

const FACETS_OF: Readonly<Record<keyof Behaviours, readonly Facet[]>> = {
  // With its mode, there is or is not a file-backed mount.
  erofsStacking: [
    {
      ...oneOf('erofsStacking', PROFILE_NAMES),
      with: (behaviours, value) => ({
        ...behaviours,
        erofsStacking: PROFILE_NAMES.find((name) => name === value)!,
        fileBacked: value !== 'no-file-backed',
      }),
    },
  ],
  fileBacked: [
    {
      ...flag('fileBacked'),
      with: (behaviours, value) =>
        value === true && behaviours.erofsStacking === 'no-file-backed'
          ? undefined
          : { ...behaviours, fileBacked: value === true },
    },
  ],
  // The battery stacks five overlays, so a limit of five or more fits no value.
  maxStackDepth: [oneOf('maxStackDepth', [1, 2, 3, 4])],
  pageBytes: [oneOf('pageBytes', [4096], { kept: "it is the architecture's" })],
  erofsMessages: [oneOf('erofsMessages', ['with-function', 'plain'])],
  blockDeviceMessage: [oneOf('blockDeviceMessage', ["Can't open blockdev", "Can't lookup blockdev"])],
  erofsOptions: [
    ...['user_xattr', 'acl', 'cache_strategy', 'device', 'directio', 'domain_id', 'fsoffset', 'inode_share'].map(
      (option) => erofsOption(option),
    ),
    // Whether it works is the behaviour `dax`.
    { ...erofsOption('dax'), values: ['unknown', 'works'] },
    erofsOption('fsid', { kept: 'fathom mounts nothing through fscache' }),
    erofsOption('source', { kept: 'no step gives the source as an option' }),
  ],
  // With erofsOptions: `no effect`.
  erofsIneffectiveOptions: [],
  dax: [flag('dax')],
  daxWarns: [flag('daxWarns')],
  daxFallback: [oneOf('daxFallback', ['error', 'note'])],
  erofsIncompat: [
    bitOf('erofsIncompat', 'zeroPadding', INCOMPAT.zeroPadding),
    bitOf('erofsIncompat', 'comprCfgs', INCOMPAT.comprCfgs, NO_SUCH_IMAGE),
    bitOf('erofsIncompat', 'chunkedFile', INCOMPAT.chunkedFile),
    bitOf('erofsIncompat', 'deviceTable', INCOMPAT.deviceTable),
    bitOf('erofsIncompat', 'ztailpacking', INCOMPAT.ztailpacking),
    bitOf('erofsIncompat', 'fragmentsOrDedupe', INCOMPAT.fragmentsOrDedupe, NO_SUCH_IMAGE),
    bitOf('erofsIncompat', 'xattrPrefixes', INCOMPAT.xattrPrefixes, NO_SUCH_IMAGE),
    bitOf('erofsIncompat', 'bit48', INCOMPAT.bit48, NO_SUCH_IMAGE),
    bitOf('erofsIncompat', 'metabox', INCOMPAT.metabox, NO_SUCH_IMAGE),
  ],
  erofsAlgorithms: [
    memberOf('erofsAlgorithms', 'lz4'),
    ...['lzma', 'deflate', 'zstd'].map((algorithm) => memberOf('erofsAlgorithms', algorithm, NO_SUCH_IMAGE)),
  ],
  erofsChecksAlgorithms: [flag('erofsChecksAlgorithms', NO_SUCH_IMAGE)],
  // Kernels that take only page-sized blocks know no blob devices either, and by that they are told.
  erofsBlocks: [oneOf('erofsBlocks', ['page-sized', 'up-to-page-size'])],
  erofsChecksSuperblock: [flag('erofsChecksSuperblock', NOT_TRIED)],
  erofsSubpageCompression: [flag('erofsSubpageCompression', NO_SUCH_IMAGE)],
  erofsLegacyLz4: [oneOf('erofsLegacyLz4', ['read', 'fails'], NOT_TRIED)],
  erofsDecompressErrno: [oneOf('erofsDecompressErrno', ['EIO', 'EUCLEAN'], NOT_TRIED)],
  erofsVolumeName: [oneOf('erofsVolumeName', ['ended', 'any'], NOT_TRIED)],
  erofsDirectIo: [flag('erofsDirectIo', NOT_TRIED)],
  erofsShortReads: [oneOf('erofsShortReads', ['believed', 'EIO'], NOT_TRIED)],
  erofsOffset: [oneOf('erofsOffset', ['page', 'exact'], NOT_TRIED)],
  erofsFlatDevices: [flag('erofsFlatDevices')],
  erofsBlobErrno: [oneOf('erofsBlobErrno', ['ENOTBLK', 'EINVAL'])],
  overlayOptions: [oneOf('overlayOptions', ['fill-super', 'context'])],
  overlayDefaults: [
    overlayDefault('alwaysFollow'),
    overlayDefault('metacopy'),
    overlayDefault('redirectDir', BY_CONFIG),
    // These only allow warnings: one that comes tells them, silence does not.
    overlayDefault('index'),
    overlayDefault('nfsExport'),
    overlayDefault('xinoAuto'),
  ],
  overlayEarlyErrno: [oneOf('overlayEarlyErrno', ['ENOMEM', 'EINVAL'])],
  overlayOptionNames: ['uuid', 'userxattr', 'verity', 'lowerdir+', 'fsync', 'override_creds', 'datadir+']
    .map((option) => memberOf('overlayOptionNames', option))
    .map((facet) => (facet.name.endsWith('datadir+') ? { ...facet, kept: 'it came with lowerdir+' } : facet)),
  overlayLayerDescriptors: [flag('overlayLayerDescriptors')],
  overlayTrailingBackslash: [oneOf('overlayTrailingBackslash', ['ignored', 'refused'])],
  overlayReadOnlyUpper: [oneOf('overlayReadOnlyUpper', ['superblock', 'mount'])],
  overlayCasefold: [
    oneOf('overlayCasefold', ['by-dentry', 'capable-refused', 'directory-refused', 'consistent'], {
      kept: 'not every kernel has filesystems that fold case',
    }),
  ],
  overlayVerity: [oneOf('overlayVerity', ['needs-metacopy', 'independent'])],
  overlayAsksForTrust: [flag('overlayAsksForTrust', NOT_TRIED)],
  overlayXattrFallback: [oneOf('overlayXattrFallback', ['at-once', 'joint', 'each'])],
  overlayUuidWarning: [oneOf('overlayUuidWarning', ['index', 'detected', 'non-single'], NOT_TRIED)],
  overlayInUserNamespace: [flag('overlayInUserNamespace')],
  overlayNamesOrigin: [flag('overlayNamesOrigin', NOT_TRIED)],
  overlayForeignContext: [
    oneOf('overlayForeignContext', ['taken', 'warned', 'EIO', 'EINVAL'], {
      kept: 'to try it makes some kernels warn of themselves, and a kernel may panic on that',
    }),
  ],
  tmpfsCasefold: [flag('tmpfsCasefold', NOT_TRIED)],
  ext4Casefold: [flag('ext4Casefold', NOT_TRIED)],
  ramfsTmpfile: [flag('ramfsTmpfile', NOT_TRIED)],
  tmpfsUserXattrs: [flag('tmpfsUserXattrs')],
  dataOnlyLowers: [flag('dataOnlyLowers', { kept: 'the rules ask where options are taken apart: overlayOptions' })],
  dataOnlyNeedsMetacopy: [flag('dataOnlyNeedsMetacopy')],
  overlayOpaqueNewDirs: [oneOf('overlayOpaqueNewDirs', ['always', 'unless-offline-changes'], NOT_TRIED)],
  overlayFollowCheck: [oneOf('overlayFollowCheck', ['after-layer', 'before-layer'], NOT_TRIED)],
  overlayXattrWhiteouts: [flag('overlayXattrWhiteouts', NOT_TRIED)],
  overlayXattrEscapes: [flag('overlayXattrEscapes', NOT_TRIED)],
  overlayUuid: [flag('overlayUuid', NOT_TRIED)],
  erofsFileHandles: [flag('erofsFileHandles', NOT_TRIED)],
  fusePassthrough: [flag('fusePassthrough', { kept: 'no step of the battery mounts FUSE' })],
  fuseNoPassthroughErrno: [oneOf('fuseNoPassthroughErrno', ['ENOTTY', 'EOPNOTSUPP'], NOT_TRIED)],
  loopChecksIterators: [
    flag('loopChecksIterators', { kept: 'with and without the check a directory is refused alike (rules L3 and L4)' }),
  ],
  tmpfsDirectIo: [flag('tmpfsDirectIo', NOT_TRIED)],
  xfsBigTimestamps: [oneOf('xfsBigTimestamps', ['experimental', 'stable'])],
};

export const FACETS: readonly Facet[] = Object.values(FACETS_OF).flat();
