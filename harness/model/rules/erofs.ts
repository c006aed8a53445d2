/**
 * Mounting erofs, in the kernel's order: options, source, page-cache sharing, stacking, superblock and blobs, offset.
 * fs/erofs/super.c. What is no check but bears on it:
 * E17: `fsoffset` and fscache exclude each other; fathom mounts nothing through fscache (E30: `fsid=`, gone in 7.1).
 * E27: `directio` on a file without FMODE_CAN_ODIRECT is silently buffered. fileio.c:erofs_fileio_rq_submit
 */
import type { Behaviours } from '../behaviour.ts';
import type { ExpectedMessage } from '../prediction.ts';
import { exercisedByErofs } from './erofs-exercised.ts';
import { erofsNote, refuse, type ErofsSubject } from './erofs-facts.ts';
import { parseOptions } from './erofs-options.ts';
import {
  blockDeviceOnly,
  descriptorTaken,
  erofsDepth,
  sourceExists,
  sourceGiven,
  sourceReadable,
  stackingAllowed,
} from './erofs-source.ts';
import { PAGE_SIZED_ORDER, SUPERBLOCK_ORDER } from './erofs-superblock.ts';
import { firstRefusal, fromContext, type Acceptance, type Check, type Refusal } from './rule.ts';

/** The kernel's answer to an erofs mount. */
export function mountErofs(subject: ErofsSubject, behaviours: Behaviours): Refusal | Acceptance {
  /** The source is the first parameter that a context is given (topology/mount-operation.ts). */
  const early = descriptorTaken(subject, behaviours);
  if (early !== undefined) return early;
  const { messages, refusal = firstRefusal(checksOf(subject, behaviours), subject, behaviours) } = parseOptions(
    subject,
    behaviours,
  );
  if (refusal !== undefined) return { ...refusal, messages: [...messages, ...refusal.messages] };
  const said = subject.shares ? [] : [...withoutDax(subject, behaviours), ...notices(subject, behaviours)];
  return {
    depth: erofsDepth(subject, behaviours),
    messages: [...messages, ...said],
    get exercised() {
      return exercisedByErofs(subject, behaviours);
    },
  };
}

/** E29: no FS_USERNS_MOUNT; asked when the parameters are parsed. fs/super.c:mount_capable */
const byRoot: Check<ErofsSubject> = ({ by }) =>
  by === 'init' ? undefined : refuse('E29', 'EPERM', 'erofs is not for those in a user namespace', []);

function checksOf({ shares }: ErofsSubject, { erofsBlocks }: Behaviours): readonly Check<ErofsSubject>[] {
  const ofSource = [byRoot, sourceGiven, sourceExists, blockDeviceOnly, sourceReadable];
  if (shares) return ofSource;
  const ofImage = erofsBlocks === 'page-sized' ? PAGE_SIZED_ORDER : SUPERBLOCK_ORDER;
  return [...ofSource, shareHasDomain, shareWithoutDax, stackingAllowed, ...ofImage, offsetAligned];
}

/** E23: super.c:erofs_fc_fill_super. 7.0 to 7.2 print `inode_ishare`. */
const shareHasDomain: Check<ErofsSubject> = (subject, behaviours) =>
  sharesInodes(subject, behaviours) && subject.options.domain_id === undefined
    ? refuse('E23', 'EINVAL', 'inode_share needs domain_id', [
        fromContext('E23', subject.api, 'erofs: domain_id is needed when inode_i?share is on'),
      ])
    : undefined;

/** E24: super.c:erofs_fc_fill_super */
const shareWithoutDax: Check<ErofsSubject> = (subject, behaviours) =>
  sharesInodes(subject, behaviours) && subject.options.dax === 'always'
    ? refuse('E24', 'EINVAL', 'inode_share and dax=always exclude each other', [
        fromContext('E24', subject.api, 'erofs: FSDAX is not allowed when inode_i?share is on'),
      ])
    : undefined;

/** Page-cache sharing has no effect on depth: its inodes belong to an internal superblock. ishare.c */
function sharesInodes({ options }: ErofsSubject, { erofsIneffectiveOptions }: Behaviours): boolean {
  return options.inode_share === true && !erofsIneffectiveOptions.has('inode_share');
}

/** E16: super.c:erofs_fc_fill_super, 6.16 on. After the superblock, which must lie at that offset all the same. */
const offsetAligned: Check<ErofsSubject> = ({ options, image, api }) => {
  const offset = options.fsoffset ?? 0;
  const blockBytes = 2 ** (image?.blkszbits ?? 12);
  return offset % blockBytes === 0
    ? undefined
    : refuse('E16', 'EINVAL', `fsoffset ${offset} is not a multiple of ${blockBytes}`, [
        fromContext('E16', api, `erofs: fsoffset ${offset} is not aligned to block size ${blockBytes}`),
      ]);
};

/** E26: neither a file nor a disk of fathom's has DAX, so it is turned off again. super.c:erofs_scan_devices */
function withoutDax({ options, api }: ErofsSubject, behaviours: Behaviours): readonly ExpectedMessage[] {
  if (options.dax !== 'always') return [];
  const text = 'DAX unsupported by block device\\. Turning off DAX\\.';
  return [
    behaviours.daxFallback === 'error' ? fromContext('E26', api, `erofs: ${text}`) : erofsNote('E26', behaviours, text),
  ];
}

/** E25, E28: what a mount that succeeds says. */
function notices(subject: ErofsSubject, behaviours: Behaviours): readonly ExpectedMessage[] {
  const turnsOff = sharesInodes(subject, behaviours) && subject.image?.hasShareXattrs === false;
  return [
    ...(turnsOff
      ? [erofsNote('E25', behaviours, 'on-disk ishare xattrs not found\\. Turning off inode_share\\.')]
      : []),
    erofsNote('E28', behaviours, 'mounted with root inode @ nid \\d+\\.'),
  ];
}
