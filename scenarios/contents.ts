/** Images and trees that several scenarios use. Small: what is shown here does not depend on size. */
import { directory, erofsImage, file, imageFile, symlink, text } from '../harness/topology/builders.ts';
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

/** A bootable tree in miniature, as ostree or bootc deploy it: files that composefs makes objects of, and one too small. */
export const deployment = {
  usr: directory({
    bin: directory({ sh: file('sh', 72 * 1024, { mode: 0o755 }), su: file('su', 20 * 1024, { mode: 0o4755 }) }),
    lib: directory({
      'os-release': text('NAME=fathom\n'),
      modules: directory({ vmlinuz: file('kernel', 160 * 1024) }),
    }),
  }),
  etc: directory({ hostname: text('image\n'), shadow: file('shadow', 900, { mode: 0o000 }) }),
  bin: symlink('usr/bin'),
};
