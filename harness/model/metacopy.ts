/**
 * Where the data of a metacopy file lies. A file that carries `metacopy` has its metadata where it is and its data in a
 * lower below: under its own name, or where its `redirect` says. fs/overlayfs/namei.c:ovl_lookup, ovl_lookup_data_layers
 */
import type { TreeNode } from '../../vm/machine.ts';
import { join, lookUp, type DirectoryIn, type OverlayMount } from '../topology/topology.ts';

/** Undefined where no lower below has the data. `at` is the position of the lower in which the file was found. */
export function dataOf(overlay: OverlayMount, at: number, path: string, node: TreeNode): DirectoryIn | undefined {
  const redirect = node.xattrs?.['trusted.overlay.redirect'];
  const target = typeof redirect === 'string' ? redirected(path, redirect) : path;
  const merged = overlay.lowers.slice(at + 1);
  // Data-only lowers are asked last, and only by a redirect from the root.
  const dataOnly = typeof redirect === 'string' && redirect.startsWith('/') ? overlay.dataOnly : [];
  return [...merged, ...dataOnly]
    .map((layer) => ({ on: layer.on, path: join(layer.path, target) }))
    .find((place) => lookUp(place.on, place.path)?.kind === 'file');
}

export function isMetacopy(node: TreeNode | undefined): node is TreeNode {
  return node?.kind === 'file' && node.xattrs?.['trusted.overlay.metacopy'] !== undefined;
}

/** From the layer's root, or beside the file. namei.c:ovl_check_redirect */
function redirected(path: string, redirect: string): string {
  if (redirect.startsWith('/')) return redirect.slice(1);
  return join(path.split('/').slice(0, -1).join('/'), redirect);
}
