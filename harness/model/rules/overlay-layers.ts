/** Layers of an overlay: paths, upper and work, lowers, depth. fs/overlayfs/super.c, params.c */
import type { DirectoryIn, Mount } from '../../topology/topology.ts';
import { depthChain } from '../depth.ts';
import { aboutPath, refuseAloud, type OverlaySubject } from './overlay-facts.ts';
import { logged, type Check } from './rule.ts';

/**
 * D2: one more than the deepest of upper and all lowers; data-only lowers count too, the workdir does not.
 * super.c:ovl_fill_super, ovl_get_lowerstack
 */
export function overlayDepth({ mount, superblockOf }: Pick<OverlaySubject, 'mount' | 'superblockOf'>): number {
  const layers = allLowers(mount).map((layer) => layer.on);
  if (mount.upper !== undefined) layers.push(mount.upper.on);
  return Math.max(0, ...layers.map((layer) => superblockOf(layer).depth)) + 1;
}

/** D3: super.c:ovl_get_lowerstack. D4: upper and workdir have been set up by then, so `work` is left behind. */
export const depthWithinLimit: Check<OverlaySubject> = (subject, { maxStackDepth, erofsStacking }) => {
  const depth = overlayDepth(subject);
  if (depth <= maxStackDepth) return undefined;
  const chain = depthChain(subject.mount, depth, subject.depthOf);
  const counted = erofsStacking === 'counted' && chain.includes('erofs[file]') ? ', counted since d53cd891f0e4' : '';
  return refuseAloud(
    'D3',
    `depth ${depth} > ${maxStackDepth}: ${chain}${counted}`,
    'maximum fs stacking depth exceeded',
  );
};

/** O1: super.c:ovl_get_lowerstack. Data-only lowers count as lowers. */
export const enoughLowers: Check<OverlaySubject> = ({ mount }) =>
  mount.upper === undefined && mount.lowers.length === 1 && mount.dataOnly.length === 0
    ? refuseAloud(
        'O1',
        'one lower and no upper: a read-only overlay needs two lowers',
        'at least 2 lowerdir are needed while upperdir nonexistent',
      )
    : undefined;

/** O3: super.c:ovl_fill_super */
export const hasLower: Check<OverlaySubject> = ({ mount }) =>
  allLowers(mount).length === 0 ? refuseAloud('O3', 'there is no lowerdir', "missing 'lowerdir'") : undefined;

/** O4: super.c:ovl_fill_super */
export const hasWork: Check<OverlaySubject> = ({ mount }, { overlayNoWorkdirErrno: errno }) =>
  mount.upper?.withoutWork === true
    ? { ...refuseAloud('O4', 'there is an upperdir and no workdir', "missing 'workdir'"), errno }
    : undefined;

/** O7: super.c:ovl_get_workdir */
export const workOnUpperMount: Check<OverlaySubject> = ({ mount: { upper } }) =>
  upper !== undefined && workMount(upper) !== upper.on
    ? refuseAloud(
        'O7',
        'upperdir and workdir lie on different mounts',
        'workdir and upperdir must reside under the same mount',
      )
    : undefined;

type Upper = NonNullable<OverlaySubject['mount']['upper']>;

function workMount({ on, workOn = on }: Upper): Mount {
  return workOn;
}

/** O9: DCACHE_OP_REAL. super.c:ovl_mount_dir (before 6.5), params.c:ovl_mount_dir_check */
function notOnOverlay(kind: 'upper' | 'work'): Check<OverlaySubject> {
  return (subject, behaviours) => {
    const place = placeOf(subject, kind);
    if (place === undefined || !subject.superblockOf(place).isOverlay) return undefined;
    const message = aboutPath('O9', subject, behaviours, {
      fillSuper: "filesystem on '.*' not supported as upperdir",
      context: 'filesystem on .* not supported as upperdir',
    });
    const why = `the ${kind}dir lies on an overlay, and an overlay cannot be an upper`;
    return { rule: 'O9', errno: 'EINVAL', messages: [message], why };
  };
}

export const upperNotOnOverlay = notOnOverlay('upper');
export const workNotOnOverlay = notOnOverlay('work');

