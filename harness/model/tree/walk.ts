/** T20: paths, component by component. fs/namei.c:link_path_walk */
import { attributesOf, lookup } from './entry.ts';
import { fail, isFailure, type Failure } from './failure.ts';
import type { Entry, Negative } from './overlay.ts';

/** MAXSYMLINKS, include/linux/namei.h */
const MOST_LINKS = 40;
/** NAME_MAX of every filesystem that fathom mounts, in bytes. */
const LONGEST_NAME = 255;

/** A name in a directory that is there, and what it stands for. */
export interface Place {
  readonly kind: 'place';
  readonly parent: Entry;
  readonly name: string;
  readonly found: Entry | Negative;
}

/** The path is the root of the tree, or leads back to a directory on its way: there is no last name. */
interface Crossed {
  readonly kind: 'crossed';
  readonly found: Entry;
}

/** What a path leads to. `follow`: a symbolic link at its end is followed. */
export function walk(root: Entry, path: string, { follow }: { readonly follow: boolean }): Entry | Failure {
  const end = walkToEnd(root, path, follow);
  if (end.kind === 'failure') return end;
  return end.found.kind === 'negative' ? fail('T20', 'ENOENT', `there is no ${path}`) : end.found;
}

/** The last name of a path, which need not be there; `atRoot` is what the call says of the root of the mount. */
export function walkToName(root: Entry, path: string, atRoot: Failure): Place | Failure {
  const end = walkToEnd(root, path, false);
  return end.kind === 'crossed' ? atRoot : end;
}

function walkToEnd(root: Entry, path: string, follow: boolean): Place | Crossed | Failure {
  const way: Entry[] = [root];
  const todo = partsOf(path);
  let links = 0;
  for (let name = todo.shift(); name !== undefined; name = todo.shift()) {
    const parent = way.at(-1)!;
    if (attributesOf(parent).type !== 'directory')
      return fail('T20', 'ENOTDIR', `what comes before ${name} is no directory`);
    if (name === '.') continue;
    if (name === '..') {
      if (way.length === 1) return outside(path);
      way.pop();
      continue;
    }
    if (Buffer.byteLength(name) > LONGEST_NAME)
      return fail('T20', 'ENAMETOOLONG', `a name is longer than ${LONGEST_NAME} bytes`);
    const found = lookup(parent, name);
    if (isFailure(found)) return found;
    const isLast = todo.length === 0;
    if (found.kind === 'negative')
      return isLast ? { kind: 'place', parent, name, found } : fail('T20', 'ENOENT', `there is no ${name} in ${path}`);
    const { type, target = '' } = attributesOf(found);
    if (type === 'symlink' && (follow || !isLast)) {
      if (++links > MOST_LINKS) return fail('T20', 'ELOOP', `more than ${MOST_LINKS} symbolic links`);
      if (target.startsWith('/')) return outside(path);
      todo.unshift(...partsOf(target));
      continue;
    }
    if (isLast) return { kind: 'place', parent, name, found };
    way.push(found);
  }
  return { kind: 'crossed', found: way.at(-1)! };
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

/** Above the mounts there is the guest's initramfs, which has nothing of what scenarios name. */
function outside(path: string): Failure {
  return fail('T20', 'ENOENT', `${path} leads out of the mount`);
}
