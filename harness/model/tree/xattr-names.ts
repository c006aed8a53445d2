/** T16: which attributes an overlay keeps for itself. fs/overlayfs/xattrs.c, before 6.7 super.c and inode.c */
import { xattrPrefix, type Overlay } from './overlay.ts';

const ESCAPE = 'overlay.';

/** Its own, not to be shown and not to be copied up. ovl_is_private_xattr */
export function isPrivate(overlay: Overlay, name: string): boolean {
  return isOwn(overlay, name) && !isEscaped(overlay, name);
}

/** Of an overlay's own namespace. ovl_is_own_xattr */
export function isOwn(overlay: Overlay, name: string): boolean {
  return name.startsWith(xattrPrefix(overlay));
}

/** An attribute of an overlay above this one, as it is stored: trusted.overlay.overlay.NAME. */
function isEscaped(overlay: Overlay, name: string): boolean {
  return overlay.behaviours.overlayXattrEscapes && name.startsWith(`${xattrPrefix(overlay)}${ESCAPE}`);
}

/** As listxattr(2) shows a stored name. ovl_listxattr */
export function shownName(overlay: Overlay, stored: string): string {
  const prefix = xattrPrefix(overlay);
  return isEscaped(overlay, stored) ? `${prefix}${stored.slice(prefix.length + ESCAPE.length)}` : stored;
}

/** As a name that a caller gives is stored; undefined where there is no such thing. ovl_own_xattr_get */
export function storedName(overlay: Overlay, shown: string): string | undefined {
  if (!isOwn(overlay, shown)) return shown;
  const prefix = xattrPrefix(overlay);
  return overlay.behaviours.overlayXattrEscapes ? `${prefix}${ESCAPE}${shown.slice(prefix.length)}` : undefined;
}
