/** What an erofs image must be like. super.c:erofs_read_superblock, and what it calls, in its order. */
import type { Behaviours } from '../behaviour.ts';
import { inodeDamaged } from './erofs-damage.ts';
import { erofsError, refuse, type ErofsSubject } from './erofs-facts.ts';
import { type Check, type Refusal } from './rule.ts';

/** E18. The superblock is looked for 1024 bytes behind `fsoffset`, or behind the page of it. data.c:erofs_bread */
const magicValid: Check<ErofsSubject> = ({ image, options }, behaviours) => {
  const given = options.fsoffset ?? 0;
  const offset = behaviours.erofsOffset === 'exact' ? given : given - (given % behaviours.pageBytes);
  return image?.validMagic === true && image.offsetBytes === offset
    ? undefined
    : refuse('E18', 'EINVAL', 'there is no erofs superblock at that place', [
        erofsError('E18', behaviours, 'cannot find valid erofs superblock'),
      ]);
};

/** E19: 9 to PAGE_SHIFT, in 5.10 exactly PAGE_SHIFT. */
const blockSizeSupported: Check<ErofsSubject> = ({ image }, behaviours) => {
  if (image === undefined) return undefined;
  const bits = image.blkszbits;
  const pageBits = Math.log2(behaviours.pageBytes);
  const isPageSized = behaviours.erofsBlocks === 'page-sized';
  if (isPageSized ? bits === pageBits : bits >= 9 && bits <= pageBits) return undefined;
  return refuse('E19', 'EINVAL', `blocks of ${2 ** bits} bytes with pages of ${behaviours.pageBytes}`, [
    erofsError('E19', behaviours, `blkszbits ${bits} isn't supported${isPageSized ? ' on this platform' : ''}`),
  ]);
};

/**
 * E20: super.c:erofs_superblock_csum_verify. 5.10 takes every block for a page, so other sizes give another sum. Where an
 * offset counts to the byte, a block can begin in the middle of a page, and the sum is taken of what lies behind that in
 * memory: of the rest of the block where the page cache holds both pages in one folio (seen with 7.3), else of anything.
 */
const checksumValid: Check<ErofsSubject> = ({ image, options }, behaviours) => {
  if (image === undefined || image.checksum === 'absent') return undefined;
  const inPage = behaviours.erofsOffset === 'exact' ? (options.fsoffset ?? 0) % behaviours.pageBytes : 0;
  if (inPage + image.checksumBlockBytes > behaviours.pageBytes && inPage > 0)
    return {
      ...refuse(
        'E20',
        'EBADMSG',
        `the superblock's block begins ${inPage} bytes into a page, and its checksum goes on behind it`,
        [erofsError('E20', behaviours, 'invalid checksum 0x[0-9a-f]{8}, 0x[0-9a-f]{8} expected')],
      ),
      unknown: 'what lies behind a page in memory',
    };
  const spansBlock = behaviours.erofsBlocks !== 'page-sized' || image.checksumBlockBytes === behaviours.pageBytes;
  if (image.checksum === 'valid' && spansBlock) return undefined;
  return refuse(
    'E20',
    'EBADMSG',
    spansBlock ? "the superblock's checksum is wrong" : 'the checksum is taken over a page, not over a block',
    [erofsError('E20', behaviours, 'invalid checksum 0x[0-9a-f]{8}, 0x[0-9a-f]{8} expected')],
  );
};

/** E21: super.c:check_layout_compatibility (5.10, 6.1) */
const featuresKnown: Check<ErofsSubject> = ({ image }, behaviours) => {
  const unknown = (image?.incompat ?? 0) & ~behaviours.erofsIncompat;
  if (unknown === 0) return undefined;
  const bits = (unknown >>> 0).toString(16);
  return refuse('E21', 'EINVAL', `the image has incompatible features (${bits}) that this kernel does not know`, [
    erofsError('E21', behaviours, `unidentified incompatible feature ${bits}, please upgrade kernel(?: version)?`),
  ]);
};

/** I1 */
const directoryBlocksPlain: Check<ErofsSubject> = ({ image }, behaviours) =>
  image === undefined || image.dirblkbits === 0 || !behaviours.erofsChecksSuperblock
    ? undefined
    : refuse('I1', 'EINVAL', `directory blocks of another size (dirblkbits ${image.dirblkbits})`, [
        erofsError('I1', behaviours, `dirblkbits ${image.dirblkbits} isn't supported`),
      ]);

/** I2: a superblock has 128 bytes and 16 for each slot, and ends with the block. */
const superblockFits: Check<ErofsSubject> = ({ image }, behaviours) => {
  const bytes = 128 + 16 * (image?.sbExtslots ?? 0);
  return bytes <= behaviours.pageBytes - 1024 || !behaviours.erofsChecksSuperblock
    ? undefined
    : refuse('I2', 'EINVAL', `a superblock of ${bytes} bytes`, [
        erofsError('I2', behaviours, `invalid sb_extslots ${bytes} \\(more than a fs block\\)`),
      ]);
};

