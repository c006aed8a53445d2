/** What an image that mkfs.erofs or mkcomposefs made says of itself. */
import type { Damage, ErofsSpec, ImageSpec, SuperblockField } from '../../vm/machine.ts';
import { INCOMPAT } from './erofs-history.ts';
import type { ImageFacts } from './rules/erofs-facts.ts';

/** Block size of mkfs.erofs unless told otherwise, in bytes. */
const BLOCK_BYTES = 4096;

/**
 * composefs writes no checksum and names no incompatible feature, although its objects are chunk-based files: a kernel
 * that knows none finds out when it looks one up. libcomposefs/lcfs-writer-erofs.c:lcfs_write_erofs_to
 */
const COMPOSEFS: ImageFacts = {
  validMagic: true,
  offsetBytes: 0,
  blkszbits: Math.log2(BLOCK_BYTES),
  checksum: 'absent',
  checksumBlockBytes: BLOCK_BYTES,
  incompat: 0,
  compression: undefined,
  extraDevices: 0,
  untaggedDevices: 0,
  hasShareXattrs: false,
  dirblkbits: 0,
  sbExtslots: 0,
  volumeNameEnds: true,
  rootIs: undefined,
  damage: [],
};

export function imageFactsOf(image: ImageSpec, damage: readonly Damage[] = []): ImageFacts {
  if (image.kind === 'composefs') return COMPOSEFS;
  return damage.reduce(damaged, { ...intact(image), damage });
}

function intact(image: ErofsSpec): ImageFacts {
  const blobs = image.blobs ?? 0;
  const algorithm = image.compression?.algorithm;
  return {
    validMagic: true,
    offsetBytes: 0,
    blkszbits: Math.log2(image.blockBytes ?? BLOCK_BYTES),
    checksum: image.features?.includes('nosbcrc') === true ? 'absent' : 'valid',
    checksumBlockBytes: image.blockBytes ?? BLOCK_BYTES,
    incompat: incompatOf(image),
    // lz4hc is an effort of the compressor; what it writes is lz4.
    compression: algorithm === 'lz4hc' ? 'lz4' : algorithm,
    extraDevices: blobs,
    untaggedDevices: blobs,
    hasShareXattrs: false,
    dirblkbits: 0,
    sbExtslots: 0,
    volumeNameEnds: true,
    rootIs: undefined,
    damage: [],
  };
}

/** What the superblock says after this damage; vm/image/damage.ts makes the checksum right again. */
function damaged(facts: ImageFacts, one: Damage): ImageFacts {
  switch (one.kind) {
    case 'superblock':
      return { ...facts, ...fieldSet(one.field, one.value) };
    case 'checksum':
      return { ...facts, checksum: facts.checksum === 'absent' ? 'absent' : 'invalid' };
    case 'volume-name':
      return { ...facts, volumeNameEnds: false };
    case 'root':
      return { ...facts, rootIs: one.of };
    case 'inode':
    case 'directory':
    case 'data':
    case 'clusters':
    case 'truncated':
      return facts;
  }
  return one satisfies never;
}

function fieldSet(field: SuperblockField, value: number): Partial<ImageFacts> {
  switch (field) {
    case 'magic':
      return { validMagic: value === 0xe0f5e1e2 };
    case 'feature_compat':
      return { checksum: (value & 1) === 1 ? 'valid' : 'absent' };
    case 'blkszbits':
      return { blkszbits: value };
    case 'sb_extslots':
      return { sbExtslots: value };
    case 'feature_incompat':
      return { incompat: value };
    case 'extra_devices':
      return { extraDevices: value, untaggedDevices: value };
    case 'dirblkbits':
      return { dirblkbits: value };
  }
  return field satisfies never;
}

/** The features that mkfs.erofs sets for these options: seen with 1.5, 1.8.6 and 1.9.4. */
function incompatOf(image: ErofsSpec): number {
  const { compression, chunkBytes, blobs = 0, features = [], metadataPclusterBytes } = image;
  const has = (...names: readonly NonNullable<ErofsSpec['features']>[number][]) =>
    names.some((name) => features.includes(name));
  const isOtherThanLz4 = compression !== undefined && !['lz4', 'lz4hc'].includes(compression.algorithm);
  return [
    compression !== undefined && !has('legacy-compress') ? INCOMPAT.zeroPadding : 0,
    isOtherThanLz4 || hasBigPclusters(image) ? INCOMPAT.comprCfgs : 0,
    chunkBytes !== undefined ? INCOMPAT.chunkedFile : 0,
    blobs > 0 ? INCOMPAT.deviceTable : 0,
    has('ztailpacking') ? INCOMPAT.ztailpacking : 0,
    has('fragments', 'all-fragments', 'dedupe') ? INCOMPAT.fragmentsOrDedupe : 0,
    image.xattrPrefixes !== undefined ? INCOMPAT.xattrPrefixes : 0,
    has('48bit') || metadataPclusterBytes !== undefined ? INCOMPAT.bit48 : 0,
    metadataPclusterBytes !== undefined ? INCOMPAT.metabox : 0,
  ].reduce((mask, bit) => mask | bit, 0);
}

/** COMPR_CFGS and BIG_PCLUSTER are one bit. */
function hasBigPclusters({ compression, blockBytes = BLOCK_BYTES }: ErofsSpec): boolean {
  return (compression?.pclusterBytes ?? blockBytes) > blockBytes;
}
