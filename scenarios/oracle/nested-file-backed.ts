import { mount, read, scenario } from '../../harness/scenario.ts';
import { disk, erofs, fileIn, imageFile, overlay } from '../../harness/topology/builders.ts';
import { nestedImage } from '../contents.ts';

const root = disk('ext4', { 'outer.erofs': imageFile(nestedImage) });
const outer = erofs(fileIn(root, 'outer.erofs'));
const middle = erofs(fileIn(outer, 'inner.erofs'));
const innermost = erofs(fileIn(middle, 'inner.erofs'));
const onMiddle = overlay({ lower: middle, upper: root });

export default scenario({
  name: 'nested-file-backed',
  shows:
    'File-backed erofs within file-backed erofs: at first without end, then counted to two, then refused at the first.',
  about: ['E6', 'E7', 'E8', 'E10', 'D3'],
  steps: [
    mount('file-backed erofs', outer),
    mount('file-backed erofs in it', middle),
    mount('file-backed erofs in that', innermost),
    mount('overlay on the second', onMiddle),
    read('contents of the innermost', fileIn(innermost, 'data.bin')),
  ],
});
