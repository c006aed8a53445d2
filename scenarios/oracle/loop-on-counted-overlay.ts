import { mount, read, scenario } from '../../harness/scenario.ts';
import { disk, erofs, fileIn, imageFile, loop, overlay } from '../../harness/topology/builders.ts';
import { nestedImage } from '../contents.ts';

const root = disk('ext4', { 'outer.erofs': imageFile(nestedImage) });
const outer = erofs(fileIn(root, 'outer.erofs'));
const first = overlay({ lower: outer, upper: root });
const inner = erofs(loop(fileIn(first, 'inner.erofs')));
const innerFirst = overlay({ lower: inner, upper: root });
const innerSecond = overlay({ lower: innerFirst, upper: root });

export default scenario({
  name: 'loop-on-counted-overlay',
  shows: 'Where file-backed erofs counts, one overlay fits on it, and a loop device on that gives back both layers.',
  about: ['D2', 'D10', 'E7'],
  steps: [
    mount('file-backed erofs', outer),
    mount('overlay on it', first),
    mount('erofs on a loop device on the overlay', inner),
    mount('overlay on the inner erofs', innerFirst),
    mount('another overlay on the inner erofs', innerSecond),
    read('contents through all of it', fileIn(innerSecond, 'data.bin')),
  ],
});