/** O10: super.c:ovl_get_upper (before 6.5, the upperdir only), params.c:ovl_mount_dir_check */
function onWritable(kind: 'upper' | 'work'): Check<OverlaySubject> {
  return (subject, behaviours) => {
    const place = placeOf(subject, kind);
    if (place === undefined || !subject.superblockOf(place).readOnly) return undefined;
    const message = aboutPath('O10', subject, behaviours, {
      fillSuper: 'upper fs is r/o, try multi-lower layers mount',
      context: 'filesystem on .* is read-only',
    });
    return { rule: 'O10', errno: 'EINVAL', messages: [message], why: `the ${kind}dir lies on a read-only mount` };
  };
}

export const upperWritable = onWritable('upper');
export const workWritable = onWritable('work');

function placeOf({ mount: { upper } }: OverlaySubject, kind: 'upper' | 'work'): Mount | undefined {
  if (upper === undefined || (kind === 'work' && upper.withoutWork === true)) return undefined;
  return kind === 'upper' ? upper.on : workMount(upper);
}

/** O16: before data-only lowers there is nothing between `::`. super.c:ovl_mount_dir_noesc */
export const lowersNotEmpty: Check<OverlaySubject> = ({ mount }, { dataOnlyLowers }) =>
  mount.dataOnly.length > 0 && !dataOnlyLowers
    ? refuseAloud('O16', 'this kernel knows no data-only lowers: `::` is an empty lowerdir', 'empty lowerdir')
    : undefined;

/** O17: `lowerdir=::/data`, so O2 is never reached. params.c:ovl_parse_param_lowerdir */
export const dataFollowsLower: Check<OverlaySubject> = ({ mount }) =>
  mount.lowers.length === 0 && mount.dataOnly.length > 0
    ? refuseAloud('O17', 'all lowers are data-only: lowerdir begins with a colon', 'cannot append lower layer')
    : undefined;

/** O29: eCryptfs is remote (d_revalidate) and has no RENAME_WHITEOUT. super.c:ovl_make_workdir. O28 is what it warns. */
export const upperFeatures: Check<OverlaySubject> = (subject) => {
  const upper = subject.mount.upper;
  if (upper === undefined || subject.superblockOf(upper.on).type !== 'ecryptfs') return undefined;
  const refusal = refuseAloud(
    'O29',
    'the upperdir lies on eCryptfs, which knows no whiteouts',
    'upper fs missing required features\\.',
  );
  const warned = logged('O28', /^overlayfs: upper fs does not support (?:tmpfile|RENAME_WHITEOUT)\.$/, 'possible');
  return { ...refusal, messages: [warned, ...refusal.messages] };
};

/** O33: one directory is two layers. super.c:ovl_setup_trap */
export const layersDistinct: Check<OverlaySubject> = (subject) =>
  pairsOfLowers(subject).some(([a, b]) => a === b)
    ? { ...refuseAloud('O33', 'a directory is two lowers', 'conflicting lowerdir path'), errno: 'ELOOP' }
    : undefined;

/** O34: a lower within another. super.c:ovl_check_overlapping_layers */
export const layersApart: Check<OverlaySubject> = (subject) =>
  pairsOfLowers(subject).some(([a, b]) => a.startsWith(b))
    ? { ...refuseAloud('O34', 'a lower lies within another', 'overlapping lowerdir path'), errno: 'ELOOP' }
    : undefined;

/** Ordered pairs of lowers of one superblock, as paths that end in a slash. */
function pairsOfLowers({ mount, superblockOf }: OverlaySubject): readonly (readonly [string, string])[] {
  const lowers = allLowers(mount).map(({ on, path }) => ({
    on: superblockOf(on),
    path: ['', ...path.split('/').filter((part) => part !== ''), ''].join('/'),
  }));
  return lowers.flatMap((a, i) =>
    lowers.flatMap((b, j) => (i !== j && a.on === b.on ? [[a.path, b.path] as const] : [])),
  );
}

function allLowers({ lowers, dataOnly }: OverlaySubject['mount']): readonly DirectoryIn[] {
  return [...lowers, ...dataOnly];
}
