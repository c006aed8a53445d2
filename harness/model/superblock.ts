/** What the rules know of a mounted filesystem: the fields of `struct super_block` that they read. */
import { encodingOf, imageOf, isReadOnlyDisk, type Mount } from '../topology/topology.ts';

export interface Superblock {
  /** `s_type->name`. */
  readonly type:
    | 'xfs'
    | 'ext4'
    | 'btrfs'
    | 'squashfs'
    | 'tmpfs'
    | 'ramfs'
    | 'rootfs'
    | 'proc'
    | 'erofs'
    | 'overlay'
    | 'fuse'
    | 'ecryptfs';
  /**
   * `s_stack_depth`. D1: 0 for all that does not assign it; overlayfs, eCryptfs, FUSE passthrough and, in one state,
   * erofs do. D11: no kernel shows it to user space.
   */
  readonly depth: number;
  /** `s_bdev` is set. */
  readonly hasBlockDevice: boolean;
  /** Its files' `a_ops->read_folio` is set: overlayfs and tmpfs have none (rule E4). */
  readonly hasReadFolio: boolean;
  readonly readOnly: boolean;
  /** Its dentries carry DCACHE_OP_REAL (rule O9). */
  readonly isOverlay: boolean;
  /** RENAME_WHITEOUT does (rules O28, O29): an overlay makes no whiteouts, and FUSE what lies below its daemon makes. */
  readonly makesWhiteouts: boolean;
  /** What keeps its attributes is an overlay, by FUSE or itself: before 6.7 none takes another's `trusted.overlay.…`. */
  readonly keptByOverlay: boolean;
  /** Files can be found again by a handle (exportfs_can_decode_fh). */
  readonly hasFileHandles: boolean;
  /**
   * `s_uuid`: what is built from the same specification has the same; undefined where it is one of its own, null where
   * there is none (rule O39).
   */
  readonly uuid: unknown;
  /** `s_encoding`: directories can fold case (rules O14, O15). */
  readonly encoding: 'utf8' | 'utf8-strict' | undefined;
}

type Fixed = Omit<Superblock, 'type' | 'depth' | 'hasBlockDevice' | 'readOnly'>;

/**
 * procfs is no stack, and says that it is as deep as can be, so that nothing is put on it. D1 has this exception.
 * fs/proc/root.c:proc_fill_super
 */
export function procfs(maxStackDepth: number): Superblock {
  return { ...PLAIN, type: 'proc', depth: maxStackDepth, hasBlockDevice: false, readOnly: false };
}

const PLAIN: Fixed = {
  hasReadFolio: true,
  isOverlay: false,
  makesWhiteouts: true,
  keptByOverlay: false,
  hasFileHandles: true,
  uuid: undefined,
  encoding: undefined,
};

/** A plain one, written out: this is most of what a prediction makes, and a spread costs ten times as much. */
function made({
  type,
  depth,
  uuid,
  hasBlockDevice,
  readOnly,
}: Pick<Superblock, 'type' | 'depth' | 'uuid' | 'hasBlockDevice' | 'readOnly'>): Superblock {
  const { hasReadFolio, isOverlay, makesWhiteouts, keptByOverlay, hasFileHandles, encoding } = PLAIN;
  return {
    type,
    depth,
    hasBlockDevice,
    readOnly,
    hasReadFolio,
    isOverlay,
    makesWhiteouts,
    keptByOverlay,
    hasFileHandles,
    uuid,
    encoding,
  };
}

/** The superblock of a mount that the kernel accepts with this depth. `lower` is what FUSE or eCryptfs stands on. */
export function superblockOf(mount: Mount, depth: number, lower?: Superblock): Superblock {
  switch (mount.kind) {
    case 'disk': {
      const type = mount.disk.filesystem;
      const superblock = made({
        type,
        depth,
        uuid: type === 'squashfs' ? null : mount.disk,
        hasBlockDevice: true,
        readOnly: isReadOnlyDisk(mount.disk),
      });
      const encoding = encodingOf(mount);
      return encoding === undefined ? superblock : { ...superblock, encoding };
    }
    case 'tmpfs':
      return {
        ...PLAIN,
        type: mount.type ?? 'tmpfs',
        depth,
        hasBlockDevice: false,
        readOnly: false,
        // ramfs has the page cache's own.
        hasReadFolio: mount.type === 'ramfs',
        makesWhiteouts: mount.type === undefined,
        hasFileHandles: mount.type === undefined,
        encoding: mount.casefold,
      };
    case 'machine':
      return { ...PLAIN, type: 'rootfs', depth, hasBlockDevice: false, readOnly: false };
    case 'erofs':
      return made({
        type: 'erofs',
        depth,
        uuid: imageOf(mount),
        hasBlockDevice: mount.source.kind === 'loop',
        readOnly: true,
      });
    case 'overlay':
      return {
        type: 'overlay',
        depth,
        hasBlockDevice: false,
        readOnly: mount.upper === undefined,
        hasReadFolio: false,
        isOverlay: true,
        makesWhiteouts: false,
        keptByOverlay: true,
        hasFileHandles: false,
        uuid: undefined,
        encoding: undefined,
      };
    case 'fuse':
      return {
        ...PLAIN,
        type: 'fuse',
        depth,
        hasBlockDevice: false,
        readOnly: lower?.readOnly ?? false,
        makesWhiteouts: lower?.makesWhiteouts ?? true,
        keptByOverlay: lower?.keptByOverlay ?? false,
      };
    case 'ecryptfs':
      return {
        ...PLAIN,
        type: 'ecryptfs',
        depth,
        hasBlockDevice: false,
        readOnly: lower?.readOnly ?? false,
        makesWhiteouts: false,
        hasFileHandles: false,
      };
    case 'bind':
      throw new Error('a bind mount has the superblock of what it binds');
  }
  return mount satisfies never;
}
