/** Which mounts the stack of a read shows, from the top down. */
import t from 'tap';
import { stagesOf } from '../../../harness/judge/stages.ts';
import { disk, erofs, erofsImage, fileIn, imageFile, overlay, text } from '../../../harness/topology/builders.ts';
import { parseTopology } from '../../../harness/topology/parse-notation.ts';
import { UnsupportedError } from '../../../vm/machine.ts';

const names = (topology: string): string =>
  stagesOf(parseTopology(topology))
    .map(({ kind, name }) => (kind === name ? name : `${kind} ${name}`))
    .join(', ');

t.test('given overlays on erofs in a file, then the stack goes through all of them to the disk', async (t) => {
  t.equal(names('ovl(ovl(erofs[file](xfs)))'), 'overlay, overlay, erofs, backing xfs');
  t.equal(names('erofs[file](erofs[file](btrfs))'), 'erofs, erofs, backing btrfs');
  t.equal(names('ovl(ext4)'), 'overlay, backing ext4');
  t.equal(names('tmpfs'), 'backing tmpfs');
});

t.test('given a block device below an erofs, then the stack ends at the erofs', async (t) => {
  t.equal(names('ovl(erofs[loop](xfs))'), 'overlay, erofs', 'a loop device reads in a worker with a stack of its own');
  t.equal(names('ovl(erofs[disk])'), 'overlay, erofs');
  t.equal(names('erofs[file](erofs[loop](xfs))'), 'erofs, erofs');
});

t.test('given a blob device, then the way goes to where the blob lies, not the image', async (t) => {
  t.equal(names('erofs[file](xfs, device on ovl(ext4))'), 'erofs, overlay, backing ext4');
});

t.test('given several lowers, then the way goes to the first, for a whole tree is in each', async (t) => {
  t.equal(names('ovl(erofs[loop](xfs), ext4)'), 'overlay, erofs');
});

t.test('given an image copied to another mount, then the way goes to the copy', async (t) => {
  const store = disk('xfs', { 'a.erofs': imageFile(erofsImage({ a: text('a') })) });
  const place = disk('ext4', { b: text('b') });
  const copy = { kind: 'copy', from: fileIn(store, 'a.erofs'), on: place, path: 'a.erofs' } as const;
  t.same(
    stagesOf(overlay({ lower: erofs(copy), upper: place })).map(({ name }) => name),
    ['overlay', 'erofs', 'ext4'],
  );
});

t.test('given what the agent cannot mount, then it is unsupported', async (t) => {
  for (const topology of ['fuse(ext4)', 'ovl(ecryptfs(ext4))']) t.throws(() => names(topology), UnsupportedError);
});
