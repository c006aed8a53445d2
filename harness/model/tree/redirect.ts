/** T4: where a directory or metacopy that is moved finds its lower again. fs/overlayfs/dir.c:ovl_set_redirect */
import { setXattr } from './copy-up.ts';
import { attributesOf } from './entry.ts';
import { fail, type Failure } from './failure.ts';
import { hexOf } from './hex.ts';
import { lowerOf, type OverlayEntry } from './overlay.ts';

/** Longest absolute redirect, in bytes: `redirect_max` of overlayfs. */
const REDIRECT_MAX = 256;

export function setRedirect(entry: OverlayEntry, sameDirectory: boolean): Failure | undefined {
  const absolute = needsAbsolute(entry, sameDirectory);
  const { redirect: before } = entry;
  if (before !== undefined && (!absolute || before.startsWith('/'))) return undefined;
  const redirect = absolute ? absolutePath(entry) : entry.name;
  if (absolute && Buffer.byteLength(redirect) > REDIRECT_MAX)
    return fail('T12', 'EXDEV', `the redirect would be longer than ${REDIRECT_MAX} bytes`);
  if (entry.overlay.noXattr) return fail('T12', 'EXDEV', 'the upper cannot keep a redirect');
  setXattr(entry.overlay, entry.upper!, 'redirect', hexOf(redirect));
  entry.redirect = redirect;
  return undefined;
}

/** ovl_need_absolute_redirect */
function needsAbsolute(entry: OverlayEntry, sameDirectory: boolean): boolean {
  if (!sameDirectory) return true;
  if (attributesOf(entry).type === 'directory') return false;
  const lower = lowerOf(entry);
  return lower !== undefined && (attributesOf(lower.entry).nlink ?? 1) > 1;
}

/** The path in the layers below: of each directory on the way its redirect, else its name. ovl_get_redirect */
function absolutePath(entry: OverlayEntry): string {
  let path = '';
  for (let at = entry; at.parent !== undefined; at = at.parent) {
    const part = at.redirect ?? at.name;
    if (part.startsWith('/')) return `${part}${path}`;
    path = `/${part}${path}`;
  }
  return path;
}
