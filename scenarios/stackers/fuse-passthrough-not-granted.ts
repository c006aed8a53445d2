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
const hello = fileIn(root, 'layer/hello.txt');

function asked(maxStackDepth: number, writebackCache: boolean) {
  const mounted = fuse(directoryIn(root, 'layer'), { maxStackDepth, writebackCache });
  const os = erofs(fileIn(mounted, 'os.erofs'));
  const first = overlay({ lower: mounted, upper: root });
  const title = `${maxStackDepth}${writebackCache ? ' with a writeback cache' : ''}`;
  return [
    mount(`passthrough that declares ${title}`, mounted),
    backing(`a backing file for ${title}`, mounted, hello),
    mount(`file-backed erofs on ${title}`, os),
    read(`contents of the image on ${title}`, fileIn(os, 'data.bin')),
    mount(`overlay on ${title}`, first),
    mount(`overlay on the overlay on ${title}`, overlay({ lower: first, upper: root })),
  ];
}

const cached = fuse(directoryIn(root, 'layer'), { maxStackDepth: 1, writebackCache: true });

export default scenario({
  name: 'fuse-passthrough-not-granted',
  shows:
    'Passthrough with a depth of 0 or 3, or with a writeback cache, is mounted and silently not granted: its depth is 0, and no backing file is taken.',
  about: ['D9', 'E7', 'E11'],
  steps: [
    ...asked(0, false),
    ...asked(3, false),
    ...asked(1, true),
    mount('one more with a writeback cache', cached),
    write('a write into the cache', fileIn(cached, 'hello.txt'), 'more\n'),
    read('and what was written', fileIn(cached, 'hello.txt')),
  ],
});
