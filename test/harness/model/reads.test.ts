/** R1: O_DIRECT, and the other ways of reading, where the bytes lie in one filesystem or another. */
import t from 'tap';
import { predict } from '../../../harness/model/predict.ts';
import { changes, list, mount, read, type Step } from '../../../harness/scenario.ts';
import {
  damagedImageFile,
  disk,
  erofs,
  erofsImage,
  file,
  fileIn,
  fuse,
  imageFile,
  loop,
  overlay,
  text,
  tmpfs,
} from '../../../harness/topology/builders.ts';
import * as to from '../../../harness/topology/changes.ts';
import type { Mount } from '../../../harness/topology/topology.ts';
import type { ContentsWay, TreeNode } from '../../../vm/machine.ts';
import { behavioursOf } from './kernels.ts';

const tree = { data: file('d', 100_000), middling: file('m', 100_000, { zeros: 0.2 }) };
const packed = erofsImage(tree, { compression: { algorithm: 'lz4' } });
const xfs = disk('xfs', {
  ...tree,
  plain: imageFile(erofsImage(tree)),
  packed: imageFile(packed),
  damaged: damagedImageFile(packed, [{ kind: 'clusters', of: 'data' }]),
});
const btrfs = disk('btrfs', tree);
const onLoop = erofs(loop(fileIn(xfs, 'plain')));
const onFile = erofs(fileIn(xfs, 'plain'));
const packedOnLoop = erofs(loop(fileIn(xfs, 'packed')));
const damaged = erofs(loop(fileIn(xfs, 'damaged')));
const over = (lower: Mount, upper: Mount = xfs) => overlay({ lower, upper });

/** Of the last step: `ok`, `R1 EINVAL`, `unknown`. */
function answer(kernel: string, on: Mount, by: ContentsWay, path = 'data', before: readonly Step[] = []): string {
  const below = on.kind === 'overlay' ? on.lowers.map((layer) => layer.on) : on.kind === 'fuse' ? [on.over.on] : [];
  const mounted = [...below, on].filter(({ kind }) => kind !== 'disk');
  const steps = [
    ...mounted.map((each, index) => mount(`mount ${index}`, each)),
    ...before,
    read('read', fileIn(on, path), { by }),
  ];
  const prediction = predict({ name: 'x', shows: '', about: [], steps }, behavioursOf(kernel)).at(-1)!.prediction;
  if (prediction.kind === 'refused') return `${prediction.rule} ${prediction.errno}`;
  return prediction.kind === 'ok' && prediction.unknown !== undefined ? 'unknown' : prediction.kind;
}

t.test('given O_DIRECT, then what has the data decides, through overlays too', (t) => {
  const cases: readonly (readonly [title: string, on: Mount, kernels: Readonly<Record<string, string>>])[] = [
    ['xfs', xfs, { '5.10': 'ok', '7.3': 'ok' }],
    ['btrfs, of which nothing was tried', btrfs, { '7.3': 'unknown' }],
    ['plain erofs on a device', onLoop, { '5.10': 'R1 EINVAL', '6.1': 'ok', '7.3': 'ok' }],
    ['plain erofs from a file', onFile, { '6.17.8': 'R1 EINVAL', '7.3': 'R1 EINVAL' }],
    ['compressed erofs', packedOnLoop, { '5.10': 'R1 EINVAL', '7.3': 'R1 EINVAL' }],
    ['an overlay on a device', over(onLoop), { '5.10': 'R1 EINVAL', '6.1': 'ok' }],
    ['an overlay on a file', over(onFile), { '6.17.8': 'R1 EINVAL' }],
    ['FUSE, whose daemon decides', fuse({ on: xfs, path: '' }), { '7.3': 'unknown' }],
  ];
  for (const [title, on, kernels] of cases)
    for (const [kernel, expected] of Object.entries(kernels))
      t.equal(answer(kernel, on, 'direct'), expected, `${title}, ${kernel}`);
  t.end();
});

