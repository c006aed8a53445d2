/** The lowers of an overlay: how many, how deep, and against each other. super.c:ovl_get_lowerstack, ovl_get_layers */
import { depthChain } from '../depth.ts';
import { refuseAloud, say, type Attempt, type Place, type Stage } from './overlay-facts.ts';
import { elementsOf } from './overlay-lowerdir.ts';
import { checkInFillSuper, tooManyLowers } from './overlay-paths.ts';
import { notInUse } from './overlay-upper.ts';
import type { Superblock } from '../superblock.ts';
import { isRefusal } from './rule.ts';
import { allowsOfflineChanges } from '../tree/overlay.ts';

/** D2: one more than the deepest of upper and all lowers; data-only ones count too, the workdir does not. */
export function overlayDepth({ lowers, upper }: Pick<Attempt, 'lowers' | 'upper'>): number {
  const layers = upper === undefined ? lowers : [...lowers, upper];
  return Math.max(0, ...layers.map(({ superblock }) => superblock.depth)) + 1;
}

/** O3: super.c:ovl_fill_super */
export const hasLower: Stage = ({ lowers, given, behaviours }) =>
  (behaviours.overlayOptions === 'context' ? lowers.length === 0 : given.lowerdir === undefined)
    ? refuseAloud('O3', 'there is no lowerdir', "missing 'lowerdir'")
    : undefined;

/** O6, before 6.5: super.c:ovl_fill_super */
export const notTooManyLowers: Stage = (attempt) =>
  tooManyLowers(elementsOf(attempt.given.lowerdir ?? []).length, attempt);

/** O1: super.c:ovl_get_lowerstack. Data-only lowers count as lowers. */
export const enoughLowers: Stage = ({ given, lowers, upper, behaviours }) => {
  const count = behaviours.overlayOptions === 'context' ? lowers.length : elementsOf(given.lowerdir ?? []).length;
  return upper === undefined && count === 1
    ? refuseAloud(
        'O1',
        'one lower and no upper: a read-only overlay needs two lowers',
        'at least 2 lowerdir are needed while upperdir nonexistent',
      )
    : undefined;
};

/** O2: super.c:ovl_get_lowerstack */
export const someLowerIsMerged: Stage = ({ lowers, dataOnly }) =>
  lowers.length === dataOnly
    ? refuseAloud('O2', 'all lowers are data-only', 'at least one non-data lowerdir is required')
    : undefined;

/** O16, O11, O13, O12 of each lower, before 6.5. super.c:ovl_lower_dir, ovl_mount_dir_noesc */
export const lowerPaths: Stage = (attempt) => {
  for (const element of elementsOf(attempt.given.lowerdir ?? [])) {
    if (element === undefined)
      return refuseAloud('O16', 'there is nothing between two colons of lowerdir', 'empty lowerdir');
    const place = checkInFillSuper(attempt, element, 'lowerdir');
    if (isRefusal(place)) return place;
    attempt.lowers.push(place);
  }
  return undefined;
};

/** D3: super.c:ovl_get_lowerstack. D4: upper and workdir have been set up by then, so `work` is left behind. */
export const depthWithinLimit: Stage = (attempt) => {
  const { maxStackDepth, erofsStacking } = attempt.behaviours;
  const depth = overlayDepth(attempt);
  if (depth <= maxStackDepth) return undefined;
  if (attempt.lowers.some(({ superblock }) => superblock.type === 'proc'))
    return refuseAloud(
      'D3',
      `depth ${depth} > ${maxStackDepth}: procfs is as deep as can be`,
      'maximum fs stacking depth exceeded',
    );
  const chain = depthChain(attempt.subject.mount, depth, attempt.subject.depthOf);
  const counted = erofsStacking === 'counted' && chain.includes('erofs[file]') ? ', counted since d53cd891f0e4' : '';
  return refuseAloud(
    'D3',
    `depth ${depth} > ${maxStackDepth}: ${chain}${counted}`,
    'maximum fs stacking depth exceeded',
  );
};

/** O39, O33, O32, O38, O15, lower by lower. super.c:ovl_get_layers */
export const layersFit: Stage = (attempt) => {
  const { lowers, upper, work, dataOnly } = attempt;
  const encoding = attempt.casefolded === true ? (upper ?? lowers[0])?.superblock.encoding : undefined;
  if (encoding === 'utf8-strict')
    return refuseAloud('O15', 'the layers fold case strictly', 'strict encoding not supported');
  const roots = new Set([upper, work].flatMap((place) => (place === undefined ? [] : [place.key])));
  const before = new Set<Superblock>();
  for (const [index, lower] of lowers.entries()) {
    if (index < lowers.length - dataOnly) uuidOk(attempt, before, lower);
    before.add(lower.superblock);
    if (roots.has(lower.key))
      return {
        ...refuseAloud('O33', `${lower.directory.path} is two layers`, 'conflicting lowerdir path'),
        errno: 'ELOOP',
      };
    roots.add(lower.key);
    const inUse = notInUse(attempt, lower, 'lowerdir');
    if (inUse !== undefined) return inUse;
    if (lower.unbindable) return refuseAloud('O38', 'a lower lies on an unbindable mount', 'failed to clone lowerpath');
    if (attempt.casefolded === true && lower.superblock.encoding !== encoding)
      return refuseAloud('O15', 'layers fold case differently', 'all layers must have the same encoding');
  }
  return undefined;
};

