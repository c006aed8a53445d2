import { mount, read, scenario } from '../../harness/scenario.ts';
import { disk, erofs, fileIn, imageFile, overlay } from '../../harness/topology/builders.ts';
import { osImage } from '../contents.ts';

const backings = (['xfs', 'ext4', 'btrfs'] as const).map((filesystem) => {
  const root = disk(filesystem, { 'os.erofs': imageFile(osImage) });
  const os = erofs(fileIn(root, 'os.erofs'));
  const first = overlay({ lower: os, upper: root });
  return { filesystem, os, first };
});

export default scenario({
  name: 'backing-filesystems',
  shows: 'The file under a file-backed erofs may lie on XFS, ext4 or btrfs: its depth is the same.',
  about: ['D1', 'E11'],
  steps: backings.flatMap(({ filesystem, os, first }) => [
    mount(`erofs on ${filesystem}`, os),
    mount(`overlay on erofs on ${filesystem}`, first),
    read(`contents through ${filesystem}`, fileIn(first, 'data.bin')),
  ]),
});
