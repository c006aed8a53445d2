/** T6: the data of metacopies in data-only lowers. fs/overlayfs/namei.c */
import { attributesOf, dataOf, lookup } from './entry.ts';
import { failWarning, type Failure } from './failure.ts';
import type { Inode } from './inode.ts';
import type { Entry, Overlay } from './overlay.ts';

/**
 * T6: a path from the roots of the data-only lowers, the first that has it; no symbolic links, no way out.
 * namei.c:ovl_lookup_data_layers, ovl_lookup_data_layer
 */
export function lookupData(overlay: Overlay, redirect: string): Inode | Failure {
  const names = redirect.split('/').filter((name) => name !== '');
  let errno = 'ENOENT';
  for (const layer of overlay.dataLayers) {
    const found = walkPlainly(layer.root(), names);
    if (typeof found === 'string') errno = found;
    else if (attributesOf(found).type === 'file') return dataOf(found);
    else errno = 'ENOENT';
  }
  return failWarning(
    'T6',
    errno,
    `no data-only lower has ${redirect}`,
    /^overlayfs: lazy lowerdata lookup failed \(.*, err=-\d+\)$/,
  );
}

function walkPlainly(root: Entry, names: readonly string[]): Entry | string {
  let at = root;
  for (const name of names) {
    const { type } = attributesOf(at);
    if (type === 'symlink') return 'ELOOP';
    if (type !== 'directory') return 'ENOTDIR';
    const found = lookup(at, name);
    if (found.kind === 'failure') return found.errno;
    if (found.kind === 'negative') return 'ENOENT';
    at = found;
  }
  return attributesOf(at).type === 'symlink' ? 'ELOOP' : at;
}
