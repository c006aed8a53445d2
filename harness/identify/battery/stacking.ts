import { mount, scenario } from '../../scenario.ts';
import {
  directory,
  directoryIn,
  disk,
  erofs,
  fileIn,
  imageFile,
  loop,
  missingFile,
  overlay,
} from '../../topology/builders.ts';
import type { Mount } from '../../topology/topology.ts';
import { nested } from './contents.ts';

const root = disk('xfs', { 'outer.erofs': imageFile(nested), layer: directory({}) });
const outer = erofs(fileIn(root, 'outer.erofs'));
const middle = erofs(fileIn(outer, 'inner.erofs'));
const innermost = erofs(fileIn(middle, 'inner.erofs'));
const onLoop = erofs(loop(fileIn(root, 'outer.erofs')));
const inLoop = erofs(fileIn(onLoop, 'inner.erofs'));
const first = overlay({ lower: outer, upper: root });
const second = overlay({ lower: first, upper: root });

/** One more than the highest limit that can be told. */
const OVERLAYS = 5;

function overlays(): readonly Mount[] {
  const all: Mount[] = [];
  for (let n = 0; n < OVERLAYS; n++)
    all.push(overlay({ lower: all.at(-1) ?? directoryIn(root, 'layer'), upper: root }));
  return all;
}

export default scenario({
  name: 'identify-stacking',
  shows: 'What file-backed erofs may stand on, what it counts, and how many overlays stand on each other without it.',
  about: ['D2', 'D3', 'E1', 'E2', 'E3', 'E6', 'E7', 'E8', 'E9', 'E10', 'E28'],
  steps: [
    mount('file-backed erofs', outer),
    mount('file-backed erofs in it', middle),
    mount('file-backed erofs in that', innermost),
    mount('erofs on a loop device', onLoop),
    mount('file-backed erofs in the one on a loop device', inLoop),
    mount('overlay on file-backed erofs', first),
    mount('overlay on that', second),
    ...overlays().map((each, index) => mount(`overlay ${index + 1} of ${OVERLAYS} on xfs`, each)),
    mount('erofs from a file that does not exist', erofs(missingFile(root, 'nowhere.erofs'))),
  ],
});