/**
 * O39: with an index, NFS export or xino=auto, a UUID that is not one filesystem's alone brings a warning.
 * super.c:ovl_get_fsid, ovl_lower_uuid_ok: a null one is one filesystem's alone where nothing but this mount may change
 * the layers. What has no file handles is warned of before: super.c:ovl_lower_dir
 */
function uuidOk(attempt: Attempt, before: ReadonlySet<Superblock>, lower: Place): void {
  const { config, upper, behaviours } = attempt;
  const asks =
    config.index || config.nfsExport || (config.xino === 'auto' && behaviours.overlayUuidWarning !== 'index');
  if (!asks || (upper === undefined && !config.nfsExport)) return;
  if (before.has(lower.superblock) || upper?.superblock === lower.superblock) return;
  const { uuid } = lower.superblock;
  if (uuid === undefined) return;
  const isTaken = [...before].some((other) => other.uuid === uuid);
  if (!isTaken && !(uuid === null && allowsOfflineChanges(config))) return;
  const where = behaviours.overlayUuidWarning === 'non-single' ? 'in non-single' : 'detected in';
  const off = behaviours.overlayUuidWarning === 'index' ? '' : `xino=${config.xino === 'auto' ? 'off' : config.xino},`;
  const what = uuid === null ? 'null' : 'conflicting';
  say(attempt, 'O39', `${what} uuid ${where} lower fs '.*', falling back to ${off}index=off,nfs_export=off\\.`);
  config.index = false;
  config.nfsExport = false;
  if (config.xino === 'auto') config.xino = 'off';
}

/** O39's like: layers without file handles. super.c:ovl_lower_dir, ovl_make_workdir, ovl_fill_super */
export const fileHandles: Stage = (attempt) => {
  const { index, nfsExport, xino } = attempt.config;
  if (!index && !nfsExport && xino !== 'auto') return undefined;
  // Of a disk or an image it is known whether it has a UUID: uuidOk says when that is told.
  const isUnsure = attempt.lowers.some(({ superblock }) => superblock.uuid === undefined);
  for (const text of [
    "(?:fs on '.*'|upper fs) does not support file handles, falling back to [a-z_=,]+\\.",
    ...(isUnsure ? ["null uuid (?:detected in|in non-single) lower fs '.*', falling back to [a-z_=,]+\\."] : []),
    'NFS export (?:requires|is not supported with) .+, falling back to nfs_export=off\\.',
  ])
    say(attempt, 'O39', text, 'possible');
  const layers = attempt.upper === undefined ? attempt.lowers : [...attempt.lowers, attempt.upper];
  if (layers.some(({ superblock }) => !superblock.hasFileHandles)) {
    attempt.config.index = false;
    attempt.config.nfsExport = false;
  }
  return undefined;
};

/** O35: the upper root has been used with another lower root. super.c:ovl_get_indexdir */
export const originIsLower: Stage = (attempt) => {
  const { config, upper, lowers, subject } = attempt;
  if (!config.index || upper === undefined) return undefined;
  const origin = subject.earlier.originOf(upper.key);
  if (origin !== undefined && origin !== lowers[0]!.key) {
    if (attempt.behaviours.overlayNamesOrigin)
      say(attempt, 'O35', 'failed to verify origin \\(.*, ino=\\d+, err=-116\\)');
    return {
      ...refuseAloud(
        'O35',
        'index=on, and the upperdir was used with another lower',
        'failed to verify upper root origin',
      ),
      errno: 'ESTALE',
    };
  }
  attempt.origin = origin === undefined ? 'written' : 'verified';
  attempt.inWork.add('index');
  return undefined;
};

/** O34, O32: no layer lies within another, nor in the upperdir or workdir of any overlay. super.c:ovl_check_layer */
export const layersApart: Stage = (attempt) => {
  const { upper, work, lowers } = attempt;
  const layers = [upper, work, ...lowers].filter((place) => place !== undefined);
  const roots = new Set(layers.map(({ key }) => key));
  for (const layer of layers) {
    const isLower = layer !== upper && layer !== work;
    for (const ancestor of ancestorsOf(layer.key)) {
      if (isLower && roots.has(ancestor))
        return {
          ...refuseAloud('O34', `${layer.directory.path} lies within another layer`, 'overlapping lowerdir path'),
          errno: 'ELOOP',
        };
      const what = isLower ? 'lowerdir' : layer === upper ? 'upperdir' : 'workdir';
      const inUse = notInUse(attempt, { key: ancestor }, what);
      if (inUse !== undefined) return inUse;
    }
  }
  return undefined;
};

/** From the parent up to the root of the superblock: `0:/a/b/` has `0:/a/` and `0:/`. */
function ancestorsOf(key: string): readonly string[] {
  const ancestors: string[] = [];
  for (let at = key.lastIndexOf('/', key.length - 2); at >= 0; at = key.lastIndexOf('/', at - 1))
    ancestors.push(key.slice(0, at + 1));
  return ancestors;
}
