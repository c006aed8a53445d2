/** What an image that mkfs.erofs or mkcomposefs made says of itself. */
import type { ErofsSpec, ImageSpec } from '../../vm/machine.ts';
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
  incompat: 0,
  compression: undefined,
  extraDevices: 0,
  untaggedDevices: 0,
  hasShareXattrs: false,
};

export function imageFactsOf(image: ImageSpec): ImageFacts {
  if (image.kind === 'composefs') return COMPOSEFS;
  const blobs = image.blobs ?? 0;
  const algorithm = image.compression?.algorithm;
  return {
    validMagic: true,
    offsetBytes: 0,
    blkszbits: Math.log2(image.blockBytes ?? BLOCK_BYTES),
    checksum: 'valid',
    incompat: incompatOf(image),
    // lz4hc is an effort of the compressor; what it writes is lz4.
    compression: algorithm === 'lz4hc' ? 'lz4' : algorithm,
    extraDevices: blobs,
    untaggedDevices: blobs,
    hasShareXattrs: false,
  };
}

/** The features that mkfs.erofs sets for these options (its main.c). */
function incompatOf({ compression, chunkBytes, blobs = 0, features = [] }: ErofsSpec): number {
  const has = (...names: readonly NonNullable<ErofsSpec['features']>[number][]) =>
    names.some((name) => features.includes(name));
  const isOtherThanLz4 = compression !== undefined && !['lz4', 'lz4hc'].includes(compression.algorithm);
  return [
    compression !== undefined && !has('legacy-compress') ? INCOMPAT.zeroPadding : 0,
    isOtherThanLz4 ? INCOMPAT.comprCfgs : 0,
    chunkBytes !== undefined ? INCOMPAT.chunkedFile : 0,
    blobs > 0 ? INCOMPAT.deviceTable : 0,
    has('ztailpacking') ? INCOMPAT.ztailpacking : 0,
    has('fragments', 'all-fragments', 'dedupe') ? INCOMPAT.fragmentsOrDedupe : 0,
  ].reduce((mask, bit) => mask | bit, 0);
}