t.test('given a copy-up, then the upper decides', (t) => {
  const copied = (on: Mount) => changes('copy up', on, to.openWrite('data'));
  const [disk, memory] = [over(packedOnLoop), over(packedOnLoop, tmpfs())];
  t.equal(answer('5.10', disk, 'direct'), 'R1 EINVAL', 'before it');
  t.equal(answer('5.10', disk, 'direct', 'data', copied(disk)), 'ok', 'on XFS');
  t.equal(answer('6.1', memory, 'direct', 'data', copied(memory)), 'R1 EINVAL', 'on tmpfs before 6.6');
  t.equal(answer('6.12.57', memory, 'direct', 'data', copied(memory)), 'ok', 'on tmpfs since');
  t.end();
});

t.test('given a file of which mkfs.erofs decides whether it compresses it, then O_DIRECT is unknown', (t) => {
  t.equal(answer('7.3', packedOnLoop, 'direct', 'middling'), 'unknown');
  t.equal(answer('7.3', packedOnLoop, 'pread', 'middling'), 'ok');
  t.end();
});

t.test('given data that do not decompress, then O_DIRECT is refused before, and other ways are not known', (t) => {
  t.equal(answer('7.3', damaged, 'direct'), 'R1 EINVAL');
  t.equal(answer('7.3', damaged, 'mmap'), 'unknown');
  t.equal(answer('7.3', damaged, 'mmap', 'middling'), 'ok');
  t.end();
});

t.test(
  'given clusters that are hurt in blocks that a kernel does not take, then that file too is refused when looked up',
  (t) => {
    const small = erofsImage({ data: file('d', 100_000) }, { blockBytes: 1024, compression: { algorithm: 'lz4' } });
    const store = disk('ext4', { hurt: damagedImageFile(small, [{ kind: 'clusters', of: 'data' }]) });
    const on = erofs(loop(fileIn(store, 'hurt')));
    const steps = [mount('mount', on), read('read', fileIn(on, 'data'))];
    const seen = (kernel: string) => predict({ name: 'x', shows: '', about: [], steps }, behavioursOf(kernel)).at(-1);
    t.match(seen('6.1.192'), { prediction: { kind: 'refused', rule: 'E31' } });
    t.match(seen('7.3'), { prediction: { kind: 'refused', rule: 'I8' } });
    t.end();
  },
);

t.test('given lz4 of old, then what is compressed is refused, also through an overlay, and the rest is read', (t) => {
  const files = { data: file('d', 100_000), noise: file('n', 70_000, { zeros: 0 }), small: text('small') };
  const middling = file('m', 100_000, { zeros: 0.2 });
  const old = (more: Readonly<Record<string, TreeNode>>) =>
    erofsImage({ ...files, ...more }, { compression: { algorithm: 'lz4' }, features: ['legacy-compress'] });
  const store = disk('ext4', { sure: imageFile(old({})), unsure: imageFile(old({ middling })) });
  const show = (kernel: string, name: string) => {
    const mounted = erofs(loop(fileIn(store, name)));
    const over = overlay({ lower: mounted, upper: store });
    const steps = [mount('erofs', mounted), mount('overlay', over), list('plain', mounted), list('over', over)];
    return predict({ name: 'x', shows: '', about: [], steps }, behavioursOf(kernel))
      .slice(2)
      .map(({ prediction }) => {
        if (prediction.kind !== 'ok' || prediction.listing === undefined) return prediction;
        return prediction.listing.entries.flatMap((entry) =>
          entry.kind === 'shown' && entry.unreadable !== undefined ? [`${entry.path} ${entry.unreadable.rule}`] : [],
        );
      });
  };
  t.strictSame(show('6.18.9', 'sure'), [[], []]);
  t.strictSame(show('7.3', 'sure'), [['data E32'], ['data E32']]);
  t.match(show('6.18.9', 'unsure'), [[], []]);
  t.match(show('7.3', 'unsure'), [{ unknown: /what .* shows/ }, { unknown: /what .* shows/ }]);
  t.end();
});
