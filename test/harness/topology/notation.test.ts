/** How a mount is written in a line, and how its depth came about. */
import t from 'tap';
import { depthChain } from '../../../harness/model/depth.ts';
import {
  copyOf,
  directoryIn,
  disk,
  ecryptfs,
  erofs,
  erofsDisk,
  erofsImage,
  fileIn,
  fuse,
  loop,
  overlay,
  tmpfs,
} from '../../../harness/topology/builders.ts';
import { notationOf } from '../../../harness/topology/notation.ts';
import { lookUp, mountsUpTo, type Mount } from '../../../harness/topology/topology.ts';
import { fileOf, image, onFile, onLoop, over, root } from '../model/graphs.ts';

const NOTATIONS: readonly (readonly [Mount, string])[] = [
  [root, 'ext4'],
  [tmpfs(), 'tmpfs'],
  [erofsDisk(image), 'erofs[disk]'],
  [onFile(), 'erofs[file](ext4)'],
  [onLoop(), 'erofs[loop](ext4)'],
  [erofs(copyOf(fileIn(root, 'image'), tmpfs(), 'x')), 'erofs[file](tmpfs)'],
  [erofs(loop(fileIn(over(root), 'image'))), 'erofs[loop](ovl(ext4))'],
  [over(over(onFile())), 'ovl(ovl(erofs[file](ext4)))'],
  [overlay({ lower: [onLoop(), tmpfs()] }), 'ovl[ro](erofs[loop](ext4), tmpfs)'],
  [overlay({ lower: onLoop(), dataOnly: [root, tmpfs()] }), 'ovl[ro](erofs[loop](ext4) :: ext4 :: tmpfs)'],
  [erofs(fileIn(root, 'meta'), { devices: [fileIn(over(root), 'b')] }), 'erofs[file](ext4, device on ovl(ext4))'],
  [fuse(root), 'fuse(ext4)'],
  [fuse(root, { maxStackDepth: 2 }), 'fuse[passthrough 2](ext4)'],
  [ecryptfs(onFile()), 'ecryptfs(erofs[file](ext4))'],
];

for (const [mount, notation] of NOTATIONS)
  t.test(`a mount is written ${notation}`, (t) => {
    t.equal(notationOf(mount), notation);
    t.end();
  });

t.test('a depth is told along the deepest way down, with the depth of each layer', (t) => {
  const file = onFile();
  const first = over(file);
  const second = overlay({ lower: [onLoop(), first] });
  const depths = new Map<Mount, number>([
    [file, 1],
    [first, 2],
  ]);
  t.equal(
    depthChain(second, 3, (mount) => depths.get(mount)),
    'ovl(ovl(erofs[file]=1)=2)=3',
  );
  const nested = fileOf(file);
  t.equal(
    depthChain(nested, 2, (mount) => depths.get(mount)),
    'erofs[file](erofs[file]=1)=2',
  );
  const inUpper = overlay({ lower: root, upper: first });
  t.equal(
    depthChain(inUpper, 3, (mount) => depths.get(mount)),
    'ovl(ovl(erofs[file]=1)=2)=3',
    'an upper counts too',
  );
  t.end();
});

t.test('a path shows what the topmost lower holds, before anything is changed', (t) => {
  const top = disk('ext4', { 'plain.txt': { kind: 'symlink', target: 'x' } });
  t.equal(lookUp(overlay({ lower: [top, root] }), 'plain.txt')?.kind, 'symlink');
  t.equal(lookUp(overlay({ lower: [root, top] }), 'plain.txt')?.kind, 'file');
  t.equal(lookUp(overlay({ lower: directoryIn(root, 'layer') }), 'inner')?.kind, 'image');
  t.equal(lookUp(fuse(directoryIn(root, 'layer')), 'inner')?.kind, 'image');
  t.equal(lookUp(root, 'plain.txt/x'), undefined);
  t.equal(lookUp(root, 'toString'), undefined, 'a name is a name');
  t.equal(lookUp(erofs(fileIn(root, 'plain.txt')), 'x'), undefined, 'no image, no tree');
  t.equal(lookUp(onFile(), '')?.kind, 'directory');
  t.equal(erofsImage({}).tree.kind, 'directory');
  t.end();
});

t.test('mounts are told from the lowest up, each once', (t) => {
  const os = onFile();
  const first = overlay({ lower: os, upper: root });
  t.strictSame(mountsUpTo(overlay({ lower: [first, os], upper: root })).map(notationOf), [
    'ext4',
    'erofs[file](ext4)',
    'ovl(erofs[file](ext4))',
    'ovl(ovl(erofs[file](ext4)), erofs[file](ext4))',
  ]);
  t.end();
});
