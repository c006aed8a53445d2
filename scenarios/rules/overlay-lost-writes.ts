import { loseWrites, mount, scenario } from '../../harness/scenario.ts';
import { directory, directoryIn, disk, newDirectory } from '../../harness/topology/builders.ts';
import { lowerdir, option, upperdir, workdir, writtenOverlay } from '../../harness/topology/written-overlay.ts';

const root = disk('xfs', { a: directory({}) });
const other = disk('xfs', { b: directory({}) });
const lower = lowerdir(directoryIn(other, 'b'));
const own = (name: string) => [
  upperdir(newDirectory(root, `${name}/upper`)),
  workdir(newDirectory(root, `${name}/work`)),
];

export default scenario({
  name: 'overlay-lost-writes',
  shows:
    'A volatile overlay is not made on a filesystem that has lost what was written to it, and nobody has seen that.',
  about: ['O36'],
  steps: [
    mount('a volatile overlay', writtenOverlay(lower, ...own('1'), option('volatile'))),
    loseWrites('the filesystem of its upper loses what is written', root),
    mount('another volatile overlay', writtenOverlay(lower, ...own('2'), option('volatile'))),
  ],
});
