/** Whole scenarios: what stands on what, what set-up says, what reads return. */
import t, { type Test } from 'tap';
import { predict } from '../../../harness/model/predict.ts';
import { attach, mount, read, write, type Step } from '../../../harness/scenario.ts';
import {
  copyOf,
  directory,
  directoryIn,
  disk,
  ecryptfs,
  erofs,
  erofsImage,
  file,
  fileIn,
  fuse,
  imageFile,
  loop,
  missingFile,
  overlay,
  text,
  tmpfs,
} from '../../../harness/topology/builders.ts';
import type { Mount } from '../../../harness/topology/topology.ts';
import { fileOf, onLoop, over, root } from './graphs.ts';
import { answer, behavioursOf, brief, contentsAfter, KERNELS, owes } from './kernels.ts';

const D = KERNELS['no-stacked-backing'];
const of = (steps: readonly Step[], behaviours = D) =>
  predict({ name: 'test', shows: '', about: [], steps }, behaviours);

t.test('given a refused mount, then what stands on it is unreachable and names the step that is to blame', (t) => {
  const device = onLoop();
  const onErofs = fileOf(device);
  const nested = fileOf(onErofs);
  const top = over(nested);
  const [, , refused, above, data] = of([
    mount('on a loop device', device),
    mount('file-backed', onErofs),
    mount('nested', nested),
    mount('overlay', top),
    read('read', fileIn(top, 'data.txt')),
  ]);
  t.match(refused?.prediction, { kind: 'refused', rule: 'E10' });
  for (const later of [above, data]) t.match(later?.prediction, { kind: 'unreachable', because: 'nested' });
  t.end();
});

t.test('given a refused attach, then a mount on that device is unreachable', (t) => {
  const device = loop(missingFile(root, 'nowhere'));
  const [attached, mounted] = of([attach('attach', device), mount('mount', erofs(device))]);
  t.match(attached?.prediction, { kind: 'refused', rule: 'L0', errno: 'ENOENT' });
  t.match(mounted?.prediction, { kind: 'unreachable', because: 'attach' });
  t.end();
});

t.test('L3, L4: given a directory, when it is attached, then EINVAL, by one rule or the other', (t) => {
  const device = () => attach('attach', loop(fileIn(root, 'layer')));
  t.match(of([device()], KERNELS['no-file-backed'])[0]?.prediction, { rule: 'L3', errno: 'EINVAL' });
  t.match(of([device()])[0]?.prediction, { rule: 'L4', errno: 'EINVAL' });
  t.match(of([attach('attach', loop(fileIn(root, 'image')))])[0]?.prediction, { kind: 'ok', depth: undefined });
  t.end();
});

t.test('D10: given any file, when it is on a loop device, then the mount has depth 0', (t) => {
  for (const below of [onLoop(), over(onLoop()), over(over(onLoop()))])
    t.equal(brief(answer(erofs(loop(fileIn(below, 'inner'))), D)), 'ok d0');
  t.equal(brief(answer(erofs(loop(copyOf(fileIn(root, 'image'), tmpfs(), 'i'))), D)), 'ok d0');
  t.end();
});

t.test('given one loop device mounted twice, then the second takes the superblock over and says nothing', (t) => {
  const device = loop(fileIn(root, 'image'));
  const [first, second] = [erofs(device), erofs(device)];
  const [one, two, both] = of([
    mount('first', first),
    mount('second', second),
    mount('both', overlay({ lower: [first, second] })),
  ]);
  const line = 'erofs (device loop0): mounted with root inode @ nid 36.';
  t.ok(owes(one!.prediction, line));
  t.notOk(owes(two!.prediction, line));
  t.match(both?.prediction, { rule: 'O33' }, 'to overlayfs they are one directory');
  t.equal(brief(answer(overlay({ lower: [onLoop(), onLoop()] }), D)), 'ok d1', 'two devices are two');
  t.end();
});

t.test(
  'B1: given XFS on 5.10, then its warning may come in the step that mounts the disk first, and only there',
  (t) => {
    const xfs = disk('xfs', { image: imageFile(erofsImage({ 'data.txt': text('x') })) });
    const os = erofs(loop(fileIn(xfs, 'image')));
    const warning = 'XFS (vda): EXPERIMENTAL big timestamp feature in use. Use at your own risk!';
    const steps = [mount('erofs', os), mount('overlay', overlay({ lower: os, upper: xfs }))];
    const on510 = of(steps, behavioursOf('5.10.262')).map(({ prediction }) => owes(prediction, warning));
    t.strictSame(on510, [true, false]);
    const on61 = of(steps, behavioursOf('6.1.192')).map(({ prediction }) => owes(prediction, warning));
    t.strictSame(on61, [false, false]);
    const explicit = of([mount('disk', xfs), mount('erofs', os)], behavioursOf('5.10.262'));
    t.strictSame(
      explicit.map(({ prediction }) => owes(prediction, warning)),
      [true, false],
    );
    t.end();
  },
);

