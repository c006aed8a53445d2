/** T9, T10, T14: new names in an overlay, and names that go. fs/overlayfs/dir.c */
import { copyUp, endNlink, setImpure, setXattr, startNlink } from './copy-up.ts';
import { attributesOf, hasOrigin, isMerged, lookup, namesOf } from './entry.ts';
import { fail, isFailure, type Failure } from './failure.ts';
import { hexOf } from './hex.ts';
import { createInode, type Inode, type NewInode } from './inode.ts';
import { allowsOfflineChanges, lowerCount, type Negative, type Overlay, type OverlayEntry } from './overlay.ts';
import { setRedirect } from './redirect.ts';
import { isWhiteout } from './whiteout.ts';

/** ovl_create_object: the parent is copied up, the new inode lies in the upper alone. */
export function createInOverlay(
  parent: OverlayEntry,
  name: string,
  before: Negative,
  parts: NewInode,
): Failure | undefined {
  /** T9: a whiteout cannot be made through an overlay. ovl_mknod */
  if (parts.type === 'character' && parts.rdev?.major === 0 && parts.rdev.minor === 0)
    return fail('T9', 'EPERM', 'a character device 0:0 would be a whiteout');
  const failure = copyUp(parent);
  if (failure !== undefined) return failure;
  const { overlay } = parent;
  // dir.c:ovl_set_opaque
  if (parts.type === 'directory' && before.whiteout && overlay.noXattr)
    return fail(
      'T9',
      'EIO',
      'a directory over a whiteout has to be opaque, and the upper keeps no attribute that says so',
    );
  const inode = createInode(parent.upper!.volume, parts);
  if (parts.type === 'directory' && (before.whiteout || isOpaqueWhenNew(parent))) setOpaque(overlay, inode);
  putIntoUpper(parent, name, inode);
  overlay.met.add('T9');
  return undefined;
}

/** ovl_create_upper: an optimisation, left out where lowers may change while nothing is mounted. */
function isOpaqueWhenNew(parent: OverlayEntry): boolean {
  const { behaviours, config } = parent.overlay;
  return isMerged(parent) && (behaviours.overlayOpaqueNewDirs === 'always' || !allowsOfflineChanges(config));
}

export function setOpaque(overlay: Overlay, inode: Inode): void {
  setXattr(overlay, inode, 'opaque', hexOf('y'));
}

/** In the place of what was there, a whiteout say. */
export function putIntoUpper(parent: OverlayEntry, name: string, inode: Inode): void {
  const { entries } = parent.upper!;
  entries.set(name, inode);
  parent.upper!.mtimeNs = undefined;
  parent.children.delete(name);
}

/** ovl_link */
export function linkInOverlay(old: OverlayEntry, parent: OverlayEntry, name: string): Failure | undefined {
  const failure = copyUp(old) ?? copyUp(parent) ?? startNlink(old);
  if (failure !== undefined) return failure;
  if (old.upperMetacopy) {
    const redirected = setRedirect(old, false);
    if (redirected !== undefined) return redirected;
  }
  if (hasOrigin(old)) markImpure(parent, old);
  old.upper!.nlink++;
  putIntoUpper(parent, name, old.upper!);
  endNlink(old);
  return undefined;
}

/** What was copied up from a filesystem without file handles is known to be a copy only until caches are dropped. */
export function markImpure(directory: OverlayEntry, of: OverlayEntry): void {
  const { overlay, upper } = directory;
  const lower = of.lowers[0];
  const forgets =
    upper!.xattrs.get(impureName(overlay)) === undefined &&
    attributesOf(of).type !== 'directory' &&
    lower !== undefined &&
    !(lower.entry.kind === 'inode' && lower.layer.decodes);
  setImpure(directory);
  if (forgets) overlay.uncertain.set(upper!, new Set([impureName(overlay)]));
}

function impureName({ config }: Overlay): string {
  return config.userxattr ? 'user.overlay.impure' : 'trusted.overlay.impure';
}

/** ovl_do_remove: unlink and rmdir. */
export function removeFromOverlay(entry: OverlayEntry): Failure | undefined {
  const parent = entry.parent!;
  const isDirectory = attributesOf(entry).type === 'directory';
  const covers = isLowerPositive(entry);
  if (isDirectory && (covers || !isPureUpper(entry))) {
    const failure = mustBeEmpty(entry);
    if (failure !== undefined) return failure;
  }
  const failure = copyUp(parent) ?? startNlink(entry);
  if (failure !== undefined) return failure;
  if (!covers && isDirectory && isPureUpper(entry) && entry.upper!.entries.size > 0) return notEmpty(entry);
  if (covers) {
    putIntoUpper(parent, entry.name, createWhiteout(parent.overlay));
    entry.overlay.met.add('T10');
  } else dropFromUpper(parent, entry.name);
  if (entry.alias && !isDirectory) entry.upper!.nlink--;
  endNlink(entry);
  return undefined;
}

export function dropFromUpper(parent: OverlayEntry, name: string): void {
  parent.upper!.entries.delete(name);
  parent.upper!.mtimeNs = undefined;
  parent.children.delete(name);
}

/** dir.c:ovl_whiteout: it comes from the workdir. WHITEOUT_MODE is 0. */
export function createWhiteout(overlay: Overlay, gid = 0): Inode {
  return createInode(overlay.upper!.volume, { type: 'character', mode: 0, gid, rdev: { major: 0, minor: 0 } });
}

/** Something below shows again when the upper's name goes. namei.c:ovl_lower_positive */
export function isLowerPositive(entry: OverlayEntry): boolean {
  if (entry.upper === undefined) return true;
  for (const { entry: directory } of entry.parent?.lowers ?? []) {
    const found = lookup(directory, entry.name);
    if (isFailure(found)) return true;
    if (found.kind !== 'negative') return !isWhiteout(entry.overlay, found);
  }
  return false;
}

/** Nothing below, and nothing in it that covers what was below. dir.c:ovl_pure_upper */
export function isPureUpper(entry: OverlayEntry): boolean {
  const { overlay, upper } = entry;
  const name = overlay.config.userxattr ? 'user.overlay.origin' : 'trusted.overlay.origin';
  return lowerCount(entry) === 0 && upper?.xattrs.has(name) !== true;
}

/** readdir.c:ovl_check_empty_dir */
export function mustBeEmpty(entry: OverlayEntry): Failure | undefined {
  return namesOf(entry).length === 0 ? undefined : notEmpty(entry);
}

function notEmpty({ name }: OverlayEntry): Failure {
  return fail('T24', 'ENOTEMPTY', `the directory ${name} is not empty`);
}
