import { changes, list, mount, scenario } from '../../harness/scenario.ts';
import { disk, erofs, erofsImage, fileIn, imageFile, loop, overlay } from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';
import { everything } from '../tree-contents.ts';

const root = disk('xfs', { 'lower.erofs': imageFile(erofsImage(everything)) });
const image = erofs(loop(fileIn(root, 'lower.erofs')));
const stack = overlay({ lower: [image, root] });
const each = [
  to.create('new'),
  to.create('a'),
  to.openWrite('a'),
  to.append('a', 'x'),
  to.openWrite('dir'),
  to.openWrite('nothing'),
  to.truncate('a'),
  to.truncate('dir'),
  to.mkdir('new'),
  to.mkdir('dir'),
  to.rmdir('empty'),
  to.unlink('a'),
  to.unlink('nothing'),
  to.makeSymlink('new', 'a'),
  to.mknod('new', 'fifo'),
  to.link('a', 'new'),
  to.rename('a', 'new'),
  to.chmod('a', 0o600),
  to.chown('a', 1),
  to.setMtime('a', 1),
  to.setxattr('a', 'user.x', 'x'),
  to.removexattr('a', 'user.x'),
  to.fallocate('a', 'allocate', 0, 1),
];

export default scenario({
  name: 'read-only-refusals',
  shows: 'What is read-only says EROFS to every change, unless something else is wrong with it first.',
  about: ['T21', 'T22', 'T23'],
  steps: [
    mount('erofs', image),
    ...changes('erofs', image, ...each),
    mount('overlay', stack),
    ...changes('overlay', stack, ...each),
    list('as it was', stack),
  ],
});
