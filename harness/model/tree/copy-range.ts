/** T28: copy_file_range(2) of a whole file to a new one of the same mount. fs/read_write.c:vfs_copy_file_range */
import type { Change } from '../../../vm/machine.ts';
import { attributesOf, dataOf } from './entry.ts';
import { fail, isFailure, type Failure } from './failure.ts';
import type { Inode } from './inode.ts';
import { lookupData } from './lookup-data.ts';
import { changeNames } from './names.ts';
import { sizeOf } from './contents.ts';
import type { Entry, OverlayEntry } from './overlay.ts';
import { walk } from './walk.ts';

export function copyRange(root: Entry, { path, to }: Extract<Change, { how: 'copy-file-range' }>): Failure | undefined {
  const from = walk(root, path, { follow: true });
  if (isFailure(from)) return from;
  const { type } = attributesOf(from);
  if (type === 'socket') return fail('T23', 'ENXIO', 'a socket is not opened');
  const data = type === 'file' ? dataOf(from) : undefined;
  if (data !== undefined && isFailure(data)) return data;
  const refused = changeNames(root, { how: 'create', path: to, mode: 0o644, text: '' });
  if (refused !== undefined) return refused;
  if (type === 'directory') return fail('T23', 'EISDIR', `${path} is a directory`);
  if (data === undefined) return fail('T23', 'EINVAL', `${path} is no file`);
  const made = walk(root, to, { follow: false });
  const target = isFailure(made) || made.kind === 'inode' ? made : made.upper!;
  if (isFailure(target)) return target;
  return copyInto(target, from, data);
}

function copyInto(target: Inode, from: Entry, data: Inode): Failure | undefined {
  // Of nothing there is nothing to be copied, and nobody asks further.
  if (data.contents !== undefined && sizeOf(data.contents) === 0) return undefined;
  if (from.kind === 'overlay-entry' && !isBeside(target, from))
    return fail('T28', 'EXDEV', 'the data lie on another filesystem than the upper');
  Object.assign(target, { contents: data.contents, mtimeNs: undefined });
  return undefined;
}

/** Whether the file that has the data is of the upper's superblock: an overlay below is another, wherever its files lie. */
function isBeside(target: Inode, { upper, upperMetacopy, dataRedirect, lowers, overlay }: OverlayEntry): boolean {
  if (upper !== undefined && !upperMetacopy) return true;
  if (dataRedirect !== undefined) {
    const found = lookupData(overlay, dataRedirect);
    return !isFailure(found) && found.volume === target.volume;
  }
  const below = lowers.at(-1)?.entry;
  return below?.kind === 'inode' && below.volume === target.volume;
}
