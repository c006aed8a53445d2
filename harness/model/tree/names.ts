/** Calls that make, take and move names, with the checks of the VFS in its order. fs/namei.c */
import type { Change } from '../../../vm/machine.ts';
import { attributesOf } from './entry.ts';
import { fail, isFailure, type Failure } from './failure.ts';
import { createInode, EMPTY, type Inode, type NewInode } from './inode.ts';
import { createInOverlay, linkInOverlay, removeFromOverlay } from './overlay-create.ts';
import type { Entry, Negative } from './overlay.ts';
import { rename } from './rename.ts';
import { walk, walkToName, type Place } from './walk.ts';

type NameChange = Extract<
  Change,
  { how: 'create' | 'mkdir' | 'symlink' | 'mknod' | 'link' | 'unlink' | 'rmdir' | 'rename' }
>;

export function changeNames(root: Entry, change: NameChange): Failure | undefined {
  switch (change.how) {
    case 'create':
    case 'mkdir':
    case 'symlink':
    case 'mknod':
      return create(root, change.path, partsOf(change));
    case 'link':
      return link(root, change.path, change.to);
    case 'unlink':
    case 'rmdir':
      return remove(root, change.path, change.how === 'rmdir');
    case 'rename':
      return rename(root, change);
  }
  return change satisfies never;
}

/** Masks of vfs_create, vfs_mkdir and vfs_mknod; the agent has no umask. */
function partsOf(change: Extract<NameChange, { how: 'create' | 'mkdir' | 'symlink' | 'mknod' }>): NewInode {
  switch (change.how) {
    case 'create':
      return {
        type: 'file',
        mode: change.mode,
        contents: change.text === '' ? EMPTY : { ...EMPTY, edits: [{ kind: 'write', offset: 0, text: change.text }] },
      };
    case 'mkdir':
      return { type: 'directory', mode: change.mode & 0o1777 };
    case 'symlink':
      return { type: 'symlink', mode: 0o777, target: change.target };
    case 'mknod': {
      const isDevice = change.type === 'character' || change.type === 'block';
      const rdev = isDevice ? { major: change.major, minor: change.minor } : undefined;
      return { type: change.type, mode: change.mode, rdev };
    }
  }
  return change satisfies never;
}

const EXISTS = fail('T21', 'EEXIST', 'the root of the mount is there already');

/** T21 before T22: a name that is there says so on a read-only mount too. filename_create, path_openat */
function create(root: Entry, path: string, parts: NewInode): Failure | undefined {
  const place = walkToName(root, path, EXISTS);
  if (isFailure(place)) return place;
  if (place.found.kind !== 'negative') return exists(path);
  const readOnly = mustBeWritable(root);
  if (readOnly !== undefined) return readOnly;
  if (parts.type === 'symlink' && parts.target === '') return fail('T20', 'ENOENT', 'a symbolic link to nothing');
  return put(place.parent, place.name, place.found, { ...parts, ...ownerIn(place.parent, parts) });
}

function put(parent: Entry, name: string, before: Negative, parts: NewInode): Failure | undefined {
  if (parent.kind === 'overlay-entry') return createInOverlay(parent, name, before, parts);
  setEntry(parent, name, createInode(parent.volume, parts));
  return undefined;
}

/** Root's, but for a set-group-id directory, which gives its group on. fs/inode.c:inode_init_owner */
function ownerIn(parent: Entry, { type, mode = 0 }: NewInode): Pick<Inode, 'uid' | 'gid' | 'mode'> {
  const { mode: parentMode, gid } = attributesOf(parent);
  const inherits = (parentMode & 0o2000) !== 0;
  return { uid: 0, gid: inherits ? gid : 0, mode: inherits && type === 'directory' ? mode | 0o2000 : mode };
}

export function setEntry(directory: Inode, name: string, inode: Inode): void {
  directory.entries.set(name, inode);
  directory.mtimeNs = undefined;
}

/** do_linkat, vfs_link */
function link(root: Entry, path: string, to: string): Failure | undefined {
  const old = walk(root, path, { follow: false });
  if (isFailure(old)) return old;
  const place = walkToName(root, to, EXISTS);
  if (isFailure(place)) return place;
  if (place.found.kind !== 'negative') return exists(to);
  const readOnly = mustBeWritable(root);
  if (readOnly !== undefined) return readOnly;
  if (attributesOf(old).type === 'directory') return fail('T25', 'EPERM', 'a directory has one name');
  if (old.kind === 'overlay-entry' && place.parent.kind === 'overlay-entry')
    return linkInOverlay(old, place.parent, place.name);
  if (old.kind === 'inode' && place.parent.kind === 'inode') {
    old.nlink++;
    setEntry(place.parent, place.name, old);
  }
  return undefined;
}

/** T22 before T20: do_unlinkat and do_rmdir ask for a writable mount before they look the name up. */
function remove(root: Entry, path: string, isRmdir: boolean): Failure | undefined {
  const atRoot = isRmdir
    ? fail('T25', 'EBUSY', 'something is mounted there')
    : fail('T23', 'EISDIR', 'the root of the mount is a directory');
  const place = walkToName(root, path, atRoot);
  if (isFailure(place) && place.rule !== 'T20') return mustBeWritable(root) ?? place;
  if (isFailure(place)) return place;
  const readOnly = mustBeWritable(root);
  if (readOnly !== undefined) return readOnly;
  const { found } = place;
  if (found.kind === 'negative') return fail('T20', 'ENOENT', `there is no ${path}`);
  const isDirectory = attributesOf(found).type === 'directory';
  if (isRmdir && !isDirectory) return fail('T23', 'ENOTDIR', `${path} is no directory`);
  if (!isRmdir && isDirectory) return fail('T23', 'EISDIR', `${path} is a directory`);
  if (found.kind === 'overlay-entry') return removeFromOverlay(found);
  if (isDirectory && found.entries.size > 0) return fail('T24', 'ENOTEMPTY', `${path} is not empty`);
  takeOut(place);
  return undefined;
}

export function takeOut({ parent, name, found }: Place): void {
  if (parent.kind !== 'inode' || found.kind !== 'inode') return;
  parent.entries.delete(name);
  parent.mtimeNs = undefined;
  if (found.type !== 'directory') found.nlink--;
}

export function exists(path: string): Failure {
  return fail('T21', 'EEXIST', `${path} is there already`);
}

/** T22: fs/namespace.c:mnt_want_write */
export function mustBeWritable(root: Entry): Failure | undefined {
  const readOnly = root.kind === 'inode' ? root.volume.readOnly : root.overlay.upper === undefined;
  return readOnly ? fail('T22', 'EROFS', 'the mount is read-only') : undefined;
}
