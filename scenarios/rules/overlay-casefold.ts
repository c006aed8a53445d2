import { mount, scenario } from '../../harness/scenario.ts';
import { directory, directoryIn, disk, newDirectory, tmpfs } from '../../harness/topology/builders.ts';
import type { Mount } from '../../harness/topology/topology.ts';
import { lowerdir, upperdir, workdir, writtenOverlay } from '../../harness/topology/written-overlay.ts';

const root = disk('xfs', { a: directory({}), b: directory({}) });
const a = directoryIn(root, 'a');
const one = tmpfs({ casefold: 'utf8' });
const other = tmpfs({ casefold: 'utf8' });
const strict = tmpfs({ casefold: 'utf8-strict' });
const folded = (on: Mount, path: string) => newDirectory(on, path, 'casefolded');
const plain = newDirectory(one, 'plain');

export default scenario({
  name: 'overlay-casefold',
  shows:
    'Layers on a filesystem whose directories can fold case: refused, refused where they do, or taken where all do.',
  about: ['O14', 'O15'],
  steps: [
    mount('a tmpfs that can fold case', one),
    mount('another one', other),
    mount('one that folds strictly', strict),
    mount('a directory that could fold case', writtenOverlay(lowerdir(a, ':', plain))),
    mount('a directory that could, first', writtenOverlay(lowerdir(plain, ':', a))),
    mount('a directory that folds case', writtenOverlay(lowerdir(a, ':', folded(one, 'f')))),
    mount('a directory that folds case, through fsopen', writtenOverlay(lowerdir(a, ':', folded(one, 'f'))), {
      api: 'fsopen',
    }),
    mount('a directory that folds case, first', writtenOverlay(lowerdir(folded(one, 'f'), ':', a))),
    mount('all fold case', writtenOverlay(lowerdir(folded(one, 'f'), ':', folded(one, 'g')))),
    mount('all fold case, on two filesystems', writtenOverlay(lowerdir(folded(one, 'f'), ':', folded(other, 'f')))),
    mount(
      'all fold case, with an upper',
      writtenOverlay(lowerdir(folded(one, 'f')), upperdir(folded(one, 'upper')), workdir(folded(one, 'work'))),
    ),
    mount(
      'an upper that does not',
      writtenOverlay(
        lowerdir(folded(one, 'f')),
        upperdir(newDirectory(one, 'other/upper')),
        workdir(newDirectory(one, 'other/work')),
      ),
    ),
    mount('all fold strictly', writtenOverlay(lowerdir(folded(strict, 'f'), ':', folded(strict, 'g')))),
    mount('strictly, behind one that does not', writtenOverlay(lowerdir(folded(one, 'f'), ':', folded(strict, 'f')))),
  ],
});
