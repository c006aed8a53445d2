import { mount, read, scenario } from '../../harness/scenario.ts';
import { disk, erofs, erofsImage, file, fileIn, imageFile, loop, overlay } from '../../harness/topology/builders.ts';
import { nestedImage } from '../contents.ts';

const plain = erofsImage({ 'noise.bin': file('noise', 8192), 'nested.erofs': imageFile(nestedImage) });
const root = disk('xfs', { 'plain.erofs': imageFile(plain), 'nested.erofs': imageFile(nestedImage) });
const onFile = erofs(fileIn(root, 'plain.erofs'));
const onLoop = erofs(loop(fileIn(root, 'plain.erofs')));
const outer = erofs(fileIn(onLoop, 'nested.erofs'));
const second = erofs(fileIn(onFile, 'nested.erofs'));
const third = erofs(fileIn(second, 'inner.erofs'));
const over = overlay({ lower: onFile, upper: root });

export default scenario({
  name: 'erofs-stacking',
  shows:
    'Erofs from a file on erofs: on one on a loop device, and on one from a file, once and twice; with what is no image at all there, it shows which check comes first.',
  about: ['E6', 'E7', 'E8', 'E10', 'E11', 'E18', 'CH4', 'CH5'],
  steps: [
    mount('erofs from a file', onFile),
    mount('erofs on a loop device', onLoop),
    mount('from a file on the loop device', outer),
    read('contents of that', fileIn(outer, 'data.bin')),
    mount('from a file on the file', second),
    mount('from a file on the file, through fsopen', erofs(fileIn(onFile, 'nested.erofs')), { api: 'fsopen' }),
    mount('from a file on that', third),
    mount('from a file on that, through fsopen', erofs(fileIn(second, 'inner.erofs')), { api: 'fsopen' }),
    mount('from what is no image, on the loop device', erofs(fileIn(onLoop, 'noise.bin'))),
    mount('from what is no image, on the file', erofs(fileIn(onFile, 'noise.bin'))),
    mount('a loop device on what is no image', erofs(loop(fileIn(onFile, 'noise.bin')))),
    mount('overlay on erofs from a file', over),
    mount('overlay on the overlay', overlay({ lower: over, upper: root })),
  ],
});
