/** What the rules know of a mounted filesystem: the fields of `struct super_block` that they read. */
import type { Mount } from '../topology/topology.ts';

export interface Superblock {
  /** `s_type->name`. */
  readonly type: 'xfs' | 'ext4' | 'btrfs' | 'tmpfs' | 'erofs' | 'overlay' | 'fuse' | 'ecryptfs';
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
}

type Fixed = Omit<Superblock, 'type' | 'depth' | 'hasBlockDevice' | 'readOnly'>;

const PLAIN: Fixed = { hasReadFolio: true, isOverlay: false };

/** The superblock of a mount that the kernel accepts with this depth. `lower` is what an eCryptfs stands on. */
export function superblockOf(mount: Mount, depth: number, lower?: Superblock): Superblock {
  switch (mount.kind) {
    case 'disk': {
      const type = mount.disk.filesystem;
      return { ...PLAIN, type, depth, hasBlockDevice: true, readOnly: type === 'erofs' };
    }
    case 'tmpfs':
      return { ...PLAIN, type: 'tmpfs', depth, hasBlockDevice: false, readOnly: false, hasReadFolio: false };
    case 'erofs':
      return { ...PLAIN, type: 'erofs', depth, hasBlockDevice: mount.source.kind === 'loop', readOnly: true };
    case 'overlay':
      return {
        type: 'overlay',
        depth,
        hasBlockDevice: false,
        readOnly: mount.upper === undefined,
        hasReadFolio: false,
        isOverlay: true,
      };
    case 'fuse':
      return { ...PLAIN, type: 'fuse', depth, hasBlockDevice: false, readOnly: false };
    case 'ecryptfs':
      return { ...PLAIN, type: 'ecryptfs', depth, hasBlockDevice: false, readOnly: lower?.readOnly ?? false };
  }
  return mount satisfies never;
}
