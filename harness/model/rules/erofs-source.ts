/** What an erofs mount may be made from, and what that may stand on. super.c:erofs_fc_get_tree, erofs_fc_fill_super */
import type { Behaviours } from '../behaviour.ts';
import { depthChain } from '../depth.ts';
import type { Superblock } from '../superblock.ts';
import { erofsError, refuse, type ErofsSubject } from './erofs-facts.ts';
import { fromContext, type Check } from './rule.ts';

/** V1: fs/super.c:get_tree_bdev */
export const sourceGiven: Check<ErofsSubject> = ({ source, api }) =>
  source.kind === 'unsaid'
    ? refuse('V1', 'EINVAL', 'no source is given', [fromContext('V1', api, 'No source specified')])
    : undefined;

/** V2: fs/fs_context.c:vfs_parse_fs_param_source (5.10: vfs_parse_fs_param, which names itself). */
export const descriptorTaken: Check<ErofsSubject> = ({ source, api }, { erofsOptions }) =>
  'as' in source && source.as === 'fd' && !erofsOptions.has('source')
    ? refuse('V2', 'EINVAL', "this kernel's erofs takes no descriptor as its source", [
        fromContext('V2', api, '(?:VFS: )?Non-string source'),
      ])
    : undefined;

/**
 * E3: the source does not exist. fs/super.c:get_tree_bdev (5.10, 6.1), get_tree_bdev_flags (6.12 on): quiet where
 * file-backed mounts exist.
 */
export const sourceExists: Check<ErofsSubject> = ({ source, api }, behaviours) =>
  source.kind === 'missing'
    ? refuse(
        'E3',
        'ENOENT',
        'the source does not exist',
        behaviours.fileBacked ? [] : [fromContext('E3', api, `.+: ${behaviours.blockDeviceMessage}`)],
      )
    : undefined;

/** E1: there are no file-backed mounts yet. E2: CONFIG_EROFS_FS_BACKED_BY_FILE is off. As E3, never quiet. */
export const blockDeviceOnly: Check<ErofsSubject> = ({ source, api }, behaviours) => {
  if (source.kind === 'block' || behaviours.fileBacked) return undefined;
  const rule = behaviours.erofsStacking === 'no-file-backed' ? 'E1' : 'E2';
  return refuse(
    rule,
    'ENOTBLK',
    rule === 'E1'
      ? 'this kernel mounts erofs from block devices only'
      : 'CONFIG_EROFS_FS_BACKED_BY_FILE is off: block devices only',
    [fromContext(rule, api, `.+: ${behaviours.blockDeviceMessage}`)],
  );
};

/**
 * E4: the source must be a regular file whose a_ops have read_folio; silent. E5: given as a descriptor (7.3 on) it is
 * refused with another errno, aloud. super.c:erofs_fc_get_tree
 */
export const sourceReadable: Check<ErofsSubject> = ({ source, api }) => {
  if (source.kind === 'missing' || source.kind === 'unsaid') return undefined;
  if (source.kind === 'block' && source.as === 'path') return undefined;
  if (source.kind === 'regular' && source.on.hasReadFolio) return undefined;
  const why =
    source.kind === 'regular'
      ? `${source.on.type} files have no read_folio, so none can back erofs`
      : 'the source is no regular file';
  return source.as === 'fd'
    ? refuse('E5', 'EINVAL', why, [fromContext('E5', api, 'erofs: source is unsupported')])
    : refuse('E4', 'ENOTBLK', `${why}; nothing is logged`, []);
};

/** E8, E9, E10: what a file-backed mount may stand on. super.c:erofs_fc_fill_super */
export const stackingAllowed: Check<ErofsSubject> = (subject, behaviours) => {
  if (subject.source.kind !== 'regular') return undefined;
  const backing = subject.source.on;
  const onErofs = backing.type === 'erofs';
  switch (behaviours.erofsStacking) {
    case 'no-file-backed':
    case 'unchecked':
      return undefined;
    case 'counted':
      return depthWithinLimit(subject, backing, behaviours);
    /** E9, state C: `!sb->s_bdev` was asked of the new superblock, where it is always so. */
    case 'no-erofs-backing':
      return onErofs || backing.depth > 0
        ? refuse(
            'E9',
            'ENOTBLK',
            `the image lies on ${describe(backing)}; 072a7c7cdbea refuses any erofs below a file-backed mount`,
            [erofsError('E9', behaviours, STACKED)],
          )
        : undefined;
    case 'no-stacked-backing':
      return (onErofs && !backing.hasBlockDevice) || backing.depth > 0
        ? refuse(
            'E10',
            'ENOTBLK',
            `the image lies on ${describe(backing)}, and 072a7c7cdbea (as mended by 7893cc12251f) refuses that`,
            [erofsError('E10', behaviours, STACKED)],
          )
        : undefined;
  }
  return behaviours.erofsStacking satisfies never;
};

const STACKED = 'file-backed mounts cannot be applied to stacked fses';

/** E8: a file-backed mount counts itself. */
function depthWithinLimit({ mount, depthOf }: ErofsSubject, backing: Superblock, behaviours: Behaviours) {
  const depth = backing.depth + 1;
  if (depth <= behaviours.maxStackDepth) return undefined;
  const chain = depthChain(mount, depth, depthOf);
  return refuse('E8', 'ENOTBLK', `depth ${depth} > ${behaviours.maxStackDepth}: ${chain}, counted since d53cd891f0e4`, [
    erofsError('E8', behaviours, 'maximum fs stacking depth exceeded'),
  ]);
}

function describe(backing: Superblock): string {
  const what =
    backing.type !== 'erofs'
      ? backing.type
      : backing.hasBlockDevice
        ? 'an erofs on a block device'
        : 'a file-backed erofs';
  return backing.depth > 0 ? `${what} of depth ${backing.depth}` : what;
}

/** E6, E7, E11: only the counting kernels give a file-backed mount a depth. Block devices: D1, D10. */
export function erofsDepth({ source }: Pick<ErofsSubject, 'source'>, { erofsStacking }: Behaviours): number {
  return source.kind === 'regular' && erofsStacking === 'counted' ? source.on.depth + 1 : 0;
}
