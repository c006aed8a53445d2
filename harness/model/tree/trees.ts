/**
 * The trees of a mount graph: what each mount shows, what lies in each overlay's upper, and what a change does to them.
 * Pure and in memory, in the manner of unionmount-testsuite; a change of an overlay never reaches its lowers.
 */
import type { Change } from '../../../vm/machine.ts';
import { mountsUpTo, type DirectoryIn, type FileIn, type Mount, type OverlayMount } from '../../topology/topology.ts';
import type { Behaviours } from '../behaviour.ts';
import type { Contents, ExpectedMessage } from '../prediction.ts';
import type { Exercised } from '../rules/exercised.ts';
import type { RuleId } from '../rules/rule.ts';
import { changeAttributes } from './attribute-changes.ts';
import { treeConfigOf } from './config.ts';
import { copyRange } from './copy-range.ts';
import { attributesOf, contentsOf, dataOf } from './entry.ts';
import { exercisedByChange, exercisedByListing } from './exercised.ts';
import { fail, isFailure, type Failure } from './failure.ts';
import { changeFile } from './file-changes.ts';
import { createInode } from './inode.ts';
import { listingOf, type ExpectedEntry } from './listing.ts';
import { rootOf } from './lookup.ts';
import { changeNames } from './names.ts';
import { createOverlay, type LayerParts } from './overlay-mount.ts';
import type { Entry, Overlay } from './overlay.ts';
import { volumeFor } from './volumes.ts';
import { walk, walkToName } from './walk.ts';
import type { Inode, Volume } from './inode.ts';

export type { ExpectedEntry, ExpectedXattr, LostEntry, ShownEntry } from './listing.ts';

export type Applied =
  | { readonly kind: 'done'; readonly why: string; readonly exercised: Exercised }
  | {
      readonly kind: 'refused';
      readonly errno: string;
      readonly rule: RuleId;
      readonly messages: readonly ExpectedMessage[];
      readonly why: string;
    };

export type Listed =
  | { readonly kind: 'listed'; readonly entries: readonly ExpectedEntry[]; readonly exercised: Exercised }
  | Extract<Applied, { kind: 'refused' }>;

export type ReadBack = { readonly kind: 'read'; readonly contents: Contents } | Extract<Applied, { kind: 'refused' }>;

/** What is mounted is known by the node of the graph. Everything of a mount that is not modelled is undefined. */
export class Trees {
  readonly #behaviours: Behaviours;
  /** By mount, or by loop device: two mounts of one device are one superblock. */
  readonly #superblocks = new Map<object, Volume | Overlay | undefined>();

  readonly #prefix: string;

  /** `prefix`: before every name for a device or inode number. */
  constructor(behaviours: Behaviours, prefix = '') {
    this.#prefix = prefix;
    this.#behaviours = behaviours;
  }

