/** When overlayfs learnt what, by version; distributions backport. */
import type { Behaviours } from './behaviour.ts';
import { isSince, type Version } from './version.ts';

/** Options that came after 5.10, and with which kernel. */
const OPTIONS: Readonly<Record<string, string>> = {
  uuid: '5.11',
  userxattr: '5.11',
  verity: '6.6',
  'lowerdir+': '6.7',
  'datadir+': '6.7',
  override_creds: '6.15',
};

const FROM_THE_START = [
  ...['lowerdir', 'upperdir', 'workdir', 'default_permissions', 'volatile'],
  ...['redirect_dir', 'index', 'nfs_export', 'metacopy', 'xino'],
];

export function overlayHistory(version: Version) {
  const later = Object.entries(OPTIONS).filter(([, since]) => isSince(version, since));
  return {
    overlayOptionNames: new Set([
      ...FROM_THE_START,
      ...later.map(([name]) => name),
      ...(hasFsync(version) ? ['fsync'] : []),
    ]),
    overlayLayerDescriptors: isSince(version, '6.14'),
    overlayTrailingBackslash: isSince(version, '7.3') ? 'refused' : 'ignored',
    overlayReadOnlyUpper: isSince(version, '5.11') ? 'mount' : 'superblock',
    overlayCasefold: casefoldOf(version),
    overlayVerity: isSince(version, '6.16') ? 'independent' : 'needs-metacopy',
    overlayAsksForTrust: isSince(version, '6.12'),
    overlayXattrFallback: xattrFallbackOf(version),
    overlayUuidWarning: uuidWarningOf(version),
    overlayNamesOrigin: !isSince(version, '6.12'),
    overlayInUserNamespace: isSince(version, '5.11'),
    overlayForeignContext: foreignContextOf(version),
  } as const satisfies Partial<Behaviours>;
}

/** Stable releases that took the option. */
const FSYNC_SINCE: Readonly<Record<string, number>> = { '6.12': 94, '6.18': 44, '6.19': 14 };

/** Seen in 7.0 and, by way of stable, in 6.12.117, 6.18.44 and 6.19.14; not in 6.12.57, 6.16, 6.17, 6.18.9, nor in 6.19.6. */
function hasFsync(version: Version): boolean {
  const { major, minor, patch } = version;
  const since = FSYNC_SINCE[`${major}.${minor}`];
  return isSince(version, '7.0') || (since !== undefined && patch >= since);
}

/** The messages of overlay.ko: 6.12 to 6.16, 6.17, 6.18 on. */
function casefoldOf(version: Version): Behaviours['overlayCasefold'] {
  if (isSince(version, '6.18')) return 'consistent';
  if (isSince(version, '6.17')) return 'directory-refused';
  return isSince(version, '6.12') ? 'capable-refused' : 'by-dentry';
}

/** Seen: EINVAL in 7.2 and 7.3, EIO alone in 7.1 and, by way of stable, 6.12.117; with a WARNING in 6.12.57 and 6.16 to 7.0. */
function foreignContextOf(version: Version): Behaviours['overlayForeignContext'] {
  const { major, minor, patch } = version;
  if (isSince(version, '7.2')) return 'EINVAL';
  if (isSince(version, '7.1') || (major === 6 && minor === 12 && patch >= 94)) return 'EIO';
  return isSince(version, '6.5') ? 'warned' : 'taken';
}

function xattrFallbackOf(version: Version): Behaviours['overlayXattrFallback'] {
  if (isSince(version, '6.6')) return 'each';
  return isSince(version, '5.11') ? 'joint' : 'at-once';
}

function uuidWarningOf(version: Version): Behaviours['overlayUuidWarning'] {
  if (isSince(version, '7.0')) return 'non-single';
  return isSince(version, '5.11') ? 'detected' : 'index';
}
