/** Mounting erofs, in the kernel's order: options, source, stacking, superblock, devices. fs/erofs/super.c */
import type { ErofsMount } from '../../topology/topology.ts';
import { bottomOf } from '../../topology/notation.ts';
import type { Behaviours } from '../behaviour.ts';
import { depthChain, type DepthOf } from '../depth.ts';
import type { ExpectedMessage } from '../prediction.ts';
import type { Superblock } from '../superblock.ts';
import { firstRefusal, logged, type Check, type Refusal, type RuleId } from './rule.ts';

export interface ErofsSubject {
  readonly mount: ErofsMount;
  readonly api: 'mount' | 'fsopen';
  readonly source: SourceFacts;
  /** What the image says of itself; undefined when the source holds no erofs image. */
  readonly image: ImageFacts | undefined;
  /** What each `device=` leads to. */
  readonly devices: readonly SourceFacts[];
  readonly depthOf: DepthOf;
}

/** What a path leads to. */
export type SourceFacts =
  | { readonly kind: 'missing' }
  | { readonly kind: 'block' }
  /** `as: 'fd'` is fsconfig's FSCONFIG_SET_FD (rule E5). */
  | { readonly kind: 'regular'; readonly on: Superblock; readonly as: 'path' | 'fd' }
  /** A directory, FIFO, socket or character device. */
  | { readonly kind: 'other' };

/** The fields of the on-disk superblock that decide about the mount. */
export interface ImageFacts {
  readonly validMagic: boolean;
  readonly blkszbits: number;
  readonly validChecksum: boolean;
  /** Bits of feature_incompat that no kernel knows. */
  readonly unknownIncompat: number;
  readonly compressed: boolean;
  readonly extraDevices: number;
  /** Extra devices whose on-disk tag is empty, so that only `device=` can name them. */
  readonly untaggedDevices: number;
  readonly hasShareXattrs: boolean;
}

/** The kernel's answer to an erofs mount. */
export function mountErofs(
  subject: ErofsSubject,
  behaviours: Behaviours,
): Refusal | { readonly depth: number; readonly messages: readonly ExpectedMessage[] } {
  return (
    firstRefusal(CHECKS, subject, behaviours) ?? {
      depth: erofsDepth(subject, behaviours),
      messages: [...withheldOptions(subject, behaviours), ...notices(subject, behaviours)],
    }
  );
}

/** E6, E7, E11: only the counting kernels give a file-backed mount a depth. Block devices: D1, D10. */
export function erofsDepth({ source }: Pick<ErofsSubject, 'source'>, { erofsStacking }: Behaviours): number {
  return source.kind === 'regular' && erofsStacking === 'counted' ? source.on.depth + 1 : 0;
}

/** Options that are not in this kernel's table: fs_context.c:vfs_parse_fs_param. `device=` is one of them (6.1 on). */
const optionsKnown: Check<ErofsSubject> = (subject, { erofsOptions }) => {
  const used = [...(subject.mount.devices.length > 0 ? ['device'] : []), ...Object.keys(subject.mount.options)];
  const unknown = used.find((option) => !erofsOptions.has(option));
  return unknown === undefined
    ? undefined
    : refuse('E0', 'EINVAL', `this kernel's erofs has no option ${unknown}`, [contextMessage('E0', subject, `erofs: Unknown parameter '${unknown}'`)]);
};

/** E26, exception: dax without CONFIG_FS_DAX. super.c:erofs_fc_set_dax_mode */
const daxBuilt: Check<ErofsSubject> = (subject, { erofsConfig }) =>
  subject.mount.options.dax !== undefined && !erofsConfig.dax
    ? refuse('E26', 'EINVAL', 'dax was asked for and CONFIG_FS_DAX is off', [contextMessage('E26', subject, 'erofs: dax options not supported')])
    : undefined;

