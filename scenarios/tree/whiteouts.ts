import { changes, list, mount, scenario, unchanged, upper } from '../../harness/scenario.ts';
import { disk, erofs, erofsImage, fileIn, imageFile, loop, overlay } from '../../harness/topology/builders.ts';
import { create, makeSymlink, mkdir, rmdir, unlink } from '../../harness/topology/changes.ts';
import { everything } from '../tree-contents.ts';

const root = disk('xfs', { 'lower.erofs': imageFile(erofsImage(everything)) });
const below = erofs(loop(fileIn(root, 'lower.erofs')));
const over = overlay({ lower: below, upper: root });

export default scenario({
  name: 'whiteouts',
  shows: 'What is removed of a lower layer leaves a whiteout, what is made in its place covers it.',
  about: ['T2', 'T9'],
  steps: [
    mount('erofs', below),
    mount('overlay', over),
    ...changes('remove', over, unlink('a'), unlink('link'), unlink('dir/in'), rmdir('empty')),
    list('what is left', over),
    upper('its whiteouts', over),
    ...changes(
      'anew',
      over,
      create('a', 'new a'),
      makeSymlink('link', 'b'),
      mkdir('empty', 0o711),
      create('empty/x', 'x'),
      create('passing', 'of the upper alone'),
      unlink('passing'),
      unlink('a'),
      unlink('a'),
      rmdir('dir'),
    ),
    list('what is there now', over),
    upper('the upper', over),
    unchanged('the lower', below),
  ],
});
