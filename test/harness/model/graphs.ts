/** Mount graphs that the model's tests have in common: ext4 at the bottom, as in the oracle. */
import {
  blobFile,
  directory,
  disk,
  erofs,
  erofsImage,
  fileIn,
  imageFile,
  loop,
  overlay,
  text,
  tmpfs,
} from '../../../harness/topology/builders.ts';
import type { Mount, OverlayMount } from '../../../harness/topology/topology.ts';

export const image = erofsImage({ 'data.txt': text('data\n') });
export const blobImage = erofsImage({ 'data.txt': text('data\n') }, { chunkBytes: 4096, blobs: 1 });
const nested = erofsImage({
  inner: imageFile(erofsImage({ inner: imageFile(erofsImage({ inner: imageFile(image) })), 'data.txt': text('1') })),
});

export const root = disk('ext4', {
  image: imageFile(nested),
  meta: imageFile(blobImage),
  'data.blob': blobFile(blobImage),
  layer: directory({ 'data.blob': blobFile(blobImage), inner: imageFile(image) }),
  objects: directory({ object: text('object\n') }),
  'plain.txt': text('plain\n'),
});

/** F(ext4): file-backed erofs. */
export const onFile = () => erofs(fileIn(root, 'image'));
/** L(ext4): erofs on a loop device on a file. */
export const onLoop = () => erofs(loop(fileIn(root, 'image')));
/** O(x), with an upper on ext4. */
export const over = (lower: Mount): OverlayMount => overlay({ lower, upper: root });
/** F(x) of the image that x holds; what no image holds is an image of the root's. */
export const fileOf = (below: Mount) => erofs(fileIn(below, 'inner'));
export const loopOf = (below: Mount) => erofs(loop(fileIn(below, 'inner')));
export const memory = tmpfs;
