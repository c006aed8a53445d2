/** What a version and a configuration make of a kernel. */
import t from 'tap';
import { PROFILE_NAMES, profileOf, withStacking, type ProfileName } from '../../../harness/model/profile.ts';
import { behavioursOf, DEBIAN, version } from './kernels.ts';

const STACKING: Readonly<Record<string, ProfileName>> = {
  '5.10.262': 'no-file-backed',
  '6.1.192': 'no-file-backed',
  '6.11.11': 'no-file-backed',
  '6.12-rc1': 'unchecked',
  '6.12.0': 'unchecked',
  '6.12.62': 'unchecked',
  '6.12.63': 'counted',
  '6.12.65': 'counted',
  '6.12.66': 'no-stacked-backing',
  '6.12.117': 'no-stacked-backing',
  '6.16.12': 'unchecked',
  '6.17-rc1': 'unchecked',
  '6.17.12': 'unchecked',
  '6.17.13': 'counted',
  '6.18-rc7': 'unchecked',
  '6.18.1': 'unchecked',
  '6.18.2': 'counted',
  '6.18.5': 'counted',
  '6.18.6': 'no-stacked-backing',
  '6.19-rc1': 'counted',
  '6.19-rc4': 'counted',
  '6.19-rc5': 'no-stacked-backing',
  '6.19.0': 'no-stacked-backing',
  '7.0-rc1': 'no-stacked-backing',
  '7.3-rc7': 'no-stacked-backing',
  '8.0.0': 'no-stacked-backing',
};

for (const [text, name] of Object.entries(STACKING))
  t.test(`given ${text}, then it is ${name}, and says by what`, (t) => {
    const profile = profileOf({ version: version(text) });
    t.equal(profile.name, name);
    t.equal(profile.behaviours.erofsStacking, name);
    t.equal(profile.behaviours.fileBacked, name !== 'no-file-backed');
    t.equal(profile.origin, `by version ${text}`);
    t.end();
  });

/** A behaviour on both sides of the series that changed it. */
const CHANGES = [
  ['erofsMessages', '6.12.117', 'with-function', '6.16.3', 'plain'],
  ['blockDeviceMessage', '6.1.192', "Can't open blockdev", '6.12.43', "Can't lookup blockdev"],
  ['daxFallback', '6.16.3', 'error', '6.16.12', 'note'],
  ['overlayForeignContext', '7.0.13', 'warned', '7.1.13', 'EIO'],
  ['overlayForeignContext', '7.1.13', 'EIO', '7.2.13', 'EINVAL'],
  ['daxWarns', '6.1.192', true, '6.12.117', false],
  ['erofsBlocks', '5.10.262', 'page-sized', '6.1.192', 'up-to-page-size'],
  ['erofsFlatDevices', '6.1.192', false, '6.12.117', true],
  ['erofsBlobErrno', '6.1.192', 'ENOTBLK', '6.12.117', 'EINVAL'],
  ['erofsChecksAlgorithms', '5.10.262', false, '6.1.192', true],
  ['overlayOptions', '6.1.192', 'fill-super', '6.12.43', 'context'],
  ['overlayEarlyErrno', '5.10.262', 'ENOMEM', '6.1.192', 'EINVAL'],
  ['overlayLayerDescriptors', '6.12.117', false, '6.16.12', true],
  ['overlayTrailingBackslash', '7.2.12', 'ignored', '7.3.4', 'refused'],
  ['overlayReadOnlyUpper', '5.10.262', 'superblock', '6.1.192', 'mount'],
  ['overlayCasefold', '6.1.192', 'by-dentry', '6.12.57', 'capable-refused'],
  ['overlayCasefold', '6.16.12', 'capable-refused', '6.17.8', 'directory-refused'],
  ['overlayCasefold', '6.17.13', 'directory-refused', '6.18.9', 'consistent'],
  ['overlayVerity', '6.12.117', 'needs-metacopy', '6.16.12', 'independent'],
  ['overlayAsksForTrust', '6.1.192', false, '6.12.57', true],
  ['overlayXattrFallback', '5.10.262', 'at-once', '6.1.192', 'joint'],
  ['overlayXattrFallback', '6.1.192', 'joint', '6.12.57', 'each'],
  ['overlayUuidWarning', '5.10.262', 'index', '6.1.192', 'detected'],
  ['overlayUuidWarning', '6.18.9', 'detected', '7.2.12', 'non-single'],
  ['overlayInUserNamespace', '5.10.262', false, '6.1.192', true],
  ['overlayForeignContext', '6.1.192', 'taken', '6.12.57', 'warned'],
  ['overlayForeignContext', '6.12.117', 'EIO', '7.2.12', 'EINVAL'],
  ['overlayNamesOrigin', '6.1.192', true, '6.12.57', false],
  ['ramfsTmpfile', '5.10.262', false, '6.1.192', true],
  ['tmpfsCasefold', '6.12.117', false, '6.16.12', true],
  ['tmpfsUserXattrs', '6.1.192', false, '6.12.57', true],
  ['dataOnlyLowers', '6.1.192', false, '6.12.43', true],
  ['dataOnlyNeedsMetacopy', '6.12.69', true, '6.16.3', false],
  ['fusePassthrough', '6.1.192', false, '6.12.43', true],
  ['loopChecksIterators', '6.1.192', false, '6.12.117', true],
  ['xfsBigTimestamps', '5.10.262', 'experimental', '6.1.192', 'stable'],
] as const;

