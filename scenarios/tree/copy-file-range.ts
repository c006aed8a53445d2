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
} from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';
import { everything } from '../tree-contents.ts';

const root = disk('xfs', { 'lower.erofs': imageFile(erofsImage(everything)), beside: directory(everything) });
const below = erofs(loop(fileIn(root, 'lower.erofs')));
const over = overlay({ lower: below, upper: root });
const twice = overlay({ lower: over, upper: root });
const beside = overlay({ lower: { on: root, path: 'beside' }, upper: root });
const metacopying = overlay({ lower: below, upper: root, metacopy: 'on' });

const copies = [
  to.copyFileRange('big.bin', 'big-copy'),
  to.copyFileRange('link', 'dir/in-copy'),
  to.append('b', 'copied up'),
  to.copyFileRange('b', 'b-copy'),
  to.create('nothing'),
  to.copyFileRange('nothing', 'nothing-copy'),
  to.copyFileRange('a', 'b'),
  to.copyFileRange('none', 'never'),
  to.copyFileRange('dir', 'dir-copy'),
];

export default scenario({
  name: 'copy-file-range',
  shows:
    'copy_file_range(2) copies in an overlay what its upper has the data of, and refuses what lies below on another filesystem.',
  about: ['T28'],
  steps: [
    mount('erofs', below),
    ...changes('on erofs', below, to.copyFileRange('a', 'copy')),
    mount('overlay', over),
    ...changes('overlay', over, ...copies),
    list('what it shows', over),
    upper('the upper', over),
    mount('overlay on that', twice),
    ...changes(
      'twice',
      twice,
      to.copyFileRange('b-copy', 'from below'),
      to.append('a', '!'),
      to.copyFileRange('a', 'a2'),
    ),
    list('what that shows', twice),
    mount('lower beside the upper', beside),
    ...changes('beside', beside, ...copies),
    list('what the third shows', beside),
    mount('with metacopy', metacopying),
    ...changes('metacopy', metacopying, to.chmod('big.bin', 0o600), to.copyFileRange('big.bin', 'big-copy')),
    list('what the fourth shows', metacopying),
    unchanged('the image', below),
  ],
});
