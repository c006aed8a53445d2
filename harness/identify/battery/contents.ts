/** Images of the battery: each asks a kernel for one feature, by what mkfs.erofs 1.5 can make. */
import { erofsImage, file, imageFile, type ErofsSpec } from '../../topology/builders.ts';

const data = { 'data.bin': file('identify', 32 * 1024) };
const lz4 = { compression: { algorithm: 'lz4' } } as const;

export const plain: ErofsSpec = erofsImage(data);

/** An image within an image within an image. */
export const nested: ErofsSpec = erofsImage({
  ...data,
  'inner.erofs': imageFile(erofsImage({ 'data.bin': file('middle', 8 * 1024), 'inner.erofs': imageFile(plain) })),
});

export const compressed: ErofsSpec = erofsImage(data, lz4);
export const chunked: ErofsSpec = erofsImage(data, { chunkBytes: 4096 });
export const withBlob: ErofsSpec = erofsImage(data, { chunkBytes: 4096, blobs: 1 });
export const tailPacked: ErofsSpec = erofsImage(data, { ...lz4, features: ['ztailpacking'] });
