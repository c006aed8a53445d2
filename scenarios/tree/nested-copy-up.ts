import { changes, list, mount, read, scenario, unchanged, upper } from '../../harness/scenario.ts';
import { disk, erofs, erofsImage, fileIn, imageFile, loop, overlay } from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';
import { everything } from '../tree-contents.ts';

const root = disk('xfs', { 'lower.erofs': imageFile(erofsImage(everything)) });
const below = erofs(loop(fileIn(root, 'lower.erofs')));
const first = overlay({ lower: below, upper: root });
const second = overlay({ lower: first, upper: disk('ext4', {}) });

export default scenario({
  name: 'nested-copy-up',
  shows: 'In an overlay on an overlay, a copy-up happens in the upper of the topmost alone; reads pass through all.',
  about: ['T7', 'T18'],
  steps: [
    mount('erofs', below),
    mount('first', first),
    ...changes('first', first, to.append('a', ' first'), to.unlink('b'), to.create('mine', 'first')),
    mount('second', second),
    list('through all', second),
    ...changes(
      'second',
      second,
      to.append('a', ' second'),
      to.append('mine', ' second'),
      to.append('big.bin', 'end'),
      to.unlink('dir/in'),
      to.chmod('dir/sub/deep', 0o600),
      to.rename('suid', 'dir/suid'),
      to.create('b', 'again'),
    ),
    list('the second', second),
    upper('upper of the second', second),
    list('the first, as it was', first),
    upper('upper of the first', first),
    read('contents', fileIn(second, 'big.bin')),
    unchanged('the image', below),
  ],
});
