import { list, mount, scenario, unchanged } from '../../harness/scenario.ts';
import {
  blobFile,
  disk,
  erofs,
  erofsImage,
  fileIn,
  imageFile,
  loop,
  overlay,
} from '../../harness/topology/builders.ts';
import { everyKind } from '../erofs-layouts.ts';

const images = {
  'chunks of 4096': erofsImage(everyKind, { chunkBytes: 4096, blobs: 1 }),
  'chunks of 65536': erofsImage(everyKind, { chunkBytes: 65_536, blobs: 1 }),
};
const parts = Object.entries(images).map(([name, image], index) => ({ name, image, at: `${index}` }));
const store = disk(
  'xfs',
  Object.fromEntries(
    parts.flatMap(({ image, at }) => [
      [`${at}.erofs`, imageFile(image)],
      [`${at}.blob`, blobFile(image)],
    ]),
  ),
);
const mounted = parts.flatMap(({ name, at }) => {
  const [meta, blob] = [fileIn(store, `${at}.erofs`), fileIn(store, `${at}.blob`)];
  return [
    { name, whole: erofs(meta, { devices: [blob] }) },
    { name: `${name}, on loop devices`, whole: erofs(loop(meta), { devices: [loop(blob)] }) },
  ];
});

export default scenario({
  name: 'erofs-multi-device',
  shows:
    'Images whose data lie in a blob of their own, from files and on loop devices: the whole tree, its metadata and every byte, and through an overlay.',
  about: ['E12', 'E14'],
  steps: mounted.flatMap(({ name, whole }) => {
    const over = overlay({ lower: whole, upper: store });
    return [
      mount(name, whole),
      list(`${name}: its tree`, whole),
      mount(`${name}: an overlay`, over),
      list(`${name}: its tree through the overlay`, over),
      unchanged(`${name}: it is what it was`, whole),
    ];
  }),
});