t.test('given the disk that only an attached copy needs, then its set-up belongs to the attach', (t) => {
  const xfs = disk('xfs', { image: imageFile(erofsImage({})) });
  const device = loop(copyOf(fileIn(xfs, 'image'), tmpfs(), 'image'));
  const [attached] = of([attach('attach', device)], behavioursOf('5.10.262'));
  t.equal(attached?.prediction.kind === 'ok' && attached.prediction.messages.length, 1);
  t.end();
});

const upper = disk('ext4', {});
const base = disk('ext4', { 'a.txt': text('a\n'), big: file('seed', 9000), sub: directory({ 'b.txt': text('b\n') }) });
const first = () => overlay({ lower: base, upper });

function expectContents(t: Test, steps: readonly Step[], on: Mount, path: string, appended: readonly string[]) {
  const prediction = contentsAfter(steps, fileIn(on, path), D);
  t.match(prediction, { kind: 'ok', contents: { edits: appended.map((text) => ({ kind: 'write', text })) } });
}

t.test('given nothing was written, then a read returns what went in, through any depth of overlays', (t) => {
  const one = first();
  const two = overlay({ lower: directoryIn(one, 'sub'), upper });
  t.match(contentsAfter([mount('one', one), mount('two', two)], fileIn(two, 'b.txt'), D), {
    contents: { base: { kind: 'text', text: 'b\n' }, edits: [] },
  });
  t.end();
});

t.test('given several lowers, then the topmost that has the file shows', (t) => {
  const top = disk('ext4', { 'a.txt': text('top\n') });
  const both = overlay({ lower: [top, base] });
  t.match(contentsAfter([mount('both', both)], fileIn(both, 'a.txt'), D), { contents: { base: { text: 'top\n' } } });
  t.match(contentsAfter([mount('both', both)], fileIn(both, 'big'), D), { contents: { base: { seed: 'seed' } } });
  t.end();
});

t.test('given a write through an overlay, then it shows there and above, and not below', (t) => {
  const one = first();
  const two = overlay({ lower: one, upper });
  const steps = [mount('one', one), mount('two', two), write('write', fileIn(two, 'a.txt'), 'x')];
  expectContents(t, steps, two, 'a.txt', ['x']);
  expectContents(t, steps, one, 'a.txt', []);
  expectContents(t, steps, base, 'a.txt', []);
  t.end();
});

t.test('given a copy-up, when the lower is written afterwards, then the copy stays as it was', (t) => {
  const one = first();
  const steps = [
    mount('one', one),
    write('below, before', fileIn(base, 'a.txt'), '1'),
    write('copy-up', fileIn(one, 'a.txt'), '2'),
    write('below, after', fileIn(base, 'a.txt'), '3'),
    write('above again', fileIn(one, 'a.txt'), '4'),
  ];
  expectContents(t, steps, one, 'a.txt', ['1', '2', '4']);
  expectContents(t, steps, base, 'a.txt', ['1', '3']);
  t.end();
});

t.test('W1: given a read-only mount, when it is written, then EROFS, and a read still returns what was there', (t) => {
  const readOnly = overlay({ lower: [base, tmpfs()] });
  const steps = [mount('overlay', readOnly), write('write', fileIn(readOnly, 'a.txt'), 'x')];
  t.match(of(steps)[1]?.prediction, { kind: 'refused', rule: 'W1', errno: 'EROFS' });
  expectContents(t, steps, readOnly, 'a.txt', []);
  const os = onLoop();
  t.match(of([mount('os', os), write('write', fileIn(os, 'inner'), 'x')])[1]?.prediction, { rule: 'W1' });
  const sealed = ecryptfs(readOnly);
  t.match(of([steps[0]!, mount('e', sealed), write('write', fileIn(sealed, 'a.txt'), 'x')])[2]?.prediction, {
    rule: 'W1',
  });
  t.end();
});

t.test('given FUSE, or eCryptfs over what is not encrypted, then writes go through', (t) => {
  for (const through of [fuse(base), ecryptfs(base)]) {
    const steps = [mount('mount', through), write('write', fileIn(through, 'a.txt'), 'x')];
    expectContents(t, steps, base, 'a.txt', ['x']);
    expectContents(t, steps, through, 'a.txt', ['x']);
  }
  t.end();
});

t.test('given a scenario that no validation saw, when it stands on what no step mounts, then it says so', (t) => {
  t.throws(() => of([mount('overlay', over(onLoop()))]), /no step mounts it/);
  t.end();
});