for (const [behaviour, before, old, since, now] of CHANGES)
  t.test(`${behaviour} is ${String(old)} in ${before} and ${String(now)} in ${since}`, (t) => {
    t.equal(behavioursOf(before)[behaviour], old);
    t.equal(behavioursOf(since)[behaviour], now);
    t.end();
  });

/** As the parameter tables of the sources and the strings of the shipped modules have them. */
const OPTIONS: Readonly<Record<string, string>> = {
  '5.10.262': 'user_xattr acl cache_strategy',
  '6.1.192': 'user_xattr acl cache_strategy dax device fsid domain_id',
  '6.12.117': 'user_xattr acl cache_strategy dax device fsid domain_id directio',
  '6.16.3': 'user_xattr acl cache_strategy dax device fsid domain_id directio fsoffset',
  '6.19.14': 'user_xattr acl cache_strategy dax device fsid domain_id directio fsoffset',
  '7.0.13': 'user_xattr acl cache_strategy dax device fsid domain_id directio fsoffset inode_share',
  '7.1.13': 'user_xattr acl cache_strategy dax device domain_id directio fsoffset inode_share',
  '7.3.4': 'user_xattr acl cache_strategy dax device domain_id directio fsoffset inode_share source',
};

for (const [text, options] of Object.entries(OPTIONS))
  t.test(`erofs of ${text} has the options ${options}`, (t) => {
    t.strictSame([...behavioursOf(text).erofsOptions].sort(), options.split(' ').sort());
    t.end();
  });

/** EROFS_ALL_FEATURE_INCOMPAT of erofs_fs.h. */
const MASKS = { '5.10.262': 0x1, '6.1.192': 0x3f, '6.12.117': 0x7f, '6.16.3': 0xff, '7.2.12': 0x1ff, '7.3.4': 0x1ff };

for (const [text, mask] of Object.entries(MASKS))
  t.test(`erofs of ${text} mounts images with features within 0x${mask.toString(16)}`, (t) => {
    t.equal(behavioursOf(text).erofsIncompat, mask);
    t.end();
  });

t.test('given a configuration, then it decides, and what it does not name is off', (t) => {
  const bare = profileOf({ version: version('6.18.9'), config: new Map() });
  t.match(bare, { name: 'no-stacked-backing', behaviours: { fileBacked: false, dax: false, fusePassthrough: false } });
  t.equal(bare.behaviours.erofsAlgorithms.size, 0);
  t.equal(bare.behaviours.overlayDefaults.alwaysFollow, false);
  const debian = behavioursOf('6.18.9', {});
  t.strictSame([...debian.erofsAlgorithms].sort(), ['deflate', 'lz4', 'lzma', 'zstd']);
  t.strictSame([...debian.erofsIneffectiveOptions].sort(), ['domain_id', 'fsid']);
  t.strictSame(debian, behavioursOf('6.18.9'), 'no configuration is believed to be like Debian’s');
  t.end();
});

t.test('given a name, when the stacking is set, then nothing else changes', (t) => {
  const own = profileOf({ version: version('6.17.13'), config: new Map(Object.entries(DEBIAN)) });
  for (const name of PROFILE_NAMES) {
    const { behaviours, origin, name: is } = withStacking(own, name);
    t.strictSame({ is, origin }, { is: name, origin: 'named by the user' });
    t.strictSame(
      { ...behaviours, erofsStacking: 'counted', fileBacked: true },
      own.behaviours,
      'all but stacking stays',
    );
    t.equal(behaviours.fileBacked, name !== 'no-file-backed');
  }
  t.end();
});

t.test('given a kernel without CONFIG_EROFS_FS_BACKED_BY_FILE, then no name of a profile puts it there', (t) => {
  const own = profileOf({ version: version('6.17.13'), config: new Map() });
  t.equal(withStacking(own, 'unchecked').behaviours.fileBacked, false);
  t.equal(withStacking(profileOf({ version: version('6.1.192') }), 'unchecked').behaviours.fileBacked, true);
  t.end();
});