  /**
   * Whether the model can say what a mount shows: not of FUSE and eCryptfs, nor of what stands on them. (Of these, only
   * bytes and changes go through.)
   */
  knows(mount: Mount): boolean {
    if (this.#superblockOf(mount) === undefined) return false;
    return !mountsUpTo(mount).some((each) => each.kind === 'fuse' || each.kind === 'ecryptfs' || this.#isUnsure(each));
  }

  #isUnsure(mount: Mount): boolean {
    const superblock = this.#superblockOf(mount);
    return superblock?.kind === 'volume' && superblock.unsure;
  }

  /**
   * What a change comes to; when it is refused, the mount shows what it showed before. Undefined: the model does not know
   * the mount, or a device would be opened, which is its driver's business.
   */
  apply(on: Mount, change: Change): Applied | undefined {
    const root = this.#rootOf(on);
    if (root === undefined || opensDevice(root, change)) return undefined;
    const met = metBy(root);
    const failure = applyTo(root, change);
    if (failure !== undefined) return refused(failure);
    return { kind: 'done', why: whyOf(root, change), exercised: exercisedByChange(change, met) };
  }

  /** What a directory of a mount shows, or any other entry. `.fathom` at the root of a plain filesystem is left out. */
  list(on: Mount, path: string): Listed | undefined {
    if (!this.knows(on)) return undefined;
    const root = this.#rootOf(on);
    if (root === undefined) return undefined;
    const met = metBy(root);
    const entry = walk(root, path, { follow: true });
    if (isFailure(entry)) return refused(entry);
    const entries = listingOf(entry, () => undefined);
    return { kind: 'listed', entries, exercised: exercisedByListing(met) };
  }

  /** What lies in the upper directory of an overlay. Undefined: it has none, or the model does not know it. */
  listUpper(of: Mount): readonly ExpectedEntry[] | undefined {
    const overlay = this.knows(of) ? this.#superblockOf(of) : undefined;
    if (overlay?.kind !== 'overlay' || overlay.upper === undefined) return undefined;
    return listingOf(overlay.upper, (entry) => (entry.kind === 'inode' ? overlay.uncertain.get(entry) : undefined));
  }

  /** What a read of a file returns; undefined where nothing is known of it. */
  read(on: Mount, path: string): ReadBack | undefined {
    const root = this.#rootOf(on);
    const entry = root === undefined ? undefined : walk(root, path, { follow: true });
    if (entry === undefined) return undefined;
    const contents = isFailure(entry) ? entry : contentsOf(entry);
    if (contents === undefined) return undefined;
    return isFailure(contents) ? refused(contents) : { kind: 'read', contents };
  }

  /** F1, F2: fs/verity/enable.c:fsverity_ioctl_enable, of a file of a plain filesystem. */
  seal(on: Mount, path: string): Extract<Applied, { kind: 'refused' }> | undefined {
    const inode = this.#inodeAt(on, path);
    if (inode === undefined) return undefined;
    if (!inode.volume.fsVerity)
      return refused(fail('F1', 'EOPNOTSUPP', 'the filesystem was made without the feature verity'));
    if (inode.sealed) return refused(fail('F2', 'EEXIST', `/${path} is sealed already`));
    inode.sealed = true;
    return undefined;
  }

  isSealed(on: Mount, path: string): boolean {
    return this.#inodeAt(on, path)?.sealed ?? false;
  }

  #inodeAt(on: Mount, path: string): Inode | undefined {
    const root = this.#rootOf(on);
    const entry = root === undefined ? undefined : walk(root, path, { follow: true });
    return entry?.kind === 'inode' ? entry : undefined;
  }

  /** Whether a file can be read with O_DIRECT (rule R1); undefined where nothing is known of it. */
  hasDirectIo(on: Mount, path: string): boolean | undefined {
    const root = this.knows(on) ? this.#rootOf(on) : undefined;
    const entry = root === undefined ? undefined : walk(root, path, { follow: true });
    if (entry === undefined || isFailure(entry)) return undefined;
    const data = dataOf(entry);
    return isFailure(data) ? undefined : data.volume.hasDirectIo(data.contents);
  }

  /** A file copied onto a plain filesystem before a step, as plans do with what lies elsewhere. */
  copyFile(from: FileIn, on: Mount, path: string): void {
    const root = this.#rootOf(on);
    if (root?.kind !== 'inode') return;
    const place = walkToName(root, path, NO_PLACE);
    if (isFailure(place) || place.parent.kind !== 'inode') return;
    const read = this.read(from.on, from.path);
    const contents = read?.kind === 'read' ? read.contents : undefined;
    const inode = createInode(root.volume, { type: 'file', mode: 0o644, contents });
    place.parent.entries.set(place.name, inode);
  }

