/** T2 to T5: one layer of a lookup: a name, or a path that a redirect led to. fs/overlayfs/namei.c */
import { attributesOf, lookup, xattrOf } from './entry.ts';
import { failWarning, isFailure, type Failure } from './failure.ts';
import { textOf } from './hex.ts';
import { followsRedirects, xattrPrefix, type Entry, type Overlay } from './overlay.ts';
import { isWhiteout } from './whiteout.ts';

/** `struct ovl_lookup_data` */
export interface Search {
  readonly overlay: Overlay;
  /** What is looked for: a name, or a path from the layers' roots once a redirect led there. */
  path: string;
  isUpper: boolean;
  isDirectory: boolean;
  opaque: boolean;
  stop: boolean;
  last: boolean;
  redirected: boolean;
  metacopy: boolean;
  absolute: boolean;
}

/** namei.c:ovl_lookup_layer: a name in a directory, or a path from a layer's root. Undefined: it is not there. */
export function searchLayer(base: Entry, search: Search): Entry | Failure | undefined {
  if (!search.path.startsWith('/')) return searchOne(base, search, search.path, 0, '');
  /** Counted from the end, since what is before can change. */
  let rest = search.path.length - 1;
  let at: Entry | undefined = base;
  while (at !== undefined && attributesOf(at).type === 'directory') {
    const start = search.path.length - rest;
    const slash = search.path.indexOf('/', start);
    const end = slash === -1 ? search.path.length : slash;
    const found: Entry | Failure | undefined = searchOne(
      at,
      search,
      search.path.slice(start, end),
      start,
      search.path.slice(end),
    );
    if (isFailure(found) || slash === -1) return found;
    at = found;
    rest -= end - start + 1;
  }
  return undefined;
}

/** namei.c:ovl_lookup_single. `post` is what of the path follows the name, `start` where the name begins in it. */
function searchOne(
  base: Entry,
  search: Search,
  name: string,
  start: number,
  post: string,
): Entry | Failure | undefined {
  const { overlay } = search;
  const isLast = post === '';
  const found = lookup(base, name);
  if (isFailure(found)) return found;
  if (found.kind === 'negative') return undefined;
  if (isWhiteout(overlay, found)) {
    overlay.met.add('T2');
    search.stop = search.opaque = true;
    return undefined;
  }
  const { type } = attributesOf(found);
  if (isLast && search.metacopy && type !== 'file') {
    search.stop = true;
    return undefined;
  }
  if (type !== 'directory') {
    if (search.isDirectory || !isLast) {
      search.stop = true;
      return undefined;
    }
    search.metacopy = type === 'file' && xattrOf(found, `${xattrPrefix(overlay)}metacopy`) !== undefined;
    search.stop = !search.metacopy;
    if (search.metacopy) overlay.met.add('T5');
    if (!search.metacopy || search.last) return found;
  } else {
    if (isLast) search.isDirectory = true;
    if (search.last) return found;
    if (xattrOf(found, `${xattrPrefix(overlay)}opaque`) === OPAQUE) {
      overlay.met.add('T3');
      search.stop = true;
      if (isLast) search.opaque = true;
      return found;
    }
  }
  return followRedirect(found, search, start, post) ?? found;
}

/** "y"; "x" says that there may be whiteouts that are attributes. namei.c:ovl_get_opaquedir_val */
const OPAQUE = '79';

/** namei.c:ovl_check_redirect */
function followRedirect(found: Entry, search: Search, start: number, post: string): Failure | undefined {
  search.absolute = false;
  const redirect = redirectOf(search.overlay, found);
  if (redirect === undefined) return undefined;
  const path = redirect.startsWith('/') ? redirect : search.path.slice(0, start) + redirect;
  if (!/^(?:[^/]+|(?:\/[^/]+)+)$/.test(redirect))
    return failWarning('T4', 'EINVAL', `the redirect "${redirect}" is no path`, /^overlayfs: invalid redirect \(.*\)$/);
  if (redirect.startsWith('/')) {
    search.absolute = true;
    search.stop = false;
  }
  search.path = path + post;
  search.redirected = true;
  search.overlay.met.add('T4');
  return undefined;
}

/** util.c:ovl_get_redirect_xattr */
export function redirectOf(overlay: Overlay, entry: Entry): string | undefined {
  const value = xattrOf(entry, `${xattrPrefix(overlay)}redirect`);
  return value == null ? undefined : textOf(value);
}

/** namei.c:ovl_check_follow_redirect */
export function mayFollow({ overlay, metacopy, redirected }: Search): boolean {
  return !(metacopy && !overlay.config.metacopy) && !(redirected && !followsRedirects(overlay));
}

export function refuseToFollow({ overlay, metacopy }: Search): Failure {
  return metacopy && !overlay.config.metacopy ? refuseMetacopy() : refuseRedirect();
}

export function refuseMetacopy(): Failure {
  return failWarning(
    'T5',
    'EPERM',
    'a metacopy is not followed without metacopy=on',
    /^overlayfs: refusing to follow metacopy origin for \(.*\)$/,
  );
}

export function refuseRedirect(): Failure {
  return failWarning(
    'T4',
    'EPERM',
    'a redirect is not followed with redirect_dir=nofollow',
    /^overlayfs: refusing to follow redirect for \(.*\)$/,
  );
}
