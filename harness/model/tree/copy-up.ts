/** T7, T8: what a change of a lower file puts into the upper before it. fs/overlayfs/copy_up.c */
import {
  attributesOf,
  contentsOf,
  dataOf,
  fileSizeOf,
  lowerDataOf,
  nlinkName,
  unionNlink,
  xattrNamesOf,
  xattrOf,
} from './entry.ts';
import { isFailure, type Failure } from './failure.ts';
import { hexOf } from './hex.ts';
import { createInode, EMPTY, type Inode, type XattrValue } from './inode.ts';
import { lowerOf, xattrPrefix, type LowerPath, type Overlay, type OverlayEntry } from './overlay.ts';
import { isPrivate } from './xattr-names.ts';

/** `data`: the file is to be written to, so metadata alone will not do. */
export interface CopyUpNeed {
  readonly data: boolean;
}

const METADATA: CopyUpNeed = { data: false };

/** Everything from the topmost directory that is not yet in the upper down to the entry. ovl_copy_up_flags */
export function copyUp(entry: OverlayEntry, need: CopyUpNeed = METADATA): Failure | undefined {
  if (entry.dataRedirect !== undefined) {
    const data = lowerDataOf(entry);
    if (isFailure(data)) return data;
  }
  const missing: OverlayEntry[] = [];
  for (let at: OverlayEntry | undefined = entry; at !== undefined && !isCopiedUp(at, need); at = at.parent)
    missing.unshift(at);
  for (const each of missing) {
    const failure = copyUpOne(each, need);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** util.c:ovl_already_copied_up */
function isCopiedUp({ upper, alias, upperMetacopy }: OverlayEntry, { data }: CopyUpNeed): boolean {
  return upper !== undefined && alias && !(data && upperMetacopy);
}

/** ovl_copy_up_one */
function copyUpOne(entry: OverlayEntry, { data }: CopyUpNeed): Failure | undefined {
  const { overlay, upper } = entry;
  const lower = lowerOf(entry);
  if (upper === undefined && lower !== undefined) {
    const copied = copyUpInode(entry, lower, overlay.config.metacopy && !data);
    if (copied !== undefined) return copied;
  }
  if (!entry.alias) linkUp(entry);
  return data && entry.upperMetacopy ? copyUpData(entry) : undefined;
}

/** ovl_do_copy_up: into the index where the lower file has several names, else under its own. */
function copyUpInode(entry: OverlayEntry, lower: LowerPath, metadataOnly: boolean): Failure | undefined {
  const { overlay } = entry;
  const { type, mode, uid, gid, mtimeNs, target, rdev, nlink } = attributesOf(lower.entry);
  const metacopy = metadataOnly && type === 'file';
  const toIndex = type !== 'directory' && needsIndex(entry);
  const contents = type !== 'file' ? undefined : metacopy ? hole(fileSizeOf(entry)) : contentsOf(entry);
  if (isFailure(contents)) {
    // The directory is marked before data are read, and stays so; that there are none is found out earlier.
    if (!isFailure(dataOf(entry)) && !toIndex) setImpure(entry.parent!);
    return contents;
  }
  const { volume } = overlay.upper!;
  overlay.met.add(metacopy ? 'T8' : 'T7');
  if (type !== 'directory' && (nlink ?? 1) > 1) overlay.met.add('T14');
  const inode = createInode(volume, { type, mode, uid, gid, mtimeNs, target, rdev, contents });
  copyXattrs(overlay, lower, inode);
  if (type === 'directory' || nlink === 1 || toIndex) setOrigin(overlay, inode, lower);
  if (metacopy) setXattr(overlay, inode, 'metacopy', '');
  entry.upperMetacopy = metacopy;
  if (toIndex && lower.entry.kind === 'inode') {
    const links = unionNlink(entry);
    overlay.index.set(lower.entry, inode);
    entry.indexed = true;
    entry.upper = inode;
    storeNlink(entry, 'U', links);
    return undefined;
  }
  setImpure(entry.parent!);
  entry.parent!.upper!.entries.set(entry.name, inode);
  entry.upper = inode;
  entry.alias = true;
  return undefined;
}

/** A file of that many zeros, none of them written. */
function hole(sizeBytes: number | undefined): Inode['contents'] {
  return sizeBytes === undefined ? undefined : { ...EMPTY, edits: [{ kind: 'resize', sizeBytes }] };
}

/** T14: another name of an indexed file. ovl_link_up */
function linkUp(entry: OverlayEntry): void {
  entry.overlay.met.add('T14');
  const links = unionNlink(entry);
  setImpure(entry.parent!);
  storeNlink(entry, 'L', links);
  entry.parent!.upper!.entries.set(entry.name, entry.upper!);
  entry.upper!.nlink++;
  entry.alias = true;
  storeNlink(entry, 'U', links);
}

/** ovl_copy_up_meta_inode_data. Data that is written changes the time, and nothing sets it back. */
function copyUpData(entry: OverlayEntry): Failure | undefined {
  const contents = contentsOf(entry);
  if (isFailure(contents)) return contents;
  if (fileSizeOf(entry) !== 0) entry.upper!.mtimeNs = undefined;
  entry.upper!.contents = contents;
  entry.upper!.xattrs.delete(`${xattrPrefix(entry.overlay)}metacopy`);
  entry.upperMetacopy = false;
  return undefined;
}

/** util.c:ovl_need_index */
export function needsIndex(entry: OverlayEntry): boolean {
  const lower = lowerOf(entry);
  if (lower === undefined || !entry.overlay.config.index) return false;
  if (entry.overlay.config.nfsExport) return true;
  const { type, nlink } = attributesOf(lower.entry);
  return type !== 'directory' && (nlink ?? 1) > 1;
}

/** ovl_copy_xattr: all but the overlay's own; what the upper's filesystem does not take is left out. */
function copyXattrs(overlay: Overlay, lower: LowerPath, inode: Inode): void {
  for (const name of xattrNamesOf(lower.entry)) {
    if (isPrivate(overlay, name)) {
      overlay.met.add('T16');
      continue;
    }
    if (name.startsWith('user.') && !inode.volume.userXattrs) continue;
    inode.xattrs.set(name, xattrOf(lower.entry, name) ?? null);
  }
}

/**
 * ovl_set_origin: a file handle of the lower inode; empty where its filesystem has none. With `userxattr`, only files
 * and directories can have one. Without it, what it was copied from is known as long as it is cached.
 */
export function setOrigin(overlay: Overlay, inode: Inode, lower: LowerPath): void {
  const kept = mayHaveXattr(overlay, inode);
  if (kept) setXattr(overlay, inode, 'origin', handlesOf(overlay, lower) ? null : '');
  overlay.origins.set(inode, kept ? lower : { ...lower, layer: { ...lower.layer, decodes: false } });
}

function mayHaveXattr({ config }: Overlay, { type }: Inode): boolean {
  return !config.userxattr || type === 'file' || type === 'directory';
}

/** ovl_can_decode_fh of the layer's filesystem: an overlay has none without nfs_export. */
function handlesOf(overlay: Overlay, { entry }: LowerPath): boolean {
  return entry.kind === 'inode' ? entry.volume.fileHandles : overlay.config.nfsExport;
}

/** An attribute of the overlay's own. util.c:ovl_check_setxattr */
export function setXattr(overlay: Overlay, inode: Inode, name: string, value: XattrValue): void {
  if (!overlay.noXattr) inode.xattrs.set(`${xattrPrefix(overlay)}${name}`, value);
}

/** util.c:ovl_set_impure: the directory may hold entries that have a copy-up origin. */
export function setImpure(directory: OverlayEntry): void {
  setXattr(directory.overlay, directory.upper!, 'impure', hexOf('y'));
}

/** inode.c:ovl_set_nlink_common: the number of names, relative to that of the upper or the lower inode. */
export function storeNlink(entry: OverlayEntry, relativeTo: 'U' | 'L', links: number): void {
  entry.overlay.met.add('T15');
  const of = relativeTo === 'U' ? entry.upper!.nlink : (attributesOf(lowerOf(entry)!.entry).nlink ?? 1);
  const difference = links - of;
  const text = `${relativeTo}${difference < 0 ? '-' : '+'}${Math.abs(difference)}`;
  if (!entry.overlay.noXattr) entry.upper!.xattrs.set(nlinkName(entry.overlay), hexOf(text));
}

/** util.c:ovl_nlink_start: an indexed file is copied up before one of its names is covered. */
export function startNlink(entry: OverlayEntry): Failure | undefined {
  if (needsIndex(entry) && !entry.alias) {
    const failure = copyUp(entry);
    if (failure !== undefined) return failure;
  }
  if (entry.indexed && entry.upper!.type !== 'directory') storeNlink(entry, 'U', unionNlink(entry));
  return undefined;
}

/** util.c:ovl_nlink_end, ovl_cleanup_index: when its last name is gone, the index entry goes too. */
export function endNlink(entry: OverlayEntry): void {
  const lower = lowerOf(entry);
  if (!entry.indexed || lower?.entry.kind !== 'inode' || unionNlink(entry) > 0) return;
  entry.overlay.index.delete(lower.entry);
  entry.upper!.nlink--;
}
