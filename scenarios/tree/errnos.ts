import { changes, list, mount, scenario, upper } from '../../harness/scenario.ts';
import { disk, erofs, erofsImage, fileIn, imageFile, loop, overlay } from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';
import { everything } from '../tree-contents.ts';

const root = disk('xfs', { 'lower.erofs': imageFile(erofsImage(everything)) });
const below = erofs(loop(fileIn(root, 'lower.erofs')));
const over = overlay({ lower: below, upper: root });

export default scenario({
  name: 'errnos',
  shows: 'What cannot be done to an overlay, and what the kernel says of it.',
  about: ['T20', 'T21', 'T23', 'T24', 'T25', 'T26', 'T27'],
  steps: [
    mount('erofs', below),
    mount('overlay', over),
    ...changes(
      'cannot',
      over,
      to.rmdir('dir'),
      to.rmdir('a'),
      to.unlink('dir'),
      to.create('a/b'),
      to.create('none/b'),
      to.create('link'),
      to.create('x'.repeat(256)),
      to.openWrite('dangling'),
      to.openWrite('dir'),
      to.mkdir('dir'),
      to.link('dir', 'dir3'),
      to.link('a', 'b'),
      to.rename('a', 'dir'),
      to.rename('dir', 'a'),
      to.rename('dir', 'dir/sub/x'),
      to.rename('dir', 'empty', 'noreplace'),
      to.rename('a', 'new', 'exchange'),
      to.rename('a', 'b', 'noreplace', 'exchange'),
      to.rename('a', 'new', 'whiteout'),
      to.setxattr('link', 'user.x', 'x'),
      to.setxattr('a', 'nonsense', 'x'),
      to.removexattr('a', 'user.none'),
      to.truncate('dir'),
      to.mmapWrite('a', 'x', 4096),
      to.fallocate('a', 'allocate', 0, 0),
      to.mknod('fifo', 'fifo'),
      to.openWrite('fifo'),
      to.truncate('fifo'),
      to.mknod('null', 'character', [1, 3]),
      to.mknod('white', 'character'),
      to.rmdir(''),
      to.chmod('nothing', 0),
    ),
    list('what came of it', over),
    upper('in the upper', over),
  ],
});
