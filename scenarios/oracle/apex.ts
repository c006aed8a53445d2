import { mount, read, scenario } from '../../harness/scenario.ts';
import { disk, erofs, fileIn, imageFile, loop, overlay } from '../../harness/topology/builders.ts';
import { nestedImage } from '../contents.ts';

const root = disk('ext4', { 'system.erofs': imageFile(nestedImage) });
const system = erofs(loop(fileIn(root, 'system.erofs')));
const apex = erofs(fileIn(system, 'inner.erofs'));
const first = overlay({ lower: apex, upper: root });
const second = overlay({ lower: first, upper: root });

export default scenario({
  name: 'apex',
  shows:
    "A file-backed erofs in an erofs on a block device, as Android's APEX has it: the case for which 7893cc12251f mended 072a7c7cdbea.",
  about: ['E9', 'E11', 'D3'],
  steps: [
    mount('erofs on a loop device', system),
    mount('file-backed erofs in it', apex),
    mount('overlay on it', first),
    mount('overlay on that', second),
    read('contents through both overlays', fileIn(second, 'data.bin')),
  ],
});
