import { mount, read, scenario, write } from '../../harness/scenario.ts';
import {
  directory,
  directoryIn,
  disk,
  ecryptfs,
  fileIn,
  overlay,
  text,
  tmpfs,
} from '../../harness/topology/builders.ts';

const root = disk('ext4', { layer: directory({ 'hello.txt': text('hello\n'), 'other.txt': text('other\n') }) });
const bottom = ecryptfs(directoryIn(root, 'layer'));
const memory = tmpfs();
const first = overlay({ lower: bottom, upper: root });
const second = overlay({ lower: bottom, upper: memory });

export default scenario({
  name: 'ecryptfs-under-overlay',
  shows:
    'Files of eCryptfs are opened through an overlay. Before 6.7 the kernel dereferences NULL there: eCryptfs finds its own file by the path that it is opened by, and that was the one of the overlay.',
  rare: 'the module ecryptfs',
  about: ['D3', 'D5'],
  steps: [
    mount('eCryptfs over ext4', bottom),
    read('a file through eCryptfs alone', fileIn(bottom, 'hello.txt')),
    mount('overlay on eCryptfs', first),
    read('a file through overlay and eCryptfs', fileIn(first, 'hello.txt')),
    write('copy-up from eCryptfs', fileIn(first, 'hello.txt'), 'above\n'),
    read('what was copied up', fileIn(first, 'hello.txt')),
    read('eCryptfs is unchanged', fileIn(bottom, 'hello.txt')),
    mount('overlay with its upper in memory', second),
    read('a file through it', fileIn(second, 'other.txt')),
    write('copy-up to memory', fileIn(second, 'other.txt'), 'above\n'),
  ],
});
