/** Images and trees that several scenarios use. Small: what is shown here does not depend on size. */
import { erofsImage, file, imageFile, text } from '../harness/topology/builders.ts';
import type { ErofsSpec } from '../harness/topology/builders.ts';

/** A root filesystem in miniature: a text and a file of seeded bytes that compress by half. */
export const osImage: ErofsSpec = erofsImage(
  { 'os-release': text('NAME=fathom\n'), 'data.bin': file('os', 96 * 1024) },
  { compression: { algorithm: 'lz4' } },
);

/** An image within an image within an image, each with seeded bytes of its own; the innermost is `osImage`. */
export const nestedImage: ErofsSpec = erofsImage({
  'data.bin': file('outer', 40 * 1024),
  'inner.erofs': imageFile(erofsImage({ 'data.bin': file('middle', 40 * 1024), 'inner.erofs': imageFile(osImage) })),
});

/** A chunk-based image whose file contents lie in a blob device. */
export const blobImage: ErofsSpec = erofsImage({ 'data.bin': file('blob', 64 * 1024) }, { chunkBytes: 4096, blobs: 1 });
