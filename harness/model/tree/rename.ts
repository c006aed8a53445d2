/** T20 to T25 of renaming, and what it does to a plain filesystem. fs/namei.c:do_renameat2, vfs_rename */
import type { Change } from '../../../vm/machine.ts';
import { attributesOf } from './entry.ts';
import { fail, isFailure, type Failure } from './failure.ts';
import { createInode, type Inode } from './inode.ts';
import { exists, mustBeWritable, setEntry, takeOut } from './names.ts';
import { notEmptyErrno, renameInOverlay, type RenameFlags } from './overlay-rename.ts';
import type { Entry } from './overlay.ts';
import { walk, walkToName, type Place } from './walk.ts';

/** do_renameat2, vfs_rename */
export function rename(root: Entry, { path, to, flags }: Extract<Change, { how: 'rename' }>): Failure | undefined {
  const exchange = flags.includes('exchange');
  if (exchange && flags.length > 1) return fail('T13', 'EINVAL', 'RENAME_EXCHANGE goes with no other flag');
  // Both parents come first, then the old name, then the new one.
  const noParent = parentFailure(root, path) ?? parentFailure(root, to);
  if (noParent !== undefined) return noParent;
  const atRoot = fail('T25', 'EXDEV', 'the root of the mount is a name of another');
  const old = walkToName(root, path, atRoot);
  if (isFailure(old) && old.errno !== 'EXDEV' && old.rule === 'T20') return old;
  const target = walkToName(root, to, atRoot);
  if (isFailure(target) && target.rule === 'T20') return target;
  if (isFailure(target) && target !== atRoot && !isFailure(old) && old.found.kind === 'negative')
    return mustBeWritable(root) ?? fail('T20', 'ENOENT', `there is no ${path}`);
  if (old === atRoot && target === atRoot) return fail('T25', 'EBUSY', 'something is mounted there');
  const readOnly = isCrossing(old) || isCrossing(target) ? undefined : mustBeWritable(root);
  if (readOnly !== undefined) return readOnly;
  if (isFailure(old)) return old;
  if (isFailure(target)) return target;
  const { found } = old;
  if (found.kind === 'negative') return fail('T20', 'ENOENT', `there is no ${path}`);
  const replaced = target.found.kind === 'negative' ? undefined : target.found;
  if (flags.includes('noreplace') && replaced !== undefined) return exists(to);
  if (exchange && replaced === undefined) return fail('T20', 'ENOENT', `there is no ${to} to be exchanged`);
  if (isWithin(target.parent, found)) return fail('T25', 'EINVAL', `${to} lies within ${path}`);
  if (replaced !== undefined && isWithin(old.parent, replaced))
    return exchange
      ? fail('T25', 'EINVAL', `${path} lies within ${to}`)
      : fail('T24', 'ENOTEMPTY', `${path} lies within ${to}`);
  if (replaced !== undefined && isSameInode(found, replaced)) return undefined;
  const isDirectory = attributesOf(found).type === 'directory';
  if (replaced !== undefined && !exchange) {
    const replacesDirectory = attributesOf(replaced).type === 'directory';
    if (isDirectory && !replacesDirectory) return fail('T23', 'ENOTDIR', `${to} is no directory, and ${path} is one`);
    if (!isDirectory && replacesDirectory) return fail('T23', 'EISDIR', `${to} is a directory, and ${path} is none`);
  }
  if (found.kind === 'overlay-entry') {
    if (target.parent.kind !== 'overlay-entry' || target.found.kind === 'inode') return undefined;
    return renameInOverlay(found, { parent: target.parent, name: target.name, entry: target.found }, flags);
  }
  return renamePlainly(old, target, found, flags);
}

/** Of the directory that a name is in. namei.c:filename_parentat */
function parentFailure(root: Entry, path: string): Failure | undefined {
  const slash = path.lastIndexOf('/');
  const parent = slash === -1 ? root : walk(root, path.slice(0, slash), { follow: true });
  if (isFailure(parent)) return parent;
  return attributesOf(parent).type === 'directory'
    ? undefined
    : fail('T20', 'ENOTDIR', `what comes before the last name of ${path} is no directory`);
}

function isCrossing(place: Place | Failure): boolean {
  return isFailure(place) && place.errno === 'EXDEV';
}

function renamePlainly(old: Place, target: Place, found: Inode, flags: RenameFlags): Failure | undefined {
  if (old.parent.kind !== 'inode' || target.parent.kind !== 'inode' || target.found.kind === 'overlay-entry')
    return undefined;
  if (flags.includes('exchange') && target.found.kind === 'inode') {
    setEntry(old.parent, old.name, target.found);
    setEntry(target.parent, target.name, found);
    return undefined;
  }
  if (target.found.kind === 'inode') {
    if (target.found.type === 'directory' && target.found.entries.size > 0)
      return fail('T24', notEmptyErrno(target.found), 'the directory that would be replaced is not empty');
    takeOut(target);
  }
  old.parent.entries.delete(old.name);
  old.parent.mtimeNs = undefined;
  if (flags.includes('whiteout'))
    setEntry(
      old.parent,
      old.name,
      createInode(found.volume, { type: 'character', mode: 0, rdev: { major: 0, minor: 0 } }),
    );
  setEntry(target.parent, target.name, found);
  return undefined;
}

/** Whether a directory is, or lies in, what is to be moved. */
function isWithin(directory: Entry, moved: Entry): boolean {
  if (directory.kind === 'overlay-entry') {
    for (let at: Entry | undefined = directory; at !== undefined; at = at.parent) if (at === moved) return true;
    return false;
  }
  return moved.kind === 'inode' && (moved === directory || contains(moved, directory));
}

function contains(directory: Inode, wanted: Inode): boolean {
  for (const inode of directory.entries.values()) if (inode === wanted || contains(inode, wanted)) return true;
  return false;
}

/** Two names of one inode: the VFS then has nothing to do. An overlay has one for each name of a link that would break. */
function isSameInode(a: Entry, b: Entry): boolean {
  if (a.kind !== 'overlay-entry' || b.kind !== 'overlay-entry') return a === b;
  if (a === b) return true;
  if (a.upper !== undefined || b.upper !== undefined) return a.upper === b.upper;
  return a.constantInode && a.lowers[0]?.entry.kind === 'inode' && a.lowers[0].entry === b.lowers[0]?.entry;
}
