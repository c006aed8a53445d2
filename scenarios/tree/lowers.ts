import { changes, list, mount, scenario, unchanged, upper } from '../../harness/scenario.ts';
import { disk, erofs, erofsImage, fileIn, imageFile, loop, overlay, tmpfs } from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';
import { everything } from '../tree-contents.ts';

const root = disk('xfs', { ...everything, 'image.erofs': imageFile(erofsImage(everything)) });
const fromFile = erofs(fileIn(root, 'image.erofs'));
const onLoop = erofs(loop(fileIn(root, 'image.erofs')));
const ext4 = disk('ext4', everything);
const btrfs = disk('btrfs', everything);
const memory = tmpfs();
const above = disk('ext4', {});
const lowers = { 'erofs from a file': fromFile, 'erofs on loop': onLoop, xfs: root, ext4, btrfs, tmpfs: memory };
const all = [
  to.append('a', '!'),
  to.mmapWrite('big.bin', 'mapped', 10_000),
  to.unlink('b'),
  to.chmod('dir', 0o700),
  to.rename('dir/in', 'in'),
  to.link('suid', 'dir/suid'),
  to.chown('link', 9),
];

export default scenario({
  name: 'lowers',
  shows: 'What an overlay does to a lower file is the same on every filesystem that it may lie on.',
  about: ['T7', 'T9'],
  steps: [
    ...changes('in memory', memory, to.create('a', 'a'), to.create('b', 'b'), to.create('big.bin', 'x'.repeat(12_000))),
    ...changes(
      'and there',
      memory,
      to.mkdir('dir'),
      to.create('dir/in'),
      to.create('suid'),
      to.makeSymlink('link', 'a'),
    ),
    ...Object.entries(lowers).flatMap(([name, lower]) => {
      const over = overlay({ lower, upper: above });
      return [
        ...(lower.kind === 'erofs' ? [mount(name, lower)] : []),
        mount(`overlay on ${name}`, over),
        ...changes(`on ${name}`, over, ...all),
        list(`tree on ${name}`, over),
        upper(`upper on ${name}`, over),
        ...(lower === memory ? [] : [unchanged(`${name}, as it was`, lower)]),
      ];
    }),
  ],
});
