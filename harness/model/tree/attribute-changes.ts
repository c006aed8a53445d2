/** Calls that change metadata, with the checks of the VFS in its order. fs/attr.c, fs/open.c, fs/utimes.c, fs/xattr.c */
import type { Change } from '../../../vm/machine.ts';
import { copyUp } from './copy-up.ts';
import { attributesOf, realOf, xattrOf } from './entry.ts';
import { fail, isFailure, type Failure } from './failure.ts';
import type { Inode } from './inode.ts';
import { mustBeWritable } from './names.ts';
import type { Entry } from './overlay.ts';
import { walk } from './walk.ts';
import { storedName } from './xattr-names.ts';

type AttributeChange = Extract<Change, { how: 'chmod' | 'chown' | 'utimensat' | 'setxattr' | 'removexattr' }>;

export function changeAttributes(root: Entry, change: AttributeChange): Failure | undefined {
  const entry = walk(root, change.path, { follow: change.how === 'chmod' });
  if (isFailure(entry)) return entry;
  const readOnly = mustBeWritable(root);
  if (readOnly !== undefined) return readOnly;
  if (change.how === 'setxattr' || change.how === 'removexattr') return changeXattr(entry, change);
  const inode = copiedUp(entry);
  if (isFailure(inode)) return inode;
  switch (change.how) {
    case 'chmod':
      inode.mode = change.mode;
      return undefined;
    case 'chown':
      setOwner(inode, change);
      return undefined;
    case 'utimensat':
      inode.mtimeNs = change.mtimeNs;
      return undefined;
  }
  return change satisfies never;
}

/** Its metadata can be changed: in an overlay those of the copy in the upper. fs/overlayfs/inode.c:ovl_setattr */
function copiedUp(entry: Entry): Inode | Failure {
  return entry.kind === 'inode' ? entry : (copyUp(entry) ?? entry.upper!);
}

/** (uid_t)-1: leave it. */
const UNCHANGED = 0xffff_ffff;

/** Whatever the caller, a file loses set-user-id, and set-group-id where its group may execute. fs/open.c:chown_common */
function setOwner(inode: Inode, { uid, gid }: { readonly uid: number; readonly gid: number }): void {
  if (uid !== UNCHANGED) inode.uid = uid;
  if (gid !== UNCHANGED) inode.gid = gid;
  if (inode.type === 'directory' || inode.type === 'symlink') return;
  inode.mode &= ~0o4000;
  if ((inode.mode & 0o2010) === 0o2010) inode.mode &= ~0o2000;
}

/** vfs_setxattr, vfs_removexattr; in an overlay ovl_xattr_set. */
function changeXattr(entry: Entry, change: Extract<Change, { how: 'setxattr' | 'removexattr' }>): Failure | undefined {
  const refused = mayHave(entry, change.name);
  if (refused !== undefined) return refused;
  if (entry.kind === 'inode') return changePlainXattr(entry, change);
  const stored = storedName(entry.overlay, change.name);
  if (stored === undefined)
    return fail('T16', 'EOPNOTSUPP', `${change.name} belongs to the overlay, and this kernel cannot escape it`);
  const { upper } = entry;
  if (change.how === 'removexattr' && upper === undefined && xattrOf(entry, change.name) === undefined)
    return mustBeKept(realInodeOf(entry), stored) ?? noData(change.name);
  // Another name of an indexed file that is in the upper already is not copied up for it.
  const failure = upper === undefined ? copyUp(entry) : undefined;
  return failure ?? changePlainXattr(entry.upper!, { ...change, name: stored });
}

/** The plain inode whose filesystem is asked in the end. */
function realInodeOf(entry: Entry): Inode {
  return entry.kind === 'inode' ? entry : realInodeOf(realOf(entry));
}

function changePlainXattr(
  inode: Inode,
  change: Extract<Change, { how: 'setxattr' | 'removexattr' }>,
): Failure | undefined {
  const unsupported = mustBeKept(inode, change.name);
  if (unsupported !== undefined) return unsupported;
  if (change.how === 'removexattr' && !inode.xattrs.has(change.name)) return noData(change.name);
  if (change.how === 'removexattr') inode.xattrs.delete(change.name);
  else inode.xattrs.set(change.name, change.value);
  return undefined;
}

/** T27: fs/xattr.c:xattr_permission. An empty name is the first thing that is refused. */
function mayHave(entry: Entry, name: string): Failure | undefined {
  if (name === '') return fail('T27', 'ERANGE', 'an attribute has a name');
  const { type } = attributesOf(entry);
  if (name.startsWith('user.') && type !== 'file' && type !== 'directory')
    return fail('T27', 'EPERM', `a ${type} has no attributes of the namespace user`);
  return undefined;
}

/** T27: fs/xattr.c:xattr_resolve_name, with the handlers of the filesystem. */
function mustBeKept({ volume }: Inode, name: string): Failure | undefined {
  const namespace = ['user.', 'trusted.', 'security.'].find((prefix) => name.startsWith(prefix));
  if (namespace === undefined || (namespace === 'user.' && !volume.userXattrs))
    return fail('T27', 'EOPNOTSUPP', `${volume.filesystem} keeps no attribute ${name}`);
  return name === namespace ? fail('T27', 'EINVAL', `${name} is a namespace without a name`) : undefined;
}

function noData(name: string): Failure {
  return fail('T27', 'ENODATA', `there is no attribute ${name}`);
}
