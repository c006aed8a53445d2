/** C1 to C4, F1 to F3: what of a composefs image a kernel mounts and does not give. */
import t from 'tap';
import { predict } from '../../../harness/model/predict.ts';
import { mount, read, scenario, seal, write, type Step } from '../../../harness/scenario.ts';
import {
  composefsImage,
  composefsObjects,
  directory,
  directoryIn,
  disk,
  erofs,
  fileIn,
  imageFile,
  loop,
  objectOf,
  overlay,
  text,
  verityDisk,
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
    { kind: 'ok', exercised: undefined },
  );
  t.end();
});

t.test('given an image without digests, then only verity=require refuses its objects', (t) => {
  const of = (verity: string) => {
    const top = verified(without, verity);
    return predicted('6.18.9', mount('image', without), mount('overlay', top), read('big', fileIn(top, 'big'))).at(-1);
  };
  t.match(of('require'), { kind: 'refused', rule: 'C3', errno: 'EIO' });
  t.match(of('on'), { kind: 'ok', exercised: { spared: ['C3'] } });
  t.end();
});

t.test('given objects that fs-verity has sealed, then those with the digest of the image are given', (t) => {
  const whole = objectOf(image, 'big');
  for (const [sealed, expected] of [
    [whole, { kind: 'ok', exercised: { spared: ['C2', 'C4'] } }],
    [undefined, { kind: 'refused', rule: 'C2', errno: 'EIO' }],
  ] as const) {
    const [disks, steps] = rootWith(composefsObjects(image));
    const sealing = sealed === undefined ? [] : [seal('seal', fileIn(disks, `objects/${sealed}`))];
    t.match(predicted('7.3', ...sealing, ...steps).at(-1), expected);
  }
  const [directoryName, name] = whole.split('/') as [string, string];
  const [disks, steps] = rootWith(directory({ [directoryName]: directory({ [name]: text('y'.repeat(65)) }) }));
  t.match(predicted('7.3', seal('seal', fileIn(disks, `objects/${whole}`)), ...steps).at(-1), {
    kind: 'refused',
    rule: 'C4',
    errno: 'EIO',
  });
  t.throws(() => objectOf(image, 'nothing'), { name: 'UsageError', message: /nothing is no file/ });
  t.end();
});

function rootWith(entries: ReturnType<typeof composefsObjects>) {
  const disks = verityDisk({ 'with.cfs': imageFile(image), objects: entries });
  const metadata = erofs(loop(fileIn(disks, 'with.cfs')));
  const over = writtenOverlay(
    option('metacopy', 'on'),
    option('redirect_dir', 'on'),
    option('verity', 'require'),
    lowerdir(metadata, '::', directoryIn(disks, 'objects')),
  );
  return [disks, [mount('image', metadata), mount('overlay', over), read('big', fileIn(over, 'big'))]] as const;
}

t.test('F1 to F3: a file is sealed once, where the filesystem can, and not written to again', (t) => {
  const [can, cannot] = [verityDisk({ a: text('a'), b: text('b') }), disk('ext4', { a: text('a') })];
  const over = overlay({ lower: can, upper: cannot });
  t.match(
    predicted(
      '7.3',
      write('before', fileIn(can, 'a'), 'x'),
      seal('seal', fileIn(can, 'a')),
      seal('again', fileIn(can, 'a')),
      write('after', fileIn(can, 'a'), 'x'),
      write('the one beside it', fileIn(can, 'b'), 'x'),
      seal('cannot', fileIn(cannot, 'a')),
      write('not sealed', fileIn(cannot, 'a'), 'x'),
      mount('overlay', over),
      write('copy-up', fileIn(over, 'a'), 'x'),
    ),
    [
      { kind: 'ok' },
      { kind: 'ok', exercised: { spared: ['F1', 'F2'] } },
      { kind: 'refused', rule: 'F2', errno: 'EEXIST' },
      { kind: 'refused', rule: 'F3', errno: 'EPERM' },
      { kind: 'ok' },
      { kind: 'refused', rule: 'F1', errno: 'EOPNOTSUPP' },
      { kind: 'ok' },
      { kind: 'ok' },
      { kind: 'ok' },
    ],
  );
  t.end();
});
