/** C1 to C3: what of a composefs image a kernel mounts and does not give. */
import t from 'tap';
import { predict } from '../../../harness/model/predict.ts';
import { mount, read, scenario, type Step } from '../../../harness/scenario.ts';
import {
  composefsImage,
  composefsObjects,
  directoryIn,
  disk,
  erofs,
  fileIn,
  imageFile,
  loop,
  overlay,
  text,
} from '../../../harness/topology/builders.ts';
import { lowerdir, option, writtenOverlay } from '../../../harness/topology/written-overlay.ts';
import { behavioursOf } from './kernels.ts';

const big = text('x'.repeat(65));
const small = text('small\n');
const image = composefsImage({ big, small });
const bare = composefsImage({ big, small }, { digests: false });
const root = disk('ext4', {
  'with.cfs': imageFile(image),
  'bare.cfs': imageFile(bare),
  objects: composefsObjects(image),
});
const objects = directoryIn(root, 'objects');
const withDigests = erofs(loop(fileIn(root, 'with.cfs')));
const without = erofs(loop(fileIn(root, 'bare.cfs')));
const verified = (lower: typeof withDigests, verity: string) =>
  writtenOverlay(
    option('metacopy', 'on'),
    option('redirect_dir', 'on'),
    option('verity', verity),
    lowerdir(lower, '::', objects),
  );

function predicted(version: string, ...steps: readonly Step[]) {
  return predict(scenario({ name: 'x', shows: '', about: [], steps }), behavioursOf(version)).map(
    ({ prediction }) => prediction,
  );
}

t.test(
  'given a kernel without chunk-based files, then objects are refused through any overlay, small files are not',
  (t) => {
    const first = overlay({ lower: [withDigests, objects], metacopy: 'on', redirect_dir: 'on' });
    const second = overlay({ lower: first, upper: root });
    const steps = [
      mount('image', withDigests),
      mount('overlay', first),
      mount('another', second),
      read('big', fileIn(first, 'big')),
      read('big through both', fileIn(second, 'big')),
      read('small through both', fileIn(second, 'small')),
    ];
    const refused = { kind: 'refused', rule: 'C1', errno: 'EOPNOTSUPP' };
    t.match(predicted('5.10', ...steps).slice(3), [refused, refused, { kind: 'ok' }]);
    t.match(predicted('6.1', ...steps).slice(3), [{ kind: 'ok' }, { kind: 'ok' }, { kind: 'ok' }]);
    t.end();
  },
);

t.test('given objects without fs-verity, then verity=on and verity=require refuse those whose digest is known', (t) => {
  for (const verity of ['on', 'require']) {
    const top = verified(withDigests, verity);
    t.match(
      predicted(
        '6.18.9',
        mount('image', withDigests),
        mount('overlay', top),
        read('big', fileIn(top, 'big')),
        read('small', fileIn(top, 'small')),
      ).slice(2),
      [
        { kind: 'refused', rule: 'C2', errno: 'EIO', why: /verity=.*\/[0-9a-f]{2}\/[0-9a-f]{62} of big/ },
        { kind: 'ok' },
      ],
      verity,
    );
  }
  const off = verified(withDigests, 'off');
  t.match(
    predicted('6.18.9', mount('image', withDigests), mount('overlay', off), read('big', fileIn(off, 'big'))).at(-1),
    { kind: 'ok' },
  );
  t.end();
});

t.test('given an image without digests, then only verity=require refuses its objects', (t) => {
  const of = (verity: string) => {
    const top = verified(without, verity);
    return predicted('6.18.9', mount('image', without), mount('overlay', top), read('big', fileIn(top, 'big'))).at(-1);
  };
  t.match(of('require'), { kind: 'refused', rule: 'C3', errno: 'EIO' });
  t.match(of('on'), { kind: 'ok' });
  t.end();
});
