/** What the rules know of a mounted filesystem: the fields of `struct super_block` that they read. */
import type { Mount } from '../topology/topology.ts';

export interface Superblock {
  readonly mount: Mount;
  /** `s_type->name`. */
  readonly type: 'xfs' | 'ext4' | 'btrfs' | 'tmpfs' | 'erofs' | 'overlay' | 'fuse' | 'ecryptfs';
  /** `s_stack_depth`. */
  readonly depth: number;
  /** `s_bdev` is set. */
  readonly hasBlockDevice: boolean;
  /** Its files' `a_ops->read_folio` is set: overlayfs and tmpfs have none (rule E4). */
  readonly hasReadFolio: boolean;
  readonly readOnly: boolean;
  /** Its dentries carry DCACHE_OP_REAL (rule O9). */
  readonly isOverlay: boolean;
}
