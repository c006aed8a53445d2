/** Calls that change a file's bytes, with the checks of the VFS in its order. fs/open.c, fs/namei.c:may_open */
import type { Change } from '../../../vm/machine.ts';
import { edited, sizeOf } from './contents.ts';
import type { Edit } from '../prediction.ts';
import { copyUp } from './copy-up.ts';
import { attributesOf, dataOf } from './entry.ts';
import { fail, isFailure, type Failure } from './failure.ts';
import type { Inode } from './inode.ts';
import { mustBeWritable } from './names.ts';
import type { Entry } from './overlay.ts';
import { walk } from './walk.ts';

type FileChange = Extract<
  Change,
  { how: 'open-write' | 'write' | 'append' | 'mmap-write' | 'truncate' | 'fallocate' | 'fsync' }
>;

export function changeFile(root: Entry, change: FileChange): Failure | undefined {
  const entry = walk(root, change.path, { follow: true });
  if (isFailure(entry)) return entry;
  if (change.how === 'fsync') return sync(entry);
  const refused = change.how === 'truncate' ? mayTruncate(root, entry) : mayOpen(root, entry);
  if (refused !== undefined) return refused;
  const inode = writable(entry);
  if (isFailure(inode)) return inode;
  if (change.how === 'fallocate') return allocate(inode, change);
  if (change.how === 'mmap-write') return writeMapped(inode, change);
  edit(inode, editOf(inode, change));
  return undefined;
}

/** What it does to the bytes; undefined: nothing. */
function editOf(
  { contents }: Inode,
  change: Exclude<FileChange, { how: 'fallocate' | 'fsync' | 'mmap-write' }>,
): Edit | undefined {
  switch (change.how) {
    case 'open-write':
      return undefined;
    case 'write':
      return written(change.offset, change.text);
    case 'append':
      return written(contents === undefined ? 0 : sizeOf(contents), change.text);
    case 'truncate':
      return { kind: 'resize', sizeBytes: change.sizeBytes };
  }
  return change satisfies never;
}

const PAGE_BYTES = 4096;

/**
 * T26: what is written behind the end of the file is lost; a page that begins there cannot be had, which is SIGBUS, and
 * what comes before it is written by then. mm/filemap.c:filemap_fault
 */
function writeMapped(inode: Inode, { offset, text }: Extract<Change, { how: 'mmap-write' }>): Failure | undefined {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length === 0 && offset % PAGE_BYTES === 0) return fail('T26', 'EINVAL', 'a mapping of nothing');
  if (inode.contents === undefined) return undefined;
  const size = sizeOf(inode.contents);
  const kept = bytes.subarray(0, Math.max(0, size - offset));
  const whole = kept.toString('utf8');
  if (Buffer.from(whole, 'utf8').equals(kept)) edit(inode, written(offset, whole));
  else Object.assign(inode, { contents: undefined, mtimeNs: undefined });
  if (offset + bytes.length <= Math.ceil(size / PAGE_BYTES) * PAGE_BYTES) return undefined;
  return fail('T26', 'EIO', 'the mapping goes beyond the last page of the file');
}

/** A write of nothing is none. */
function written(offset: number, text: string): Edit | undefined {
  return text === '' ? undefined : { kind: 'write', offset, text };
}

/** T23 before T22: may_open looks at the type before it asks for permission. */
function mayOpen(root: Entry, entry: Entry): Failure | undefined {
  const { type } = attributesOf(entry);
  if (type === 'directory') return fail('T23', 'EISDIR', 'a directory is not opened for writing');
  if (type === 'fifo' || type === 'socket') return fail('T23', 'ENXIO', `nobody reads from the ${type}`);
  return mustBeWritable(root) ?? mustBeOpen(entry);
}

/** F3: a sealed file; an overlay only reads it. fs/verity/open.c:__fsverity_file_open, __fsverity_prepare_setattr */
function mustBeOpen(entry: Entry): Failure | undefined {
  return entry.kind === 'inode' && entry.sealed
    ? fail('F3', 'EPERM', 'fs-verity keeps the file from being written to')
    : undefined;
}

/** vfs_truncate */
function mayTruncate(root: Entry, entry: Entry): Failure | undefined {
  const { type } = attributesOf(entry);
  if (type === 'directory') return fail('T23', 'EISDIR', 'a directory has no size to be set');
  if (type !== 'file') return fail('T23', 'EINVAL', `a ${type} has no size to be set`);
  return mustBeWritable(root) ?? mustBeOpen(entry);
}

/** The inode that is written to: in an overlay the one in its upper, with its data. */
function writable(entry: Entry): Inode | Failure {
  if (entry.kind === 'inode') return entry;
  return copyUp(entry, { data: true }) ?? entry.upper!;
}

/** Bytes that were not known are not known now. */
function edit(inode: Inode, change: Edit | undefined): void {
  if (change === undefined) return;
  inode.contents = inode.contents === undefined ? undefined : edited(inode.contents, change);
  inode.mtimeNs = undefined;
}

/** T26: vfs_fallocate; each filesystem has its own list. mm/shmem.c:shmem_fallocate */
function allocate(inode: Inode, change: Extract<Change, { how: 'fallocate' }>): Failure | undefined {
  const { mode, offset, length } = change;
  if (length === 0) return fail('T26', 'EINVAL', 'nothing to be allocated');
  const { filesystem } = inode.volume;
  if (filesystem === 'tmpfs' && mode === 'zero-range')
    return fail('T26', 'EOPNOTSUPP', 'tmpfs has no FALLOC_FL_ZERO_RANGE');
  inode.mtimeNs = undefined;
  if (inode.contents === undefined) return undefined;
  const grows = (mode === 'allocate' || mode === 'zero-range') && offset + length > sizeOf(inode.contents);
  if (grows) edit(inode, { kind: 'resize', sizeBytes: offset + length });
  if (mode === 'punch-hole' || mode === 'zero-range') edit(inode, { kind: 'zeros', offset, length });
  return undefined;
}

/**
 * T26: of a descriptor that is open for reading. erofs has no fsync; an overlay syncs its upper alone, and nothing when
 * it is volatile. fs/sync.c:vfs_fsync_range, fs/overlayfs/file.c:ovl_fsync
 */
function sync(entry: Entry): Failure | undefined {
  if (attributesOf(entry).type === 'file') {
    const data = dataOf(entry);
    if (isFailure(data)) return data;
  }
  if (entry.kind === 'inode' && entry.volume.filesystem === 'erofs')
    return fail('T26', 'EINVAL', 'erofs has nothing to sync, and no call for it');
  return undefined;
}
