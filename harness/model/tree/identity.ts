/** T17: st_dev and st_ino, by names. fs/overlayfs/inode.c:ovl_getattr, ovl_map_dev_ino */
import { attributesOf, hasOrigin } from './entry.ts';
import type { Entry, OverlayEntry } from './overlay.ts';

/**
 * Names for numbers that only the kernel knows. Two entries of one `device` have the same st_dev, of two devices they
 * have different ones. On one device one `inode` has one st_ino, in every listing of a run; two inodes have two in one
 * listing (what is removed gives its number on). Undefined: the model does not say.
 */
export interface Identity {
  readonly device: string | undefined;
  readonly inode: string | undefined;
}

export function identityOf(entry: Entry): Identity {
  if (entry.kind === 'inode') return { device: entry.volume.id, inode: `${entry.volume.id}#${entry.number}` };
  const { overlay } = entry;
  overlay.met.add('T17');
  if (isForgetful(entry)) return { device: undefined, inode: undefined };
  const isDirectory = attributesOf(entry).type === 'directory';
  const { inode, fsid } = realIdentity(entry, isDirectory);
  switch (overlay.xino) {
    case 'same-fs':
      return { device: overlay.id, inode };
    case 'bits':
      return { device: overlay.id, inode: inode === undefined || fsid === 0 ? inode : `${inode}@${fsid}` };
    case 'none':
      // A directory's is given out as it is looked up, and lasts as long as it is cached.
      return isDirectory
        ? { device: overlay.id, inode: undefined }
        : { device: fsid === undefined ? undefined : `${overlay.id}/${fsid}`, inode };
  }
  return overlay.xino satisfies never;
}

/**
 * Of what cannot carry the attribute origin, a copy-up keeps the numbers of the lower one for as long as it is cached,
 * and no longer.
 */
function isForgetful({ overlay, upper, lowers }: OverlayEntry): boolean {
  return upper !== undefined && lowers.length === 0 && overlay.config.userxattr && upper.type === 'symlink';
}

interface RealIdentity {
  readonly inode: string | undefined;
  readonly fsid: number | undefined;
}

/** Whose number it is: that of the copy-up origin where that is known and has one name, else of the real inode. */
function realIdentity(entry: OverlayEntry, isDirectory: boolean): RealIdentity {
  const { overlay, upper, lowers, indexed } = entry;
  const lower = lowers[0];
  if (lower !== undefined && (upper === undefined || followsOrigin(entry, isDirectory))) {
    const known = upper === undefined || isDirectory || lower.layer.decodes;
    return known
      ? { inode: numberOf(lower.entry, overlay.xino === 'bits'), fsid: lower.layer.fsid }
      : { inode: undefined, fsid: undefined };
  }
  return { inode: upper === undefined || indexed ? undefined : identityOf(upper).inode, fsid: 0 };
}

function followsOrigin(entry: OverlayEntry, isDirectory: boolean): boolean {
  const { config, xino } = entry.overlay;
  if ((isDirectory && xino === 'none') || !hasOrigin(entry)) return false;
  if (entry.indexed) return true;
  const single = isDirectory || attributesOf(entry.lowers[0]!.entry).nlink === 1;
  return !(config.nfsExport && config.index) && single;
}

/** Of a layer that is an overlay itself, numbers are its own only where it has one st_dev, and none is too large. */
function numberOf(entry: Entry, needsHighBits: boolean): string | undefined {
  if (entry.kind === 'inode') return identityOf(entry).inode;
  const { xino } = entry.overlay;
  return xino === 'none' || (xino === 'bits' && needsHighBits) ? undefined : identityOf(entry).inode;
}
