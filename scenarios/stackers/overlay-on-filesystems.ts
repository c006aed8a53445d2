import { mount, read, scenario, write } from '../../harness/scenario.ts';
import { directory, directoryIn, disk, fileIn, overlay, text, tmpfs } from '../../harness/topology/builders.ts';

const memory = tmpfs();
const disks = (['btrfs', 'ext4', 'xfs'] as const).map((filesystem) => {
  const root = disk(filesystem, { layer: directory({ 'hello.txt': text(`hello from ${filesystem}\n`) }) });
  const first = overlay({ lower: directoryIn(root, 'layer'), upper: root });
  const second = overlay({ lower: first, upper: memory });
  return { filesystem, first, second };
});
const all = overlay({ lower: disks.map(({ second }) => second), upper: memory });
const mixed = overlay({ lower: [...disks.map(({ first }) => first), memory], upper: memory });

export default scenario({
  name: 'overlay-on-filesystems',
  shows: 'Overlays on btrfs, ext4, XFS and tmpfs, alone and mixed: the depth is that of the layers, whatever they are.',
  about: ['D1', 'D2', 'D3'],
  steps: [
    ...disks.flatMap(({ filesystem, first, second }) => [
      mount(`overlay on ${filesystem}`, first),
      read(`a file through ${filesystem}`, fileIn(first, 'hello.txt')),
      write(`copy-up on ${filesystem}`, fileIn(first, 'hello.txt'), 'more\n'),
      read(`what was copied up on ${filesystem}`, fileIn(first, 'hello.txt')),
      mount(`overlay with its upper on tmpfs, on ${filesystem}`, second),
      write(`copy-up from ${filesystem} to tmpfs`, fileIn(second, 'hello.txt'), 'above\n'),
      read(`what was copied up from ${filesystem}`, fileIn(second, 'hello.txt')),
    ]),
    mount('overlay on all first ones', mixed),
    read('a file of the topmost', fileIn(mixed, 'hello.txt')),
    mount('overlay on all second ones', all),
  ],
});
