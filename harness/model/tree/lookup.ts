/**
 * T1 to T6: what a name of an overlay is made of. It follows fs/overlayfs/namei.c:ovl_lookup line by line, since what
 * stops a lookup, and where a redirect leads, depends on the order.
 */
import { attributesOf, NOTHING } from './entry.ts';
import { failWarning, isFailure, type Failure } from './failure.ts';
import type { Inode } from './inode.ts';
import {
  mayFollow,
  redirectOf,
  refuseMetacopy,
  refuseRedirect,
  refuseToFollow,
  searchLayer,
  type Search,
} from './lookup-layer.ts';
import {
  followsRedirects,
  xattrPrefix,
  type LowerPath,
  type Negative,
  type Overlay,
  type OverlayEntry,
} from './overlay.ts';

/** The root of an overlay as a new call finds it. super.c:ovl_get_root */
export function rootOf(overlay: Overlay): OverlayEntry {
  return {
    kind: 'overlay-entry',
    overlay,
    parent: undefined,
    name: '',
    upper: overlay.upper,
    alias: overlay.upper !== undefined,
    lowers: overlay.layers.map((layer) => ({ entry: layer.root(), layer })),
    dataRedirect: undefined,
    indexed: false,
    upperMetacopy: false,
    constantInode: false,
    opaque: false,
    redirect: undefined,
    children: new Map(),
  };
}

/** One component. The same call finds the same entry again, as the kernel finds a dentry. */
export function lookupIn(parent: OverlayEntry, name: string): OverlayEntry | Negative | Failure {
  const known = parent.children.get(name);
  if (known !== undefined) return known;
  const found = lookupLayers(parent, name);
  if (!isFailure(found)) parent.children.set(name, found);
  return found;
}

/** namei.c:ovl_lookup, 7.x: ovl_lookup_layers */
function lookupLayers(parent: OverlayEntry, name: string): OverlayEntry | Negative | Failure {
  const { overlay } = parent;
  const early = overlay.behaviours.overlayFollowCheck === 'before-layer';
  const checks = followsRedirects(overlay) || (early && overlay.dataLayers.length > 0);
  const root = rootLowers(parent);
  const search: Search = {
    overlay,
    path: name,
    isUpper: true,
    isDirectory: false,
    opaque: false,
    stop: false,
    last: checks ? false : parent.lowers.length === 0,
    redirected: false,
    metacopy: false,
    absolute: false,
  };
  let below = parent.lowers;
  let upper: Inode | undefined;
  let origin: LowerPath | undefined;
  let upperMetacopy = false;
  let redirect: string | undefined;
  let opaque = false;
  if (parent.upper !== undefined) {
    const found = searchLayer(parent.upper, search);
    if (isFailure(found)) return found;
    if (found?.kind === 'inode') upper = found;
    if (upper !== undefined && !search.isDirectory) {
      origin = overlay.origins.get(upper);
      upperMetacopy = search.metacopy;
    }
    if (search.redirected) {
      redirect = search.path;
      if (redirect.startsWith('/')) below = root;
    }
    opaque = search.opaque;
  }
  search.isUpper = false;
  const lowers: LowerPath[] = [];
  for (let i = 0; !search.stop && i < below.length; i++) {
    const { entry: base, layer } = below[i]!;
    if (early && !mayFollow(search)) return refuseToFollow(search);
    if (!checks) search.last = i === below.length - 1;
    else if (search.isDirectory || overlay.dataLayers.length === 0) search.last = layer.position === root.length - 1;
    const found = searchLayer(base, search);
    if (isFailure(found)) return found;
    if (found === undefined) continue;
    if (!early && (upperMetacopy || search.metacopy) && !overlay.config.metacopy) return refuseMetacopy();
    if (!search.metacopy || lowers.length === 0) lowers.push({ entry: found, layer });
    if (!early && search.redirected && !followsRedirects(overlay)) return refuseRedirect();
    if (search.redirected && search.path.startsWith('/') && below !== root) {
      below = root;
      i = layer.position;
    }
  }
  let dataRedirect: string | undefined;
  if (search.metacopy && lowers.length > 0 && overlay.dataLayers.length > 0 && search.absolute) {
    search.metacopy = false;
    dataRedirect = search.path;
    overlay.met.add('T6');
  } else if (early && !mayFollow(search)) return refuseToFollow(search);
  if (search.metacopy || (upperMetacopy && lowers.length === 0))
    return failWarning(
      'T5',
      'EIO',
      'a metacopy has no data below it',
      /^overlayfs: metacopy with no lower data found - abort lookup \(.*\)$/,
    );
  const follows = !search.isDirectory && upper !== undefined && lowers.length === 0 && origin !== undefined;
  if (follows) lowers.push(origin!);
  if (upper === undefined && lowers.length === 0) return search.opaque ? { ...NOTHING, whiteout: opaque } : NOTHING;
  const indexed = search.isDirectory ? undefined : indexOf(overlay, upper, upper === undefined ? lowers[0] : origin);
  const alias = upper !== undefined;
  if (search.isDirectory && lowers.length + Number(alias) > 1) overlay.met.add('T1');
  if (upper === undefined && indexed !== undefined) {
    upper = indexed;
    upperMetacopy = upper.xattrs.has(`${xattrPrefix(overlay)}metacopy`);
    redirect = redirectOf(overlay, upper);
  }
  return {
    kind: 'overlay-entry',
    overlay,
    parent,
    name,
    upper,
    alias,
    lowers,
    dataRedirect,
    indexed: indexed !== undefined,
    upperMetacopy,
    constantInode: isHashedByLower(overlay, alias || indexed !== undefined, lowers, indexed !== undefined),
    opaque: alias && opaque,
    redirect,
    children: new Map(),
  };
}

function rootLowers(entry: OverlayEntry): readonly LowerPath[] {
  let at = entry;
  while (at.parent !== undefined) at = at.parent;
  return at.lowers;
}

/** namei.c:ovl_lookup_index. An index of another upper inode is none. */
function indexOf(overlay: Overlay, upper: Inode | undefined, origin: LowerPath | undefined): Inode | undefined {
  if (!overlay.config.index || origin?.entry.kind !== 'inode') return undefined;
  const index = overlay.index.get(origin.entry);
  return upper !== undefined && index !== upper ? undefined : index;
}

/** inode.c:ovl_hash_bylower */
function isHashedByLower(overlay: Overlay, hasUpper: boolean, lowers: readonly LowerPath[], indexed: boolean): boolean {
  const lower = lowers[0];
  if (lower === undefined) return false;
  if (indexed || overlay.upper === undefined) return true;
  const { type, nlink } = attributesOf(lower.entry);
  if ((hasUpper || !overlay.config.index) && type !== 'directory' && (nlink ?? 1) > 1) return false;
  return !(overlay.config.nfsExport && hasUpper);
}
