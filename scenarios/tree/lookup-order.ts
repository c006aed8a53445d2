import { changes, list, mount, scenario, unchanged, upper } from '../../harness/scenario.ts';
import {
  directory,
  disk,
  erofs,
  erofsImage,
  fileIn,
  imageFile,
  loop,
  overlay,
  text,
} from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';

const top = erofsImage({
  both: text('top'),
  dir: directory({ top: text('top'), both: text('top') }, { mode: 0o711 }),
  file: text('covers a directory'),
  tree: directory({ x: text('covers a file') }),
});
const middle = erofsImage({
  both: text('middle'),
  dir: directory({ middle: text('middle'), both: text('middle') }, { uid: 4 }),
  file: directory({ hidden: text('hidden') }),
  tree: text('hidden'),
  only: text('middle'),
});
const root = disk('xfs', { 'top.erofs': imageFile(top), 'middle.erofs': imageFile(middle) });
const bottom = disk('ext4', { dir: directory({ bottom: text('bottom') }), only: text('bottom'), last: text('bottom') });
const first = erofs(loop(fileIn(root, 'top.erofs')));
const second = erofs(loop(fileIn(root, 'middle.erofs')));
const over = overlay({ lower: [first, second, bottom], upper: root });
const still = overlay({ lower: [second, first, bottom] });

export default scenario({
  name: 'lookup-order',
  shows: 'Directories of all layers are merged, of everything else the topmost is what is there.',
  about: ['T1', 'T3'],
  steps: [
    mount('first', first),
    mount('second', second),
    mount('read-only', still),
    list('its tree', still),
    mount('overlay', over),
    list('as it is made', over),
    ...changes('change', over, to.append('dir/bottom', '!'), to.unlink('only'), to.unlink('dir/both')),
    list('afterwards', over),
    upper('the upper', over),
    unchanged('the bottom', bottom),
  ],
});