/** E23: super.c:erofs_fc_fill_super */
const shareHasDomain: Check<ErofsSubject> = (subject) =>
  subject.mount.options.inode_share === true && subject.mount.options.domain_id === undefined
    ? refuse('E23', 'EINVAL', 'inode_share needs domain_id', [contextMessage('E23', subject, 'erofs: domain_id is needed when inode_i?share is on')])
    : undefined;

/** E24: super.c:erofs_fc_fill_super */
const shareWithoutDax: Check<ErofsSubject> = (subject) =>
  subject.mount.options.inode_share === true && subject.mount.options.dax === 'always'
    ? refuse('E24', 'EINVAL', 'inode_share and dax=always exclude each other', [contextMessage('E24', subject, 'erofs: FSDAX is not allowed when inode_i?share is on')])
    : undefined;

/** E3: fs/super.c:get_tree_bdev_flags, then filp_open. Quiet where file-backed mounts exist. */
const sourceExists: Check<ErofsSubject> = (subject, behaviours) =>
  subject.source.kind === 'missing'
    ? refuse('E3', 'ENOENT', 'the source does not exist', behaviours.fileBacked ? [] : [blockDeviceMessage('E3', subject, behaviours)])
    : undefined;

/** E1 (no file-backed mounts yet), E2 (CONFIG_EROFS_FS_BACKED_BY_FILE off): fs/super.c:get_tree_bdev_flags */
const blockDeviceOnly: Check<ErofsSubject> = (subject, behaviours) => {
  if (subject.source.kind === 'block' || behaviours.fileBacked) return undefined;
  const old = behaviours.erofsStacking === 'no-file-backed';
  return refuse(
    old ? 'E1' : 'E2',
    'ENOTBLK',
    old ? 'this kernel mounts erofs from block devices only' : 'CONFIG_EROFS_FS_BACKED_BY_FILE is off: block devices only',
    [blockDeviceMessage(old ? 'E1' : 'E2', subject, behaviours)],
  );
};

/** E4, E5: the source must be a regular file whose a_ops have read_folio. super.c:erofs_fc_get_tree. Silent. */
const sourceReadable: Check<ErofsSubject> = (subject) => {
  const { source } = subject;
  if (source.kind === 'block' || (source.kind === 'regular' && source.on.hasReadFolio)) return undefined;
  const why =
    source.kind === 'regular'
      ? `${source.on.type} files have no read_folio, so none can back erofs; nothing is logged`
      : 'the source is neither a regular file nor a block device; nothing is logged';
  return source.kind === 'regular' && source.as === 'fd'
    ? refuse('E5', 'EINVAL', why, [contextMessage('E5', subject, 'erofs: source is unsupported')])
    : refuse('E4', 'ENOTBLK', why, []);
};

/** E8, E9, E10: what a file-backed mount may stand on. super.c:erofs_fc_fill_super */
const stackingAllowed: Check<ErofsSubject> = (subject, behaviours) => {
  if (subject.source.kind !== 'regular') return undefined;
  const backing = subject.source.on;
  const onErofs = backing.type === 'erofs';
  switch (behaviours.erofsStacking) {
    case 'no-file-backed':
    case 'unchecked':
      return undefined;
    case 'counted': {
      const depth = backing.depth + 1;
      if (depth <= behaviours.maxStackDepth) return undefined;
      const chain = depthChain(subject.mount, depth, subject.depthOf);
      return refuse('E8', 'ENOTBLK', `depth ${depth} > ${behaviours.maxStackDepth}: ${chain}, counted since d53cd891f0e4`, [
        erofsMessage('E8', behaviours, 'maximum fs stacking depth exceeded'),
      ]);
    }
    case 'no-erofs-backing':
      return onErofs || backing.depth > 0
        ? refuse('E9', 'ENOTBLK', `the image lies on ${describe(subject, backing)}; 072a7c7cdbea refuses any erofs below a file-backed mount`, [
            erofsMessage('E9', behaviours, STACKED),
          ])
        : undefined;
    case 'no-stacked-backing':
      return (onErofs && !backing.hasBlockDevice) || backing.depth > 0
        ? refuse('E10', 'ENOTBLK', `the image lies on ${describe(subject, backing)}, and 072a7c7cdbea (as mended by 7893cc12251f) refuses that`, [
            erofsMessage('E10', behaviours, STACKED),
          ])
        : undefined;
  }
  return behaviours.erofsStacking satisfies never;
};

