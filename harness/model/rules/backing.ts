/** What disks and tmpfs say when they are mounted. Their depth is 0: D1. */
import type { DiskSpec } from '../../../vm/machine.ts';
import { encodingOf, type DiskMount, type TmpfsMount } from '../../topology/topology.ts';
import type { Behaviours } from '../behaviour.ts';
import type { ExpectedMessage } from '../prediction.ts';
import type { Exercised } from './exercised.ts';
import { fromContext, logged, type Acceptance, type Refusal } from './rule.ts';

/**
 * B1: 5.10 warns of XFS timestamps beyond 2038, which fathom's disks have: without them every kernel would warn of
 * 2038 (fs/namespace.c:mnt_warn_timestamp_expiry). fs/xfs/xfs_super.c:xfs_fc_fill_super
 */
export function diskMessages(
  filesystem: DiskSpec['filesystem'],
  { xfsBigTimestamps }: Behaviours,
): readonly ExpectedMessage[] {
  return filesystem === 'xfs' && xfsBigTimestamps === 'experimental'
    ? [logged('B1', /^XFS \([^)]+\): EXPERIMENTAL big timestamp feature in use\. Use at your own risk!$/, 'possible')]
    : [];
}

/** B3: fs/ext4/super.c:ext4_feature_set_ok. D1. */
export function mountDisk(mount: DiskMount, behaviours: Behaviours): Refusal | Acceptance {
  const { filesystem } = mount.disk;
  if (encodingOf(mount) !== undefined && !behaviours.ext4Casefold)
    return {
      rule: 'B3',
      errno: 'EINVAL',
      messages: [
        logged('B3', /^EXT4-fs \([^)]+\): Filesystem with casefold feature cannot be mounted without CONFIG_UNICODE$/),
      ],
      why: 'it can fold case, and this kernel has no CONFIG_UNICODE',
    };
  const exercised: Exercised = { triggered: ['D1'], spared: filesystem === 'ext4' ? ['B3'] : [] };
  return { depth: 0, messages: diskMessages(filesystem, behaviours), exercised };
}

/** B2: mm/shmem.c:shmem_fs_parameters */
export function mountTmpfs(
  { casefold }: TmpfsMount,
  api: 'mount' | 'fsopen',
  { tmpfsCasefold }: Behaviours,
): Refusal | Acceptance {
  if (casefold === undefined || tmpfsCasefold)
    return { depth: 0, messages: [], exercised: { triggered: [], spared: ['B2'] } };
  return {
    rule: 'B2',
    errno: 'EINVAL',
    messages: [
      fromContext('B2', api, "tmpfs: (?:Unknown parameter 'casefold'|tmpfs: Kernel not built with CONFIG_UNICODE\\n?)"),
    ],
    why: 'this tmpfs cannot fold case',
  };
}
