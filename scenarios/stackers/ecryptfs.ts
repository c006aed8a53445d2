import { mount, read, scenario, write } from '../../harness/scenario.ts';
import {
  copyOf,
  directory,
  directoryIn,
  disk,
  ecryptfs,
  erofs,
  fileIn,
  imageFile,
  overlay,
  text,
} from '../../harness/topology/builders.ts';
import { osImage } from '../contents.ts';

const root = disk('ext4', {
  'os.erofs': imageFile(osImage),
  layer: directory({ 'hello.txt': text('hello\n') }),
  writable: directory({}),
});
const bottom = ecryptfs(directoryIn(root, 'layer'));
const encrypted = erofs(copyOf(fileIn(root, 'os.erofs'), bottom, 'os.erofs'));
const onBottom = overlay({ lower: bottom, upper: root });
const os = erofs(fileIn(root, 'os.erofs'));
const overOs = ecryptfs(os);
const onOs = overlay({ lower: os, upper: root });
const overOverlay = ecryptfs(onOs);
const first = overlay({ lower: directoryIn(root, 'layer'), upper: root });
const overFirst = ecryptfs(first);
const second = overlay({ lower: first, upper: root });

export default scenario({
  name: 'ecryptfs',
  shows:
    'eCryptfs counts one more than what it is over, to two, and not over itself. An image that lies on it encrypted is mounted straight from its file where nothing or the depth is asked, and read as it went in. It is no upper.',
  rare: 'the module ecryptfs',
  about: ['D5', 'D6', 'E6', 'E7', 'E10', 'O28', 'O29', 'D3', 'W1'],
  steps: [
    mount('eCryptfs over ext4', bottom),
    read('a plain file through it', fileIn(bottom, 'hello.txt')),
    write('a write to the plain file', fileIn(bottom, 'hello.txt'), 'more\n'),
    read('and what was written', fileIn(bottom, 'hello.txt')),
    mount('eCryptfs over eCryptfs', ecryptfs(bottom)),
    mount('file-backed erofs, its image encrypted', encrypted),
    read('contents of the encrypted image', fileIn(encrypted, 'data.bin')),
    mount('overlay on eCryptfs', onBottom),
    mount('overlay on that', overlay({ lower: onBottom, upper: root })),
    mount('overlay with its upper on eCryptfs', overlay({ lower: directoryIn(root, 'writable'), upper: bottom })),
    mount('file-backed erofs', os),
    mount('eCryptfs over it', overOs),
    read('contents through eCryptfs', fileIn(overOs, 'data.bin')),
    write('a write through eCryptfs over erofs', fileIn(overOs, 'os-release'), 'x'),
    mount('overlay on erofs', onOs),
    mount('eCryptfs over overlay and erofs', overOverlay),
    read('contents through eCryptfs and overlay', fileIn(overOverlay, 'data.bin')),
    mount('overlay on ext4', first),
    mount('eCryptfs over an overlay', overFirst),
    mount('overlay on eCryptfs over an overlay', overlay({ lower: overFirst, upper: root })),
    mount('a second overlay on ext4', second),
    mount('eCryptfs over two overlays', ecryptfs(second)),
  ],
});