const STACKED = 'file-backed mounts cannot be applied to stacked fses';

function describe({ mount }: ErofsSubject, backing: Superblock): string {
  const what = backing.type === 'erofs' && !backing.hasBlockDevice ? 'a file-backed erofs' : backing.type;
  return backing.depth > 0 ? `${what} of depth ${backing.depth}` : bottomOf(mount.source).kind === 'erofs' ? what : backing.type;
}

/** E18: super.c:erofs_read_superblock */
const magicValid: Check<ErofsSubject> = ({ image }, behaviours) =>
  image?.validMagic === true ? undefined : refuse('E18', 'EINVAL', 'there is no erofs superblock', [erofsMessage('E18', behaviours, 'cannot find valid erofs superblock')]);

/** E19: super.c:erofs_read_superblock */
const blockSizeSupported: Check<ErofsSubject> = ({ image }, behaviours) => {
  const pageBits = Math.log2(behaviours.pageBytes);
  const bits = image?.blkszbits ?? pageBits;
  const fits = behaviours.erofsBlocks === 'page-sized' ? bits === pageBits : bits >= 9 && bits <= pageBits;
  if (fits) return undefined;
  const text = behaviours.erofsBlocks === 'page-sized' ? `blksize \\d+ isn't supported on this platform|blkszbits \\d+ isn't supported on this platform` : `blkszbits ${bits} isn't supported`;
  return refuse('E19', 'EINVAL', `blocks of ${2 ** bits} bytes with pages of ${behaviours.pageBytes}`, [erofsMessage('E19', behaviours, text)]);
};

/** E20: super.c:erofs_superblock_csum_verify */
const checksumValid: Check<ErofsSubject> = ({ image }, behaviours) =>
  image?.validChecksum === false
    ? refuse('E20', 'EBADMSG', "the superblock's checksum is wrong", [erofsMessage('E20', behaviours, 'invalid checksum 0x[0-9a-f]+, 0x[0-9a-f]+ expected')])
    : undefined;

/** E21: super.c:check_layout_compatibility */
const featuresKnown: Check<ErofsSubject> = ({ image }, behaviours) =>
  (image?.unknownIncompat ?? 0) !== 0
    ? refuse('E21', 'EINVAL', 'the image has incompatible features that this kernel does not know', [
        erofsMessage('E21', behaviours, 'unidentified incompatible feature [0-9a-f]+, please upgrade kernel( version)?'),
      ])
    : undefined;

/** E22: super.c:erofs_read_superblock */
const compressionBuilt: Check<ErofsSubject> = ({ image }, behaviours) =>
  image?.compressed === true && !behaviours.erofsConfig.zip
    ? refuse('E22', 'EOPNOTSUPP', 'the image is compressed and CONFIG_EROFS_FS_ZIP is off', [
        erofsMessage('E22', behaviours, 'compression disabled, unable to mount compressed EROFS'),
      ])
    : undefined;

/** E14, E15, E13: super.c:erofs_scan_devices, erofs_init_device. E12: a blob's own depth is never looked at. */
const devicesFit: Check<ErofsSubject> = ({ image, devices, source }, behaviours) => {
  const onDisk = image?.extraDevices ?? 0;
  if (devices.length > 0 && devices.length !== onDisk)
    return refuse('E14', 'EINVAL', `the image has ${onDisk} extra devices, ${devices.length} were given`, [
      erofsMessage('E14', behaviours, `extra devices don't match \\(ondisk ${onDisk}, given ${devices.length}\\)`),
    ]);
  const fileBacked = source.kind === 'regular';
  for (const device of devices) {
    if (device.kind === 'missing') return refuse('E13', 'ENOENT', 'a blob does not exist', []);
    if (fileBacked ? device.kind !== 'regular' : device.kind !== 'block')
      return refuse('E13', fileBacked ? 'EINVAL' : 'ENOTBLK', `a blob is no ${fileBacked ? 'regular file' : 'block device'}`, []);
  }
  return undefined;
};

