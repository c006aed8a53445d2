import { backing, mount, read, scenario, write } from '../../harness/scenario.ts';
import {
  directory,
  directoryIn,
  disk,
  erofs,
  fileIn,
  fuse,
  imageFile,
  overlay,
  text,
} from '../../harness/topology/builders.ts';
import { osImage } from '../contents.ts';

const root = disk('ext4', {
  layer: directory({ 'hello.txt': text('hello\n'), 'os.erofs': imageFile(osImage) }),
});
const layer = directoryIn(root, 'layer');
const one = fuse(layer, { maxStackDepth: 1 });
const two = fuse(layer, { maxStackDepth: 2 });
const onOne = erofs(fileIn(one, 'os.erofs'));
const onTwo = erofs(fileIn(two, 'os.erofs'));
const onPassed = overlay({ lower: one, upper: root });
const first = overlay({ lower: layer, upper: root });
const second = overlay({ lower: first, upper: root });
const oneOnFirst = fuse(first, { maxStackDepth: 1 });
const twoOnFirst = fuse(first, { maxStackDepth: 2 });
const oneOnSecond = fuse(second, { maxStackDepth: 1 });
const twoOnSecond = fuse(second, { maxStackDepth: 2 });
const declaredLess = overlay({ lower: oneOnSecond, upper: root });

export default scenario({
  name: 'fuse-passthrough',
  shows:
    'With passthrough FUSE has the depth that its daemon declares, whatever lies below: file-backed erofs and overlays on it are counted and refused by that. A backing file must lie lower than was declared.',
  about: ['D7', 'D8', 'E6', 'E8', 'E10', 'D3'],
  steps: [
    mount('passthrough that declares 1', one),
    read('a file through it', fileIn(one, 'hello.txt')),
    write('a write through it', fileIn(one, 'hello.txt'), 'more\n'),
    read('and what was written', fileIn(one, 'hello.txt')),
    mount('file-backed erofs on 1', onOne),
    read('contents of the image on 1', fileIn(onOne, 'data.bin')),
    mount('passthrough that declares 2', two),
    mount('file-backed erofs on 2', onTwo),
    read('contents of the image on 2', fileIn(onTwo, 'data.bin')),
    mount('overlay on 1', onPassed),
    read('a file through overlay and passthrough', fileIn(onPassed, 'hello.txt')),
    write('copy-up from passthrough', fileIn(onPassed, 'hello.txt'), 'above\n'),
    mount('overlay on 2', overlay({ lower: two, upper: root })),
    mount('overlay on the overlay on 1', overlay({ lower: onPassed, upper: root })),
    backing('a file of ext4, where 1 is declared', one, fileIn(root, 'layer/hello.txt')),
    mount('overlay on ext4', first),
    mount('passthrough that declares 1, over that', oneOnFirst),
    backing('a file of depth 1, where 1 is declared', oneOnFirst, fileIn(first, 'hello.txt')),
    read('its daemon reads it all the same', fileIn(oneOnFirst, 'hello.txt')),
    mount('passthrough that declares 2, over that', twoOnFirst),
    backing('a file of depth 1, where 2 is declared', twoOnFirst, fileIn(first, 'hello.txt')),
    read('a file passed through from depth 1', fileIn(twoOnFirst, 'hello.txt')),
    mount('overlay on the overlay on ext4', second),
    mount('passthrough that declares 2, over both', twoOnSecond),
    backing('a file of depth 2, where 2 is declared', twoOnSecond, fileIn(second, 'hello.txt')),
    mount('passthrough that declares 1, over both', oneOnSecond),
    mount('overlay on what declares less than it lies on', declaredLess),
    read('a file through overlay, FUSE and two overlays', fileIn(declaredLess, 'hello.txt')),
  ],
});
