import { mount, read, scenario, write } from '../../harness/scenario.ts';
import {
  directory,
  directoryIn,
  disk,
  erofs,
  fileIn,
  fuse,
  imageFile,
  loop,
  overlay,
  text,
} from '../../harness/topology/builders.ts';
import { osImage } from '../contents.ts';

const root = disk('ext4', {
  'os.erofs': imageFile(osImage),
  layer: directory({ 'hello.txt': text('hello\n'), 'os.erofs': imageFile(osImage) }),
  writable: directory({}),
});
const plain = fuse(directoryIn(root, 'layer'));
const os = erofs(fileIn(plain, 'os.erofs'));
const onOs = overlay({ lower: os, upper: root });
const onFuse = overlay({ lower: plain, upper: root });
const second = overlay({ lower: onFuse, upper: root });
const onLoop = erofs(loop(fileIn(plain, 'os.erofs')));
const overOverlay = fuse(second);
const reset = overlay({ lower: overOverlay, upper: root });
const upper = fuse(directoryIn(root, 'writable'));
const onFuseUpper = overlay({ lower: directoryIn(root, 'layer'), upper });

export default scenario({
  name: 'fuse-plain',
  shows:
    'FUSE without passthrough counts nothing: file-backed erofs takes an image on it, an overlay has depth 1 on it, and over two overlays it begins at 0 again. It can be an upper, for its daemon knows whiteouts.',
  about: ['D1', 'E7', 'E11', 'O28', 'O29', 'D3'],
  steps: [
    mount('FUSE over a directory of ext4', plain),
    read('a file through it', fileIn(plain, 'hello.txt')),
    write('a write through it', fileIn(plain, 'hello.txt'), 'more\n'),
    read('and what was written', fileIn(plain, 'hello.txt')),
    mount('file-backed erofs on it', os),
    read('contents of the image', fileIn(os, 'data.bin')),
    mount('overlay on that', onOs),
    mount('erofs on a loop device on it', onLoop),
    read('contents through the loop device', fileIn(onLoop, 'data.bin')),
    mount('overlay on FUSE', onFuse),
    read('a file through the overlay', fileIn(onFuse, 'hello.txt')),
    write('copy-up from FUSE', fileIn(onFuse, 'hello.txt'), 'above\n'),
    mount('overlay on that overlay', second),
    read('a file through both', fileIn(second, 'hello.txt')),
    mount('FUSE over both', overOverlay),
    read('a file through FUSE and both', fileIn(overOverlay, 'hello.txt')),
    mount('overlay on FUSE over two overlays', reset),
    read('a file through all four', fileIn(reset, 'hello.txt')),
    mount('FUSE to be an upper', upper),
    mount('overlay with its upper on FUSE', onFuseUpper),
    write('copy-up onto FUSE', fileIn(onFuseUpper, 'hello.txt'), 'copied\n'),
    read('what was copied up', fileIn(onFuseUpper, 'hello.txt')),
    mount(
      'overlay with its upper on FUSE over overlays',
      overlay({ lower: directoryIn(root, 'layer'), upper: overOverlay }),
    ),
  ],
});
