/** T2: what hides a name of the layers below. fs/overlayfs/util.c:ovl_path_is_whiteout */
import { attributesOf, fileSizeOf, xattrOf } from './entry.ts';
import type { Failure } from './failure.ts';
import { isWhiteoutDevice } from './inode.ts';
import { xattrPrefix, type Entry, type Negative, type Overlay } from './overlay.ts';

/** A character device 0:0, or an empty file with the attribute whiteout where the kernel knows that. */
export function isWhiteout(overlay: Overlay, entry: Entry): boolean {
  const attributes = attributesOf(entry);
  if (isWhiteoutDevice(attributes)) return true;
  return (
    overlay.behaviours.overlayXattrWhiteouts &&
    attributes.type === 'file' &&
    fileSizeOf(entry) === 0 &&
    xattrOf(entry, `${xattrPrefix(overlay)}whiteout`) !== undefined
  );
}

/** overlay.opaque "x": readdir looks at the attributes of empty files. namei.c:ovl_lookup_single */
const HAS_XATTR_WHITEOUTS = '78';

/** What readdir(3) leaves out of a layer's directory. readdir.c:ovl_cache_entry_new, ovl_check_whiteouts */
export function hidesWhiteouts(overlay: Overlay, directory: Entry): (found: Entry | Negative | Failure) => boolean {
  const looks = xattrOf(directory, `${xattrPrefix(overlay)}opaque`) === HAS_XATTR_WHITEOUTS;
  return (found) => {
    if (found.kind === 'failure') return false;
    if (found.kind === 'negative') return true;
    return isWhiteoutDevice(attributesOf(found)) || (looks && isWhiteout(overlay, found));
  };
}
