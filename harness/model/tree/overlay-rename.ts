/** T11 to T13: renaming in an overlay. fs/overlayfs/dir.c:ovl_rename */
import type { Change } from '../../../vm/machine.ts';
import { copyUp, endNlink, startNlink } from './copy-up.ts';
import { attributesOf, hasOrigin, isMerged } from './entry.ts';
import { fail, type Failure } from './failure.ts';
import type { Inode } from './inode.ts';
import type { Negative, OverlayEntry } from './overlay.ts';
import {
  createWhiteout,
  dropFromUpper,
  isLowerPositive,
  isPureUpper,
  markImpure,
  mustBeEmpty,
  putIntoUpper,
  setOpaque,
} from './overlay-create.ts';
import { setRedirect } from './redirect.ts';

export type RenameFlags = Extract<Change, { how: 'rename' }>['flags'];

export interface RenameTarget {
  readonly parent: OverlayEntry;
  readonly name: string;
  readonly entry: OverlayEntry | Negative;
}

export function renameInOverlay(old: OverlayEntry, target: RenameTarget, flags: RenameFlags): Failure | undefined {
  const exchange = flags.includes('exchange');
  const replaced = target.entry.kind === 'negative' ? undefined : target.entry;
  if (flags.includes('whiteout')) return fail('T13', 'EINVAL', 'an overlay takes no RENAME_WHITEOUT');
  if (!canMove(old) || (exchange && !canMove(replaced!)))
    return fail('T12', 'EXDEV', 'a directory of the lowers is not moved without redirect_dir=on');
  const replacesDirectory = !exchange && replaced !== undefined && isDirectory(replaced);
  if (replacesDirectory && !isPureUpper(replaced)) {
    const failure = mustBeEmpty(replaced);
    if (failure !== undefined) return failure;
  }
  old.overlay.met.add('T11');
  const leavesWhiteout = !exchange && isLowerPositive(old);
  const failure =
    copyUp(old) ??
    copyUp(target.parent) ??
    (exchange ? copyUp(replaced!) : replaced === undefined ? undefined : startNlink(replaced));
  if (failure !== undefined) return failure;
  if (replacesDirectory && isPureUpper(replaced) && replaced.upper!.entries.size > 0)
    return fail('T24', notEmptyErrno(replaced.upper!), 'the directory that would be replaced is not empty');
  const sameDirectory = old.parent === target.parent;
  if (!sameDirectory) {
    if (hasOrigin(old)) markImpure(target.parent, old);
    if (exchange && hasOrigin(replaced!)) markImpure(old.parent!, replaced!);
  }
  const moved = prepare(old, target.parent, sameDirectory);
  if (moved !== undefined) return moved;
  if (exchange) return swap(old, replaced!, sameDirectory);
  const { parent, name, upper } = { parent: old.parent!, name: old.name, upper: old.upper! };
  const whiteout = leavesWhiteout ? whiteoutLeft(parent, target) : undefined;
  dropFromUpper(parent, name);
  if (whiteout !== undefined) putIntoUpper(parent, name, whiteout);
  putIntoUpper(target.parent, target.name, upper);
  if (replaced !== undefined) {
    if (replaced.alias && !isDirectory(replaced)) replaced.upper!.nlink--;
    endNlink(replaced);
  }
  return undefined;
}

/**
 * One that is replaced changes places; else the filesystem makes one, in the manner of the directory: XFS of that where
 * the entry goes to. fs/xfs/xfs_inode.c:xfs_rename_alloc_whiteout
 */
function whiteoutLeft(parent: OverlayEntry, target: RenameTarget): Inode {
  const replaced = target.parent.upper!.entries.get(target.name);
  if (target.entry.kind === 'negative' && target.entry.whiteout && replaced !== undefined) return replaced;
  const upper = parent.upper!;
  const like = upper.volume.filesystem === 'xfs' ? target.parent.upper! : upper;
  return createWhiteout(parent.overlay, (like.mode & 0o2000) === 0 ? 0 : like.gid);
}

function swap(old: OverlayEntry, replaced: OverlayEntry, sameDirectory: boolean): Failure | undefined {
  const failure = prepare(replaced, old.parent!, sameDirectory);
  if (failure !== undefined) return failure;
  const { upper } = old;
  putIntoUpper(old.parent!, old.name, replaced.upper!);
  putIntoUpper(replaced.parent!, replaced.name, upper!);
  return undefined;
}

/** What moves keeps its lowers by a redirect, or keeps those of its new place out. */
function prepare(entry: OverlayEntry, into: OverlayEntry, sameDirectory: boolean): Failure | undefined {
  if (isMerged(entry)) return setRedirect(entry, sameDirectory);
  if (!isDirectory(entry) || entry.opaque || !isMerged(into)) return undefined;
  // dir.c:ovl_set_opaque_xerr
  if (entry.overlay.noXattr) return fail('T12', 'EXDEV', 'the upper keeps no attribute that says opaque');
  setOpaque(entry.overlay, entry.upper!);
  return undefined;
}

/** ovl_can_move */
function canMove(entry: OverlayEntry): boolean {
  return (
    entry.overlay.config.redirect === 'on' || !isDirectory(entry) || !(isMerged(entry) || entry.upper === undefined)
  );
}

function isDirectory(entry: OverlayEntry): boolean {
  return attributesOf(entry).type === 'directory';
}

/** T24: XFS has its own word for it. fs/xfs/xfs_inode.c:xfs_rename */
export function notEmptyErrno({ volume }: Inode): 'EEXIST' | 'ENOTEMPTY' {
  return volume.filesystem === 'xfs' ? 'EEXIST' : 'ENOTEMPTY';
}
