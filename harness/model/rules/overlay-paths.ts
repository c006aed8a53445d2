/** What overlayfs asks of each layer's path. params.c:ovl_mount_dir_check; before 6.5 super.c:ovl_mount_dir */
import type { DirectoryIn } from '../../topology/topology.ts';
import { aboutPath, refuseAloud, refuseParameter, type Attempt, type Place } from './overlay-facts.ts';
import type { Refusal } from './rule.ts';

export type LayerKey = 'lowerdir' | 'lowerdir+' | 'datadir+' | 'upperdir' | 'workdir';

/** OVL_MAX_STACK. */
const MAX_LOWERS = 500;

/** O6. params.c:ovl_parse_param_lowerdir, before 6.5 super.c:ovl_fill_super: before any of the paths is looked up. */
export function tooManyLowers(count: number, { behaviours }: Attempt): Refusal | undefined {
  if (count <= MAX_LOWERS) return undefined;
  const refusal = refuseAloud(
    'O6',
    `${count} lowers, and overlayfs takes ${MAX_LOWERS}`,
    `too many lower directories, limit is ${MAX_LOWERS}`,
  );
  return { ...refusal, errno: behaviours.overlayEarlyErrno };
}

/** A path is looked up and checked, and is the place of a layer, or refused. 6.5 and later. */
export function checkInContext(attempt: Attempt, directory: DirectoryIn, key: LayerKey): Refusal | Place {
  const place = attempt.subject.placeOf(directory);
  return (
    resolved(place) ??
    isDirectory(attempt, place) ??
    casefold(attempt, place) ??
    notWeird(attempt, place) ??
    (key === 'upperdir' || key === 'workdir'
      ? (notOnOverlay(attempt, place, key) ?? writable(attempt, place, key))
      : inItsTurn(attempt, key)) ??
    place
  );
}

/** The same before 6.5: it is asked in another order, and less. super.c:ovl_mount_dir_noesc, ovl_mount_dir */
export function checkInFillSuper(attempt: Attempt, directory: DirectoryIn, key: LayerKey): Refusal | Place {
  const place = attempt.subject.placeOf(directory);
  return (
    resolved(place) ??
    notWeird(attempt, place) ??
    isDirectory(attempt, place) ??
    (key === 'upperdir' || key === 'workdir' ? notOnOverlay(attempt, place, key) : undefined) ??
    place
  );
}

/** O11: kern_path. */
function resolved({ found, directory }: Place): Refusal | undefined {
  if (found !== 'nothing') return undefined;
  const refusal = refuseAloud('O11', `there is no ${directory.path}`, "failed to resolve '.*': -2");
  return { ...refusal, errno: 'ENOENT' };
}

/** O12 */
function isDirectory(attempt: Attempt, { found, directory }: Place): Refusal | undefined {
  return found === 'directory'
    ? undefined
    : aboutPath('O12', attempt, `${directory.path} is no directory`, {
        fillSuper: "'.*' not a directory",
        context: '.* is not a directory',
      });
}

/** O14 and O15: layers that fold case, or could. */
function casefold(attempt: Attempt, { superblock, casefolded, directory }: Place): Refusal | undefined {
  const { overlayCasefold } = attempt.behaviours;
  const refuse = (rule: 'O14' | 'O15', why: string, text: string) =>
    refuseParameter(rule, why, attempt.subject, `overlay: ${text}`);
  if (overlayCasefold === 'capable-refused' && superblock.encoding !== undefined)
    return refuse(
      'O14',
      `${directory.path || 'a layer'} lies on a filesystem whose directories can fold case`,
      'case-insensitive capable filesystem on .* not supported',
    );
  if (overlayCasefold === 'directory-refused' && casefolded)
    return refuse('O14', `${directory.path} folds case`, 'case-insensitive directory on .* not supported');
  if (overlayCasefold !== 'consistent') return undefined;
  attempt.casefolded ??= casefolded;
  return attempt.casefolded === casefolded
    ? undefined
    : refuse(
        'O15',
        `${directory.path} ${casefolded ? 'folds case, and an earlier layer does not' : 'does not fold case, and an earlier layer does'}`,
        `case-${casefolded ? 'in' : ''}sensitive directory on .* is inconsistent`,
      );
}

/** O13. util.c:ovl_dentry_weird */
function notWeird(attempt: Attempt, { weird, directory }: Place): Refusal | undefined {
  return weird
    ? aboutPath('O13', attempt, `${directory.path} has dentries of its own kind`, {
        fillSuper: "filesystem on '.*' not supported",
        context: 'filesystem on .* not supported',
      })
    : undefined;
}

/** O9: DCACHE_OP_REAL. */
function notOnOverlay(attempt: Attempt, place: Place, key: 'upperdir' | 'workdir'): Refusal | undefined {
  return place.superblock.isOverlay
    ? aboutPath('O9', attempt, `the ${key} lies on an overlay, and an overlay cannot be an upper`, {
        fillSuper: "filesystem on '.*' not supported as upperdir",
        context: 'filesystem on .* not supported as upperdir',
      })
    : undefined;
}

/** O10: in the context for both directories; before 6.5 for the upperdir, in super.c:ovl_get_upper. */
export function writable(attempt: Attempt, place: Place, key: 'upperdir' | 'workdir'): Refusal | undefined {
  const { overlayReadOnlyUpper } = attempt.behaviours;
  const readOnly = overlayReadOnlyUpper === 'mount' ? place.readOnly : place.superblock.readOnly;
  return readOnly
    ? aboutPath('O10', attempt, `the ${key} lies on a read-only mount`, {
        fillSuper: 'upper fs is r/o, try multi-lower layers mount',
        context: 'filesystem on .* is read-only',
      })
    : undefined;
}

/** O21, O20, O6: lowers one by one. */
function inItsTurn(attempt: Attempt, key: LayerKey): Refusal | undefined {
  const refuse = (rule: 'O21' | 'O20' | 'O6', why: string, text: string) =>
    refuseParameter(rule, why, attempt.subject, `overlay: ${text}`);
  if (attempt.lowerdirGiven && key !== 'lowerdir')
    return refuse('O21', `${key} after lowerdir`, 'lowerdir\\+ and datadir\\+ cannot follow lowerdir');
  if (attempt.dataOnly > 0 && key === 'lowerdir+')
    return refuse('O20', 'a lower after data-only ones', 'regular lower layers cannot follow data layers');
  return attempt.lowers.length === MAX_LOWERS
    ? refuse('O6', `more than ${MAX_LOWERS} lowers`, `too many lower directories, limit is ${MAX_LOWERS}`)
    : undefined;
}
