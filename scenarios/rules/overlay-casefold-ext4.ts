import { mount, scenario } from '../../harness/scenario.ts';
import { casefoldDisk, directory, directoryIn, disk, newDirectory } from '../../harness/topology/builders.ts';
import type { Mount } from '../../harness/topology/topology.ts';
import { lowerdir, upperdir, workdir, writtenOverlay } from '../../harness/topology/written-overlay.ts';

const root = disk('ext4', { a: directory({}), b: directory({}) });
const a = directoryIn(root, 'a');
const one = casefoldDisk({ plain: directory({}) });
const strict = casefoldDisk({ plain: directory({}) }, 'utf8-strict');
const folded = (on: Mount, path: string) => newDirectory(on, path, 'casefolded');
const plain = directoryIn(one, 'plain');

export default scenario({
  name: 'overlay-casefold-ext4',
  shows:
    'Layers on an ext4 whose directories can fold case, which kernels knew long before tmpfs: refused for their dentries, for what the filesystem could, for what they do, or taken where all do.',
  about: ['B3', 'O13', 'O14', 'O15'],
  steps: [
    mount('an ext4 that cannot fold case', root),
    mount('an ext4 that can', one),
    mount('one that folds strictly', strict),
    mount('a directory that could fold case', writtenOverlay(lowerdir(a, ':', plain))),
    mount('a directory that could, through fsopen', writtenOverlay(lowerdir(a, ':', plain)), { api: 'fsopen' }),
    mount('a directory that could, first', writtenOverlay(lowerdir(plain, ':', a))),
    mount('a directory that folds case', writtenOverlay(lowerdir(a, ':', folded(one, 'f')))),
    mount('a directory that folds case, first', writtenOverlay(lowerdir(folded(one, 'f'), ':', a))),
    mount('all fold case', writtenOverlay(lowerdir(folded(one, 'f'), ':', folded(one, 'g')))),
    mount(
      'all fold case, with an upper',
      writtenOverlay(lowerdir(folded(one, 'f')), upperdir(folded(one, 'upper')), workdir(folded(one, 'work'))),
    ),
    mount('all fold strictly', writtenOverlay(lowerdir(folded(strict, 'f'), ':', folded(strict, 'g')))),
    mount('neither can', writtenOverlay(lowerdir(a, ':', directoryIn(root, 'b')))),
  ],
});
