/** Reading a tree: what stat, readdir, getxattr, listxattr and read say of an entry, plain or an overlay's. */
import { sizeOf } from './contents.ts';
import type { Contents } from '../prediction.ts';
import { fail, type Failure } from './failure.ts';
import type { Inode, XattrValue } from './inode.ts';
import { lookupData } from './lookup-data.ts';
import { lookupIn } from './lookup.ts';
import { lowerCount, type Attributes, type Entry, type Negative, type OverlayEntry } from './overlay.ts';
import { hidesWhiteouts } from './whiteout.ts';
import { isPrivate, shownName, storedName } from './xattr-names.ts';

/** One component; of a plain directory a failure only where an image is damaged. */
export function lookup(directory: Entry, name: string): Entry | Negative | Failure {
  if (directory.kind === 'overlay-entry') return lookupIn(directory, name);
  if (directory.unsearchable !== undefined) return directory.unsearchable;
  const found = directory.entries.get(name);
  return found?.lost ?? found ?? NOTHING;
}

export const NOTHING: Negative = { kind: 'negative', whiteout: false };

export function attributesOf(entry: Entry): Attributes {
  if (entry.kind === 'inode') {
    const { type, mode, uid, gid, nlink, mtimeNs, target, rdev } = entry;
    return {
      type,
      mode,
      uid,
      gid,
      nlink: type === 'directory' ? directoryNlink(entry, entry === entry.volume.root) : nlink,
      mtimeNs,
      target,
      rdev,
    };
  }
  const real = attributesOf(realOf(entry));
  if (real.type === 'directory') return isMerged(entry) ? { ...real, nlink: 1 } : real;
  return entry.indexed ? { ...real, nlink: unionNlink(entry) } : real;
}

/**
 * Two and each subdirectory; btrfs counts none. Undefined for a root that can be written to: plans make a directory of
 * their own in it.
 */
function directoryNlink({ volume, entries }: Inode, isRoot: boolean): number | undefined {
  if (volume.filesystem === 'btrfs') return 1;
  if (isRoot && !volume.readOnly) return undefined;
  return 2 + [...entries.values()].filter(({ type }) => type === 'directory').length;
}

/** inode.c:ovl_path_real: the upper, else the topmost lower; a file's data may lie elsewhere (`dataOf`). */
export function realOf({ upper, lowers }: OverlayEntry): Entry {
  return upper ?? lowers[0]!.entry;
}

/** util.c:ovl_path_type, OVL_TYPE_MERGE: a directory of several layers, or a file without its data. */
export function isMerged(entry: OverlayEntry): boolean {
  const { upper, upperMetacopy } = entry;
  if (upper === undefined) return lowerCount(entry) > 1;
  return lowerCount(entry) > 0 && (upper.type === 'directory' || upperMetacopy);
}

/** util.c:ovl_path_type, OVL_TYPE_ORIGIN */
export function hasOrigin(entry: OverlayEntry): boolean {
  return entry.upper !== undefined && lowerCount(entry) > 0 && entry.constantInode;
}

/** Bytes of a file; undefined for what the model does not know. */
export function contentsOf(entry: Entry): Contents | Failure | undefined {
  const data = dataOf(entry);
  return data.kind === 'failure' ? data : (data.unreadable ?? data.contents);
}

/** The plain inode that has the data of a file. util.c:ovl_path_realdata */
export function dataOf(entry: Entry): Inode | Failure {
  if (entry.kind === 'inode') return entry;
  if (entry.upper !== undefined && !entry.upperMetacopy) return entry.upper;
  return lowerDataOf(entry);
}

/** util.c:ovl_path_lowerdata */
export function lowerDataOf(entry: OverlayEntry): Inode | Failure {
  if (entry.dataRedirect !== undefined) return lookupData(entry.overlay, entry.dataRedirect);
  const last = entry.lowers.at(-1);
  return last === undefined ? fail('T5', 'EIO', 'there is no data below') : dataOf(last.entry);
}

/** In bytes, of a file: that of the topmost inode, which knows it without having the data. */
export function fileSizeOf(entry: Entry): number | undefined {
  if (entry.kind === 'overlay-entry') return fileSizeOf(realOf(entry));
  return entry.contents === undefined ? undefined : sizeOf(entry.contents);
}

/** Why the names of a directory cannot be read: those of one of its layers cannot. readdir.c:ovl_dir_read_merged */
export function unreadableNames(directory: Entry): Failure | undefined {
  if (directory.kind === 'inode') return directory.unreadable;
  for (const layer of layersOf(directory)) {
    const failure = unreadableNames(layer);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** T1: names that a directory shows, of every layer once, without those that are whited out. readdir.c */
export function namesOf(directory: Entry): readonly string[] {
  if (directory.kind === 'inode') return [...directory.entries.keys()];
  const names = new Map<string, boolean>();
  for (const layer of layersOf(directory)) {
    const hides = hidesWhiteouts(directory.overlay, layer);
    for (const name of namesOf(layer)) if (!names.has(name)) names.set(name, !hides(lookup(layer, name)));
  }
  if ([...names.values()].includes(false)) directory.overlay.met.add('T2');
  return [...names].flatMap(([name, shown]) => (shown ? [name] : []));
}

/** The directories that a directory of an overlay is merged from, top first. */
export function layersOf({ upper, lowers }: OverlayEntry): readonly Entry[] {
  return [...(upper === undefined ? [] : [upper]), ...lowers.map(({ entry }) => entry)];
}

/** T16: attributes that listxattr(2) shows. An overlay hides its own, and takes its prefix off escaped ones. */
export function xattrNamesOf(entry: Entry): readonly string[] {
  if (entry.kind === 'inode') return [...entry.xattrs.keys()];
  return xattrNamesOf(realOf(entry))
    .filter((name) => !isPrivate(entry.overlay, name))
    .map((name) => shownName(entry.overlay, name));
}

/** Undefined: there is none. A name of the overlay's own is looked for under its escaped one. */
export function xattrOf(entry: Entry, name: string): XattrValue | undefined {
  if (entry.kind === 'inode') return entry.xattrs.get(name);
  const stored = storedName(entry.overlay, name);
  return stored === undefined ? undefined : xattrOf(realOf(entry), stored);
}

/** T15: names of an indexed file, in the upper and those of the lower not covered. inode.c:ovl_get_nlink */
export function unionNlink(entry: OverlayEntry): number {
  const { upper, overlay } = entry;
  const lower = entry.lowers[0];
  const lowerNlink = lower === undefined ? 1 : (attributesOf(lower.entry).nlink ?? 1);
  if (upper === undefined) return lowerNlink;
  const stored = upper.xattrs.get(nlinkName(overlay));
  const difference = stored == null ? undefined : parseNlink(Buffer.from(stored, 'hex').toString());
  if (difference === undefined) return upper.nlink;
  return (difference.of === 'L' ? lowerNlink : upper.nlink) + difference.by;
}

export function nlinkName({ config }: OverlayEntry['overlay']): string {
  return config.userxattr ? 'user.overlay.nlink' : 'trusted.overlay.nlink';
}

function parseNlink(text: string): { readonly of: string; readonly by: number } | undefined {
  const [, of, by] = /^([LU])([+-]\d+)$/.exec(text) ?? [];
  return of === undefined ? undefined : { of, by: Number(by) };
}