/** E16: super.c:erofs_fc_fill_super, 6.17 on */
const offsetAligned: Check<ErofsSubject> = (subject) => {
  const offset = subject.mount.options.fsoffset ?? 0;
  const blockBytes = 2 ** (subject.image?.blkszbits ?? 12);
  return offset % blockBytes === 0
    ? undefined
    : refuse('E16', 'EINVAL', `fsoffset ${offset} is not a multiple of ${blockBytes}`, [
        contextMessage('E16', subject, `erofs: fsoffset ${offset} is not aligned to block size ${blockBytes}`),
      ]);
};

const CHECKS: readonly Check<ErofsSubject>[] = [
  optionsKnown,
  daxBuilt,
  sourceExists,
  blockDeviceOnly,
  sourceReadable,
  shareHasDomain,
  shareWithoutDax,
  stackingAllowed,
  magicValid,
  blockSizeSupported,
  checksumValid,
  featuresKnown,
  compressionBuilt,
  devicesFit,
  offsetAligned,
];

/** E26: an option whose CONFIG is off leaves an error line and a mount. super.c:erofs_fc_parse_param */
function withheldOptions(subject: ErofsSubject, { erofsConfig }: Behaviours): readonly ExpectedMessage[] {
  const { user_xattr, acl, cache_strategy } = subject.mount.options;
  return [
    ...(user_xattr !== undefined && !erofsConfig.xattr ? [contextMessage('E26', subject, 'erofs: \\{,no\\}user_xattr options not supported')] : []),
    ...(acl !== undefined && !erofsConfig.acl ? [contextMessage('E26', subject, 'erofs: \\{,no\\}acl options not supported')] : []),
    ...(cache_strategy !== undefined && !erofsConfig.zip ? [contextMessage('E26', subject, 'erofs: compression not supported, cache_strategy ignored')] : []),
  ];
}

/** E25, E28, E30: what a mount that succeeds says. */
function notices({ mount, image }: ErofsSubject, behaviours: Behaviours): readonly ExpectedMessage[] {
  return [
    ...(mount.options.inode_share === true && image?.hasShareXattrs === false
      ? [erofsMessage('E25', behaviours, 'on-disk ishare xattrs not found\\. Turning off inode_share\\.')]
      : []),
    erofsMessage('E28', behaviours, 'mounted with root inode @ nid \\d+\\.?'),
  ];
}

function refuse(rule: RuleId, errno: string, why: string, messages: readonly ExpectedMessage[]): Refusal {
  return { rule, errno, why, messages };
}

/** CH4: erofs_err and erofs_info, with the function's name up to 6.12. */
function erofsMessage(rule: RuleId, { erofsMessages }: Behaviours, text: string): ExpectedMessage {
  return logged(rule, new RegExp(erofsMessages === 'with-function' ? `^erofs: \\(device [^)]+\\): (?:\\w+: )?(?:${text})$` : `^erofs \\(device [^)]+\\): (?:${text})$`));
}

/** CH2, CH3: errorfc, invalfc, errorf: the context's log after fsopen(2), else the kernel log. */
function contextMessage(rule: RuleId, { api }: ErofsSubject, text: string): ExpectedMessage {
  return api === 'fsopen'
    ? { rule, channel: 'context', pattern: new RegExp(`^e ${text}$`), presence: 'required' }
    : logged(rule, new RegExp(`^${text}$`));
}

function blockDeviceMessage(rule: RuleId, subject: ErofsSubject, { blockDeviceMessage: text }: Behaviours): ExpectedMessage {
  return contextMessage(rule, subject, `.+: ${text}`);
}
