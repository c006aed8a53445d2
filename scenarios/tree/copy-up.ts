import { changes, list, mount, scenario, unchanged, upper } from '../../harness/scenario.ts';
import { disk, erofs, erofsImage, fileIn, imageFile, loop, overlay } from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';
import { everything } from '../tree-contents.ts';

const root = disk('xfs', { 'lower.erofs': imageFile(erofsImage(everything)) });
const below = erofs(loop(fileIn(root, 'lower.erofs')));
const over = overlay({ lower: below, upper: root });
const metacopying = overlay({ lower: below, upper: root, metacopy: 'on' });
const copyUps = [
  to.openWrite('a'),
  to.write('b', 'B'),
  to.mmapWrite('big.bin', 'mapped', 5000),
  to.chown('suid', 12),
  to.append('dir/in', ' and more'),
  to.truncate('dir/other', 2),
  to.setxattr('dir/sub', 'user.x', 'y'),
  to.setMtime('dir/sub/deep', 1),
  to.chmod('empty', 0o700),
  to.chown('link', 5),
  to.link('dir/sub/deep', 'deep-too'),
  to.rename('a', 'a2'),
  to.fallocate('b', 'allocate', 0, 100),
  to.fsync('b'),
];

export default scenario({
  name: 'copy-up',
  shows: 'Each way of changing a lower file copies it up once, with all that it had, and metadata alone where it may.',
  about: ['T7', 'T8'],
  steps: [
    mount('erofs', below),
    mount('overlay', over),
    ...changes('change', over, ...copyUps),
    list('what it shows', over),
    upper('the upper', over),
    mount('with metacopy', metacopying),
    ...changes('metacopy', metacopying, ...copyUps.slice(3)),
    list('what that shows', metacopying),
    upper('its upper', metacopying),
    unchanged('the lower', below),
  ],
});
