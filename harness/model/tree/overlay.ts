/** An overlay's layers and what follows from them once, at mount. fs/overlayfs/super.c, params.c */
import type { Behaviours } from '../behaviour.ts';
import type { RuleId } from '../rules/rule.ts';
import type { Device, Inode, NodeType, Volume } from './inode.ts';

/** `struct ovl_config` as it is in effect, after every fallback. */
export interface TreeConfig {
  readonly redirect: 'on' | 'follow' | 'nofollow';
  readonly metacopy: boolean;
  readonly index: boolean;
  readonly nfsExport: boolean;
  readonly xino: 'on' | 'off' | 'auto';
  readonly userxattr: boolean;
  readonly volatile: boolean;
}

export interface Overlay {
  readonly kind: 'overlay';
  /** A name for its st_dev. */
  readonly id: string;
  readonly behaviours: Behaviours;
  readonly config: TreeConfig;
  readonly upper: Inode | undefined;
  /** Lowers that are merged, top first. */
  readonly layers: readonly Layer[];
  /** Lowers that only metacopy redirects lead into, top first. */
  readonly dataLayers: readonly Layer[];
  /**
   * How st_ino is made: `same-fs`, all layers are one filesystem; `bits`, the filesystem's number is in the high bits;
   * `none`. super.c:ovl_get_layers (`xino_mode`)
   */
  readonly xino: 'same-fs' | 'bits' | 'none';
  /** ovl_setxattr does not work on the upper: no opaque, redirect or origin. */
  readonly noXattr: boolean;
  /** index=on: the upper inode of a lower one that has several names. */
  readonly index: Map<Inode, Inode>;
  /** The copy-up origin of an upper inode, as its attribute origin says. */
  readonly origins: Map<Inode, LowerPath>;
  /** What in its upper is there only as long as nothing was dropped from caches: judged as `may be present`. */
  readonly uncertain: Map<Inode, Set<string>>;
  /** The rules that were met since somebody looked (exercised.ts). */
  readonly met: Set<RuleId>;
}

export interface Layer {
  /** From 0, top first. */
  readonly position: number;
  /** Number of its filesystem, 0 for that of the upper. super.c:ovl_get_fsid */
  readonly fsid: number;
  /** File handles of this layer are decoded: its filesystem has them, and its UUID is its own. */
  readonly decodes: boolean;
  /** The directory that the layer is; looked up afresh, since an overlay below may have copied it up. */
  readonly root: () => Entry;
}

/** What a name stands for: in a plain filesystem, or in an overlay. */
export type Entry = Inode | OverlayEntry;

/** A directory entry of an overlay: `struct dentry` with `ovl_entry` and `ovl_inode`. */
export interface OverlayEntry {
  readonly kind: 'overlay-entry';
  readonly overlay: Overlay;
  /** Undefined for the root. */
  readonly parent: OverlayEntry | undefined;
  readonly name: string;
  upper: Inode | undefined;
  /** The name itself is in the upper too; without it the upper inode was found through the index. */
  alias: boolean;
  /** Top first; of a file at most the topmost metacopy and the data. */
  readonly lowers: readonly LowerPath[];
  /** Where in the data-only lowers the data lies: looked up when it is asked for. */
  readonly dataRedirect: string | undefined;
  /** OVL_INDEX */
  indexed: boolean;
  /** The upper inode has no data: !OVL_UPPERDATA. */
  upperMetacopy: boolean;
  /** OVL_CONST_INO: st_ino stays over a copy-up. inode.c:ovl_hash_bylower */
  readonly constantInode: boolean;
  /** OVL_E_OPAQUE of an upper directory. */
  readonly opaque: boolean;
  redirect: string | undefined;
  /** What has been looked up in it, for as long as one call lasts. */
  readonly children: Map<string, OverlayEntry | Negative>;
}

/** No entry; where a whiteout is the reason, a new one has to replace it. */
export interface Negative {
  readonly kind: 'negative';
  readonly whiteout: boolean;
}

export interface LowerPath {
  readonly entry: Entry;
  readonly layer: Layer;
}

/** What stat(2) says, but for st_dev and st_ino (identity.ts). */
export interface Attributes {
  readonly type: NodeType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Undefined where the filesystem counts in its own way: directories. */
  readonly nlink: number | undefined;
  readonly mtimeNs: string | undefined;
  readonly target: string | undefined;
  readonly rdev: Device | undefined;
}

/** overlayfs.h:ovl_redirect_follow */
export function followsRedirects({ config }: Overlay): boolean {
  return config.redirect !== 'nofollow';
}

/** overlayfs.h:ovl_allow_offline_changes: none of the features that rely on lowers that stay as they are. */
export function allowsOfflineChanges({
  redirect,
  metacopy,
  index,
  xino,
}: Pick<TreeConfig, 'redirect' | 'metacopy' | 'index' | 'xino'>): boolean {
  return !index && !metacopy && redirect !== 'on' && xino !== 'on';
}

/** Where the attributes of the overlay's own lie. */
export function xattrPrefix({ config }: Overlay): string {
  return config.userxattr ? 'user.overlay.' : 'trusted.overlay.';
}

/** The volume of a plain layer; undefined for one that is itself an overlay. */
export function volumeOf(entry: Entry): Volume | undefined {
  return entry.kind === 'inode' ? entry.volume : undefined;
}

/** ovl_dentry_lower */
export function lowerOf(entry: OverlayEntry): LowerPath | undefined {
  return entry.lowers[0];
}

/** `oe->numlower`: the data-only lower counts, before it is looked up. */
export function lowerCount({ lowers, dataRedirect }: OverlayEntry): number {
  return lowers.length + (dataRedirect === undefined ? 0 : 1);
}
