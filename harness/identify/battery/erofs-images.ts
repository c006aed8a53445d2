import { mount, read, scenario } from '../../scenario.ts';
import { blobFile, disk, erofs, fileIn, imageFile, loop } from '../../topology/builders.ts';
import { chunked, compressed, tailPacked, withBlob } from './contents.ts';

const images = { compressed, chunked, tailPacked, withBlob };
const root = disk('xfs', {
  ...Object.fromEntries(Object.entries(images).map(([name, image]) => [`${name}.erofs`, imageFile(image)])),
  blob: blobFile(withBlob),
});
const onLoop = (name: keyof typeof images) => loop(fileIn(root, `${name}.erofs`));
const lz4 = erofs(onLoop('compressed'));

export default scenario({
  name: 'identify-erofs-images',
  shows: 'Which features of an image erofs knows, and what it makes of the blob devices of an image on a block device.',
  about: ['E13', 'E15', 'E21', 'E22'],
  steps: [
    mount('compressed image (lz4)', lz4),
    read('contents of the compressed image', fileIn(lz4, 'data.bin')),
    mount('image of chunks', erofs(onLoop('chunked'))),
    mount('image with ztailpacking', erofs(onLoop('tailPacked'))),
    mount('image with a blob that no device= names', erofs(onLoop('withBlob'))),
    mount('image on a loop device, its blob a file', erofs(onLoop('withBlob'), { devices: [fileIn(root, 'blob')] })),
  ],
});