/** I3 */
const volumeNameEnds: Check<ErofsSubject> = ({ image }, behaviours) =>
  image === undefined || image.volumeNameEnds || behaviours.erofsVolumeName === 'any'
    ? undefined
    : refuse('I3', 'EUCLEAN', "nothing ends the volume's name", [
        erofsError('I3', behaviours, 'bad volume name without NIL terminator'),
      ]);

/** I4, and I5 and I6 of the root. super.c:erofs_fc_fill_super, after the superblock and the devices. */
const rootIsDirectory: Check<ErofsSubject> = ({ image }, behaviours) => {
  if (image === undefined) return undefined;
  const { rootIs, damage } = image;
  const refusal = inodeDamaged(rootIs ?? '.', damage, behaviours);
  if (refusal !== undefined || rootIs === undefined) return refusal;
  return refuse('I4', 'EINVAL', `the root's nid is that of the file /${rootIs}`, [
    erofsError('I4', behaviours, 'rootino\\(nid \\d+\\) is not a directory\\(i_mode [0-7]+\\)'),
  ]);
};

/** E22: super.c:z_erofs_parse_cfgs without CONFIG_EROFS_FS_ZIP, decompressor.c:z_erofs_parse_cfgs with it. */
const compressionBuilt: Check<ErofsSubject> = ({ image }, behaviours) => {
  const algorithm = image?.compression;
  if (algorithm === undefined || !behaviours.erofsChecksAlgorithms || behaviours.erofsAlgorithms.has(algorithm))
    return undefined;
  return behaviours.erofsAlgorithms.size === 0
    ? refuse('E22', 'EOPNOTSUPP', 'the image is compressed and CONFIG_EROFS_FS_ZIP is off', [
        erofsError('E22', behaviours, 'compression disabled, unable to mount compressed EROFS'),
      ])
    : refuse('E22', 'EOPNOTSUPP', `the image is compressed with ${algorithm}, which this kernel does not read`, [
        erofsError(
          'E22',
          behaviours,
          "unidentified algorithms [0-9a-f]+, please upgrade kernel|algorithm \\d+ isn't enabled on this kernel",
        ),
      ]);
};

/**
 * E14, E15, E13: super.c:erofs_scan_devices, erofs_init_device.
 * E12: a blob's own depth, its filesystem and its a_ops are never looked at.
 */
const devicesFit: Check<ErofsSubject> = ({ image, devices, source }, behaviours) => {
  const onDisk = image?.extraDevices ?? 0;
  if (devices.length > 0 && devices.length !== onDisk)
    return refuse('E14', 'EINVAL', `the image has ${onDisk} extra devices, ${devices.length} were given`, [
      erofsError('E14', behaviours, `extra devices don't match \\(ondisk ${onDisk}, given ${devices.length}\\)`),
    ]);
  if (devices.length === 0 && (image?.untaggedDevices ?? 0) > 0 && !behaviours.erofsFlatDevices)
    return refuse('E15', 'EINVAL', 'the image has a blob that neither its own tag nor a device= names', [
      erofsError('E15', behaviours, 'empty device tag @ pos \\d+'),
    ]);
  const isFileBacked = source.kind === 'regular';
  for (const device of devices) {
    const refusal = blobRefusal(device.kind, isFileBacked, behaviours);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
};

/** E13. Silent. */
function blobRefusal(
  kind: ErofsSubject['devices'][number]['kind'],
  isFileBacked: boolean,
  { erofsBlobErrno }: Behaviours,
): Refusal | undefined {
  if (kind === 'missing') return refuse('E13', 'ENOENT', 'a blob does not exist', []);
  if (isFileBacked) return kind === 'regular' ? undefined : refuse('E13', 'EINVAL', 'a blob is no regular file', []);
  return kind === 'block' ? undefined : refuse('E13', erofsBlobErrno, 'a blob is no block device', []);
}

/** Most kernels. */
export const SUPERBLOCK_ORDER: readonly Check<ErofsSubject>[] = [
  magicValid,
  blockSizeSupported,
  directoryBlocksPlain,
  checksumValid,
  featuresKnown,
  superblockFits,
  volumeNameEnds,
  compressionBuilt,
  devicesFit,
  rootIsDirectory,
];

/** 5.10: the checksum first, and no extra devices yet. */
export const PAGE_SIZED_ORDER: readonly Check<ErofsSubject>[] = [
  magicValid,
  checksumValid,
  blockSizeSupported,
  featuresKnown,
  volumeNameEnds,
  compressionBuilt,
  rootIsDirectory,
];
