import { mount, scenario } from '../../harness/scenario.ts';
import {
  bind,
  directory,
  directoryIn,
  disk,
  erofs,
  fileIn,
  imageFile,
  loop,
  machine,
  newDirectory,
  overlay,
  text,
} from '../../harness/topology/builders.ts';
import { lowerdir, upperdir, workdir, writtenOverlay } from '../../harness/topology/written-overlay.ts';
import { osImage } from '../contents.ts';

const root = disk('xfs', {
  a: directory({ deep: directory({}) }),
  b: directory({}),
  file: text('no directory\n'),
  'os.erofs': imageFile(osImage),
});
const a = directoryIn(root, 'a');
const b = directoryIn(root, 'b');
const nothing = directoryIn(root, 'nowhere');
const file = directoryIn(root, 'file');
const sysctls = directoryIn(machine, 'proc/sys/kernel');
const os = erofs(loop(fileIn(root, 'os.erofs')));
const first = overlay({ lower: os, upper: root });
const readOnly = bind(root, { readOnly: true });
const at = (name: string) => newDirectory(root, name);

const cases = [
  ['a lower that is not there', writtenOverlay(lowerdir(a, ':', nothing))],
  ['a lower that is there', writtenOverlay(lowerdir(a, ':', b))],
  ['an upper that is not there', writtenOverlay(lowerdir(a), upperdir(nothing), workdir(at('w1')))],
  ['a workdir that is not there', writtenOverlay(lowerdir(a), upperdir(at('u1')), workdir(nothing))],
  ['an upper that is there', writtenOverlay(lowerdir(a), upperdir(at('u2')), workdir(at('w2')))],
  ['a lower that is a file', writtenOverlay(lowerdir(file, ':', b))],
  ['an upper that is a file', writtenOverlay(lowerdir(a), upperdir(file), workdir(at('w3')))],
  ['a workdir that is a file', writtenOverlay(lowerdir(a), upperdir(at('u3')), workdir(file))],
  ['a lower of sysctls', writtenOverlay(lowerdir(sysctls, ':', b))],
  ['a lower of procfs', writtenOverlay(lowerdir(directoryIn(machine, 'proc/fs'), ':', b))],
  ['an upper of sysctls', writtenOverlay(lowerdir(a), upperdir(sysctls), workdir(sysctls))],
  ['an upper on the overlay', writtenOverlay(lowerdir(a), upperdir(first), workdir(at('w4')))],
  ['a workdir on the overlay', writtenOverlay(lowerdir(a), upperdir(at('u4')), workdir(first))],
  ['a lower on the overlay', writtenOverlay(lowerdir(first, ':', b))],
  ['an upper on erofs', writtenOverlay(lowerdir(a), upperdir(os), workdir(at('w5')))],
  ['a workdir on erofs', writtenOverlay(lowerdir(a), upperdir(at('u5')), workdir(os))],
  [
    'upper and workdir through a read-only mount of a writable disk',
    writtenOverlay(lowerdir(a), upperdir(directoryIn(readOnly, 'a')), workdir(directoryIn(readOnly, 'b'))),
  ],
] as const;

export default scenario({
  name: 'overlay-paths',
  shows:
    'What overlayfs asks of the path of each layer: that it is there, is a directory with ordinary dentries, and for an upper that it is writable and no overlay. By mount(2) and through fsopen(2).',
  about: ['O9', 'O10', 'O11', 'O12', 'O13', 'CH2', 'CH6'],
  steps: [
    mount('erofs on a loop device', os),
    mount('overlay on it', first),
    mount('a read-only mount of the disk', readOnly),
    ...cases.map(([name, each]) => mount(name, each)),
    ...cases
      .filter(([name]) => !name.endsWith('there') || name.includes('not'))
      .map(([name, each]) => mount(`${name}, through fsopen`, { ...each }, { api: 'fsopen' })),
  ],
});
