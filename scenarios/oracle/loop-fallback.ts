import { mount, read, scenario } from '../../harness/scenario.ts';
import { disk, erofs, fileIn, imageFile, loop, overlay } from '../../harness/topology/builders.ts';
import { nestedImage } from '../contents.ts';

const root = disk('ext4', { 'outer.erofs': imageFile(nestedImage) });
const outer = erofs(loop(fileIn(root, 'outer.erofs')));
const first = overlay({ lower: outer, upper: root });
const second = overlay({ lower: first, upper: root });
const third = overlay({ lower: second, upper: root });

const inner = erofs(loop(fileIn(second, 'inner.erofs')));
const innerFirst = overlay({ lower: inner, upper: root });
const innerSecond = overlay({ lower: innerFirst, upper: root });
const innermost = erofs(loop(fileIn(innerSecond, 'inner.erofs')));

export default scenario({
  name: 'loop-fallback',
  shows:
    'A loop device starts again at depth 0, whatever its file lies on: two overlays go on it, a third never, and the whole may be repeated without end.',
  about: ['D2', 'D3', 'D10', 'L5'],
  steps: [
    mount('erofs on a loop device', outer),
    mount('overlay on it', first),
    mount('overlay on that', second),
    mount('a third overlay', third),
    mount('erofs on a loop device on the overlays', inner),
    mount('overlay on the inner erofs', innerFirst),
    mount('another overlay on the inner erofs', innerSecond),
    mount('once more: erofs on loop on those', innermost),
    read('contents at the bottom', fileIn(innermost, 'data.bin')),
  ],
});