  /** A fresh one for every call: what is looked up in it lasts as long as the call. */
  #rootOf(mount: Mount): Entry | undefined {
    if (mount.kind === 'bind') return this.#directoryOf(mount.of);
    if (mount.kind === 'fuse' || mount.kind === 'ecryptfs') return this.#directoryOf(mount.over);
    const superblock = this.#superblockOf(mount);
    return superblock?.kind === 'overlay' ? rootOf(superblock) : superblock?.root;
  }

  #directoryOf({ on, path }: DirectoryIn): Entry | undefined {
    const root = this.#rootOf(on);
    const directory = root === undefined ? undefined : walk(root, path, { follow: true });
    return isFailure(directory) ? undefined : directory;
  }

  #superblockOf(mount: Mount): Volume | Overlay | undefined {
    if (mount.kind === 'bind') return this.#superblockOf(mount.of.on);
    if (mount.kind === 'fuse' || mount.kind === 'ecryptfs') return this.#superblockOf(mount.over.on);
    const key = mount.kind === 'erofs' && mount.source.kind === 'loop' ? mount.source : mount;
    if (!this.#superblocks.has(key))
      this.#superblocks.set(key, this.#make(mount, `${this.#prefix}${this.#superblocks.size}`));
    return this.#superblocks.get(key);
  }

  #make(mount: Mount, number: string): Volume | Overlay | undefined {
    if (mount.kind === 'overlay' && isWrittenOut(mount)) return undefined;
    if (mount.kind !== 'overlay') return volumeFor(mount, `${mount.kind}${number}`, this.#behaviours);
    const upper = mount.upper === undefined ? undefined : this.#superblockOf(mount.upper.on);
    const lowers = mount.lowers.map((layer) => this.#layerOf(layer.on, layer.path));
    const dataOnly = mount.dataOnly.map((layer) => this.#layerOf(layer.on, layer.path));
    if ((mount.upper !== undefined && upper?.kind !== 'volume') || upper?.kind === 'overlay') return undefined;
    if (!areKnown(lowers) || !areKnown(dataOnly)) return undefined;
    const config = treeConfigOf(mount, this.#behaviours);
    return createOverlay({ id: `overlay${number}`, behaviours: this.#behaviours, config, upper, lowers, dataOnly });
  }

  /** Undefined: its filesystem is not modelled, or there is no such directory. */
  #layerOf(on: Mount, path: string): LayerParts | undefined {
    const superblock = this.#superblockOf(on);
    const directory = this.#directoryOf({ on, path });
    if (superblock === undefined || directory === undefined) return undefined;
    // Of an overlay, one that is looked up afresh: it may have been copied up.
    const root = () => (superblock.kind === 'overlay' ? (this.#directoryOf({ on, path }) ?? directory) : directory);
    return { superblock, root };
  }
}

/** Its upper may have a history. What is read-only is what its fields and the options among its parameters say. */
function isWrittenOut({ parameters, upper }: OverlayMount): boolean {
  return (
    (parameters !== undefined && upper !== undefined) || upper?.upperdir !== undefined || upper?.workdir !== undefined
  );
}

const NO_PLACE: Failure = {
  kind: 'failure',
  errno: 'EISDIR',
  rule: 'T23',
  why: 'the root is a directory',
  messages: [],
};

function areKnown(layers: readonly (LayerParts | undefined)[]): layers is readonly LayerParts[] {
  return layers.every((layer) => layer !== undefined);
}

/** The rules that are met from now on; undefined of what is no overlay. */
function metBy(root: Entry): ReadonlySet<RuleId> | undefined {
  if (root.kind === 'inode') return undefined;
  root.overlay.met.clear();
  return root.overlay.met;
}

function opensDevice(root: Entry, change: Change): boolean {
  if (!['open-write', 'write', 'append', 'mmap-write', 'fallocate', 'fsync', 'copy-file-range'].includes(change.how))
    return false;
  const entry = walk(root, change.path, { follow: true });
  return !isFailure(entry) && ['character', 'block'].includes(attributesOf(entry).type);
}

function applyTo(root: Entry, change: Change): Failure | undefined {
  switch (change.how) {
    case 'create':
    case 'mkdir':
    case 'symlink':
    case 'mknod':
    case 'link':
    case 'unlink':
    case 'rmdir':
    case 'rename':
      return changeNames(root, change);
    case 'open-write':
    case 'write':
    case 'append':
    case 'mmap-write':
    case 'truncate':
    case 'fallocate':
    case 'fsync':
      return changeFile(root, change);
    case 'copy-file-range':
      return copyRange(root, change);
    case 'chmod':
    case 'chown':
    case 'utimensat':
    case 'setxattr':
    case 'removexattr':
      return changeAttributes(root, change);
  }
  return change satisfies never;
}

function refused({ errno, rule, messages, why }: Failure): Extract<Applied, { kind: 'refused' }> {
  return { kind: 'refused', errno, rule, messages, why };
}

function whyOf(root: Entry, { how, path }: Change): string {
  return root.kind === 'inode' ? `${how} of ${path} is done in place` : `${how} of ${path} is done in the upper layer`;
}
