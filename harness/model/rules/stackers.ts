/** The other filesystems that assign s_stack_depth (rule D1): eCryptfs and FUSE passthrough. */
import type { EcryptfsMount, FuseMount } from '../../topology/topology.ts';
import type { Behaviours } from '../behaviour.ts';
import { depthChain, type DepthOf } from '../depth.ts';
import type { Superblock } from '../superblock.ts';
import type { Exercised } from './exercised.ts';
import { logged, type Acceptance, type Refusal } from './rule.ts';

/** D5, D6: fs/ecryptfs/main.c:ecryptfs_mount, ecryptfs_get_tree (7.x). The type is looked at before the depth. */
export function mountEcryptfs(
  mount: EcryptfsMount,
  lower: Superblock,
  depthOf: DepthOf,
  { maxStackDepth }: Behaviours,
): Refusal | Acceptance {
  if (lower.type === 'ecryptfs')
    return {
      rule: 'D6',
      errno: 'EINVAL',
      messages: [logged('D6', DISALLOWED), logged('D6', FAILED)],
      why: 'eCryptfs does not mount on eCryptfs',
    };
  const depth = lower.depth + 1;
  if (depth > maxStackDepth)
    return {
      rule: 'D5',
      errno: 'EINVAL',
      messages: [logged('D5', /^eCryptfs: maximum fs stacking depth exceeded$/), logged('D5', FAILED)],
      why: `depth ${depth} > ${maxStackDepth}: ${depthChain(mount, depth, depthOf)}`,
    };
  return { depth, messages: [], exercised: { triggered: [], spared: depth === maxStackDepth ? ['D5', 'D6'] : ['D6'] } };
}

const DISALLOWED = /^Mount on filesystem of type eCryptfs explicitly disallowed due to known incompatibilities$/;
const FAILED = /^Reading sb failed; rc = \[-22\]$/;

/**
 * D7, D9: the depth that the daemon declares, if passthrough is on: max_stack_depth of 1 or 2, no writeback cache.
 * Until the daemon has answered INIT it is 0. fs/fuse/inode.c:process_init_reply
 */
export function fuseDepth(mount: FuseMount, { fusePassthrough, maxStackDepth }: Behaviours): number {
  const declared = mount.passthrough;
  if (!fusePassthrough || declared === undefined || declared.writebackCache) return 0;
  return declared.maxStackDepth > 0 && declared.maxStackDepth <= maxStackDepth ? declared.maxStackDepth : 0;
}

/** What a FUSE mount shows of the rules: whether passthrough was asked for, and whether it is granted. */
export function exercisedByFuse(mount: FuseMount, behaviours: Behaviours): Exercised {
  if (mount.passthrough === undefined) return { triggered: ['D1'], spared: [] };
  const granted = fuseDepth(mount, behaviours) > 0;
  if (granted) return { triggered: ['D7'], spared: ['D9'] };
  return { triggered: ['D1', 'D9'], spared: behaviours.fusePassthrough ? ['D7'] : [] };
}

/**
 * FUSE_DEV_IOC_BACKING_OPEN of a file, silent. D8: its filesystem must lie lower than the daemon declared; D9: a mount
 * without passthrough takes none. fs/fuse/backing.c:fuse_backing_open (6.12: passthrough.c), dev.c:fuse_dev_ioctl
 */
export function openFuseBacking(mount: FuseMount, backing: Superblock, behaviours: Behaviours): Refusal | undefined {
  const { fusePassthrough, fuseNoPassthroughErrno } = behaviours;
  if (!fusePassthrough)
    return { rule: 'D9', errno: fuseNoPassthroughErrno, messages: [], why: 'this kernel has no FUSE passthrough' };
  const declared = fuseDepth(mount, behaviours);
  if (declared === 0) return { rule: 'D9', errno: 'EPERM', messages: [], why: 'this FUSE mount has no passthrough' };
  const why = `the backing file lies at depth ${backing.depth}, and the daemon declared ${declared}`;
  return backing.depth >= declared ? { rule: 'D8', errno: 'ELOOP', messages: [], why } : undefined;
}
