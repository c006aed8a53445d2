import { look, mount, scenario } from '../../harness/scenario.ts';
import {
  bind,
  directory,
  directoryIn,
  disk,
  erofs,
  fileIn,
  imageFile,
  loop,
  newDirectory,
  overlay,
} from '../../harness/topology/builders.ts';
import { lowerdir, option, upperdir, workdir, writtenOverlay } from '../../harness/topology/written-overlay.ts';
import { osImage } from '../contents.ts';

const root = disk('xfs', { a: directory({}), b: directory({}), 'os.erofs': imageFile(osImage) });
const a = lowerdir(directoryIn(root, 'a'));
const at = (path: string) => newDirectory(root, path);
const os = erofs(loop(fileIn(root, 'os.erofs')));
const first = overlay({ lower: os, upper: root });
const second = overlay({ lower: first, upper: root });
const again = bind(root);

export default scenario({
  name: 'overlay-workdir',
  shows:
    'Where the workdir may lie, and what overlayfs has made in it by the time it refuses: a mount that is refused for its depth leaves work behind, and the mark of a volatile mount.',
  about: ['D3', 'D4', 'O4', 'O7', 'O8', 'O37', 'O46'],
  steps: [
    mount('no workdir', writtenOverlay(a, upperdir(at('1/upper')))),
    mount('side by side', writtenOverlay(a, upperdir(at('2/upper')), workdir(at('2/work')))),
    look('work is made', at('2/work'), 'work'),
    look('no index is made', at('2/work'), 'index'),
    mount('one directory for both', writtenOverlay(a, upperdir(at('3')), workdir(at('3')))),
    mount('the workdir in the upperdir', writtenOverlay(a, upperdir(at('4')), workdir(at('4/work')))),
    mount('the upperdir in the workdir', writtenOverlay(a, upperdir(at('5/upper')), workdir(at('5')))),
    look('nothing is made in it', at('5'), 'work'),
    mount('names that begin alike', writtenOverlay(a, upperdir(at('6')), workdir(at('6.work')), option('index', 'on'))),
    look('an index is made', at('6.work'), 'index'),
    mount('the disk once more', again),
    mount(
      'upper and work through two mounts of one disk',
      writtenOverlay(a, upperdir(at('7/upper')), workdir(newDirectory(again, '7/work'))),
    ),
    mount(
      'upper and work through the second one',
      writtenOverlay(a, upperdir(newDirectory(again, '8/upper')), workdir(newDirectory(again, '8/work'))),
    ),
    mount('erofs on a loop device', os),
    mount('overlay on it', first),
    mount('overlay on that', second),
    mount(
      'too deep, and volatile',
      writtenOverlay(lowerdir(second), upperdir(at('9/upper')), workdir(at('9/work')), option('volatile')),
    ),
    look('work is left behind', at('9/work'), 'work'),
    look('the mark is left behind', at('9/work'), 'work/incompat/volatile'),
    mount('an overlay with what is left behind', writtenOverlay(a, upperdir(at('9/upper')), workdir(at('9/work')))),
    mount(
      'too deep, and not volatile',
      writtenOverlay(lowerdir(second), upperdir(at('10/upper')), workdir(at('10/work'))),
    ),
    mount(
      'an overlay with what that leaves behind',
      writtenOverlay(a, upperdir(at('10/upper')), workdir(at('10/work'))),
    ),
    mount(
      'a lower that is not there',
      writtenOverlay(lowerdir(directoryIn(root, 'no')), upperdir(at('11/upper')), workdir(at('11/work'))),
    ),
    look('work is made before 6.5, when a lower is looked up late', at('11/work'), 'work'),
  ],
});
