/** The other filesystems that assign s_stack_depth (rule D1): eCryptfs and FUSE passthrough. */
import type { EcryptfsMount, FuseMount } from '../../topology/topology.ts';
import type { Behaviours } from '../behaviour.ts';
import { depthChain, type DepthOf } from '../depth.ts';
import type { Superblock } from '../superblock.ts';
import { logged, type Refusal } from './rule.ts';

/** D5, D6: fs/ecryptfs/main.c:ecryptfs_mount, ecryptfs_get_tree. The type is looked at before the depth. */
export function mountEcryptfs(mount: EcryptfsMount, lower: Superblock, depthOf: DepthOf, { maxStackDepth }: Behaviours): Refusal | { readonly depth: number } {
  const failed = logged('D5', /^Reading sb failed; rc = \[-22\]$/, 'possible');
  if (lower.type === 'ecryptfs')
    return {
      rule: 'D6',
      errno: 'EINVAL',
      messages: [logged('D6', /Mount on filesystem of type eCryptfs explicitly disallowed due to known incompatibilities/), failed],
      why: 'eCryptfs does not mount on eCryptfs',
    };
  const depth = lower.depth + 1;
  if (depth > maxStackDepth)
    return {
      rule: 'D5',
      errno: 'EINVAL',
      messages: [logged('D5', /eCryptfs: maximum fs stacking depth exceeded/), failed],
      why: `depth ${depth} > ${maxStackDepth}: ${depthChain(mount, depth, depthOf)}`,
    };
  return { depth };
}

/**
 * D7, D9: the depth that the daemon declares, if passthrough is on: max_stack_depth of 1 or 2, no writeback cache.
 * fs/fuse/inode.c:process_init_reply
 */
export function fuseDepth(mount: FuseMount, { fusePassthrough, maxStackDepth }: Behaviours): number {
  const declared = mount.passthrough;
  if (!fusePassthrough || declared === undefined || declared.writebackCache) return 0;
  return declared.maxStackDepth > 0 && declared.maxStackDepth <= maxStackDepth ? declared.maxStackDepth : 0;
}

/** D8: FUSE_DEV_IOC_BACKING_OPEN of a file. fs/fuse/backing.c:fuse_backing_open. Silent. */
export function openFuseBacking(mount: FuseMount, backing: Superblock, behaviours: Behaviours): Refusal | undefined {
  const declared = fuseDepth(mount, behaviours);
  return declared > 0 && backing.depth >= declared
    ? { rule: 'D8', errno: 'ELOOP', messages: [], why: `the backing file lies at depth ${backing.depth}, and the daemon declared ${declared}` }
    : undefined;
}
