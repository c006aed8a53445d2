/**
 * What erofs was like in each release, as data. Seen in the sources of 5.10.262, 6.1.192, 6.12.117, 7.2.12, 7.3.4 and
 * in the strings of erofs.ko of 6.12.43, 6.16.3, 6.17.8, 6.17.13, 6.18.5, 6.18.9, 6.19.14, 7.0.13 and 7.1.13; releases
 * between two of these follow the upstream history.
 */
import type { Behaviours, ErofsAlgorithm } from './behaviour.ts';
import { isSince, type Version } from './version.ts';

/**
 * Patch releases at which stacking changed, per stable series; before the first it is `unchecked`.
 * counted: d53cd891f0e4 and its backports; mended: 072a7c7cdbea with 7893cc12251f, always in one stable release.
 */
const STACKING_CHANGES: Readonly<Record<string, { readonly counted: number; readonly mended?: number }>> = {
  '6.12': { counted: 63, mended: 66 },
  '6.17': { counted: 13 },
  '6.18': { counted: 2, mended: 6 },
};

/** States N, A, B and D of the facts; C was in mainline only, between two release candidates of 6.19. */
export function erofsStackingOf(version: Version): Behaviours['erofsStacking'] {
  if (!isSince(version, '6.12')) return 'no-file-backed';
  const changes = STACKING_CHANGES[`${version.major}.${version.minor}`];
  if (changes !== undefined) {
    if (version.patch < changes.counted) return 'unchecked';
    return changes.mended !== undefined && version.patch >= changes.mended ? 'no-stacked-backing' : 'counted';
  }
  if (!isSince(version, '6.19')) return 'unchecked';
  const isEarly619 = !isSince(version, '7.0') && version.rc !== undefined && version.rc <= 4;
  return isEarly619 ? 'counted' : 'no-stacked-backing';
}

/**
 * Stable releases in which a short read of the backing file became EIO. Seen: 6.12.74 and 6.18.15 believe it, 6.12.85 and
 * 6.19.14 do not, nor 6.19.10 yet.
 */
const SHORT_READS_FAIL: Readonly<Record<string, number>> = { '6.12': 85, '6.18': 16, '6.19': 14 };

/** Of file-backed mounts: rule I9. */
export function erofsShortReadsOf(version: Version): Behaviours['erofsShortReads'] {
  const since = SHORT_READS_FAIL[`${version.major}.${version.minor}`];
  return isSince(version, '7.0') || (since !== undefined && version.patch >= since) ? 'EIO' : 'believed';
}

/** Option → the first series that has it and, where it is gone, the first that has it no more. */
const OPTIONS: Readonly<Record<string, readonly [since: string, until?: string]>> = {
  user_xattr: ['4.19'],
  acl: ['4.19'],
  cache_strategy: ['5.4'],
  dax: ['5.15'],
  device: ['5.16'],
  fsid: ['5.19', '7.1'],
  domain_id: ['6.1'],
  directio: ['6.12'],
  fsoffset: ['6.16'],
  inode_share: ['7.0'],
  source: ['7.3'],
};

/** Names in `erofs_fs_parameters`, without the `no` of negatable flags. */
export function erofsOptionsOf(version: Version): ReadonlySet<string> {
  const known = Object.entries(OPTIONS).filter(
    ([, [since, until]]) => isSince(version, since) && (until === undefined || !isSince(version, until)),
  );
  return new Set(known.map(([name]) => name));
}

/** Bits of feature_incompat, by the series in which each came (erofs_fs.h). */
export const INCOMPAT = {
  zeroPadding: 0x01,
  comprCfgs: 0x02,
  chunkedFile: 0x04,
  deviceTable: 0x08,
  ztailpacking: 0x10,
  fragmentsOrDedupe: 0x20,
  xattrPrefixes: 0x40,
  bit48: 0x80,
  metabox: 0x100,
} as const;

const INCOMPAT_SINCE: Readonly<Record<keyof typeof INCOMPAT, string>> = {
  zeroPadding: '5.4',
  comprCfgs: '5.13',
  chunkedFile: '5.15',
  deviceTable: '5.16',
  ztailpacking: '5.17',
  fragmentsOrDedupe: '6.1',
  xattrPrefixes: '6.4',
  bit48: '6.15',
  metabox: '6.17',
};

/** EROFS_ALL_FEATURE_INCOMPAT. */
export function erofsIncompatOf(version: Version): number {
  const names = Object.keys(INCOMPAT) as (keyof typeof INCOMPAT)[];
  return names
    .filter((name) => isSince(version, INCOMPAT_SINCE[name]))
    .reduce((mask, name) => mask | INCOMPAT[name], 0);
}

/** Algorithm → the series in which it came, and the option that builds it. */
const ALGORITHMS: Readonly<Record<ErofsAlgorithm, { readonly since: string; readonly config: string }>> = {
  lz4: { since: '5.4', config: 'EROFS_FS_ZIP' },
  lzma: { since: '5.16', config: 'EROFS_FS_ZIP_LZMA' },
  deflate: { since: '6.6', config: 'EROFS_FS_ZIP_DEFLATE' },
  zstd: { since: '6.10', config: 'EROFS_FS_ZIP_ZSTD' },
};

/** Algorithms that this kernel decompresses; none without CONFIG_EROFS_FS_ZIP. */
export function erofsAlgorithmsOf(version: Version, isOn: (option: string) => boolean): ReadonlySet<ErofsAlgorithm> {
  if (!isOn('EROFS_FS_ZIP')) return new Set();
  const names = Object.keys(ALGORITHMS) as ErofsAlgorithm[];
  return new Set(names.filter((name) => isSince(version, ALGORITHMS[name].since) && isOn(ALGORITHMS[name].config)));
}

/** Seen: 6.16.3 says it as an error, 6.16.12 as a note. */
export function erofsDaxFallbackOf(version: Version): 'error' | 'note' {
  return isSince(version, '6.17') || (isSince(version, '6.16') && version.patch >= 12) ? 'note' : 'error';
}
