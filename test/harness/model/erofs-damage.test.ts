/** What the model says of damaged images: of each rule a case that triggers it, and one that just does not. */
import t from 'tap';
import { predict } from '../../../harness/model/predict.ts';
import type { Prediction } from '../../../harness/model/prediction.ts';
import { bytesOf } from '../../../harness/run/digest.ts';
import { list, mount, read, upper, write } from '../../../harness/scenario.ts';
import {
  damagedImageFile,
  directory,
  disk,
  erofs,
  erofsDisk,
  erofsImage,
  file,
  fileIn,
  imageFile,
  loop,
  overlay,
  text,
  type Damage,
} from '../../../harness/topology/builders.ts';
import type { Mount } from '../../../harness/topology/topology.ts';
import { behavioursOf, owes } from './kernels.ts';

const image = erofsImage({ a: text('a'), data: file('d', 9000), sub: directory({ a: text('b') }) });

/** The mount's prediction, and that of a read of `path`, on a loop device or from a file. */
function outcome(kernel: string, damage: Damage | readonly Damage[], path = 'a', way: 'loop' | 'file' = 'loop') {
  const store = disk('ext4', { 'i.erofs': damagedImageFile(image, 'kind' in damage ? [damage] : damage) });
  const source = fileIn(store, 'i.erofs');
  const mounted = erofs(way === 'loop' ? loop(source) : source);
  const steps = [mount('mount', mounted), read('read', fileIn(mounted, path))];
  const [made, seen] = predict({ name: 'x', shows: '', about: [], steps }, behavioursOf(kernel));
  return { mount: brief(made!.prediction), read: brief(seen!.prediction), messages: made!.prediction.messages };
}

function brief(prediction: Prediction): string {
  if (prediction.kind === 'refused') return `${prediction.rule} ${prediction.errno}`;
  return prediction.kind === 'ok' && prediction.undetermined !== undefined ? 'undetermined' : prediction.kind;
}

const MOUNT_CASES: readonly (readonly [string, Damage, Readonly<Record<string, string>>])[] = [
  ['magic', { kind: 'superblock', field: 'magic', value: 1 }, { '5.10': 'E18 EINVAL', '7.3': 'E18 EINVAL' }],
  ['the magic as it is', { kind: 'superblock', field: 'magic', value: 0xe0f5e1e2 }, { '5.10': 'ok', '7.3': 'ok' }],
  ['checksum', { kind: 'checksum' }, { '5.10': 'E20 EBADMSG', '7.3': 'E20 EBADMSG' }],
  [
    'blocks of 8192',
    { kind: 'superblock', field: 'blkszbits', value: 13 },
    { '5.10': 'E19 EINVAL', '6.1': 'E19 EINVAL' },
  ],
  ['blocks of 512 that are none', { kind: 'superblock', field: 'blkszbits', value: 9 }, { '5.10': 'E19 EINVAL' }],
  ['directory blocks', { kind: 'superblock', field: 'dirblkbits', value: 1 }, { '5.10': 'ok', '6.1': 'I1 EINVAL' }],
  ['slots that fill the block', { kind: 'superblock', field: 'sb_extslots', value: 184 }, { '6.1': 'ok', '7.3': 'ok' }],
  ['one slot more', { kind: 'superblock', field: 'sb_extslots', value: 185 }, { '5.10': 'ok', '6.1': 'I2 EINVAL' }],
  [
    'an unknown compatible feature',
    { kind: 'superblock', field: 'feature_compat', value: 0x8000_0001 },
    { '7.3': 'ok' },
  ],
  ["the volume's name", { kind: 'volume-name' }, { '5.10': 'I3 EUCLEAN', '6.12.57': 'I3 EUCLEAN', '6.16.12': 'ok' }],
  ['a file for a root', { kind: 'root', of: 'a' }, { '5.10': 'I4 EINVAL', '7.3': 'I4 EINVAL' }],
  ['a root of no layout', { kind: 'inode', of: '.', field: 'i_format', value: 10 }, { '7.3': 'I5 EOPNOTSUPP' }],
  ['a root of no type', { kind: 'inode', of: '.', field: 'i_mode', value: 0o755 }, { '5.10': 'I6 EUCLEAN' }],
  ['a root of some type', { kind: 'inode', of: '.', field: 'i_mode', value: 0o040700 }, { '5.10': 'ok' }],
];

for (const [title, damage, kernels] of MOUNT_CASES)
  t.test(`given an image with damage to ${title}, when mounted, then the kernels do as they do`, (t) => {
    for (const [kernel, expected] of Object.entries(kernels)) t.equal(outcome(kernel, damage).mount, expected, kernel);
    t.end();
  });

t.test('given an incompatible feature of the highest bit, then the message has it unsigned', (t) => {
  const { messages } = outcome('7.3', { kind: 'superblock', field: 'feature_incompat', value: 0x8000_0000 });
  const [said] = messages ?? [];
  t.ok(said?.pattern.test('erofs (device loop0): unidentified incompatible feature 80000000, please upgrade kernel'));
  t.end();
});

const layout = { kind: 'inode', of: 'sub', field: 'i_format', value: 14 } as const;
const READ_CASES: readonly (readonly [string, Damage, Readonly<Record<string, string>>])[] = [
  [
    'a bit of i_format',
    { kind: 'inode', of: 'a', field: 'i_format', value: 0x100 },
    { a: 'I5 EOPNOTSUPP', data: 'ok' },
  ],
  ["a directory's layout", layout, { 'sub/a': 'I5 EOPNOTSUPP', a: 'ok' }],
  ['a type', { kind: 'inode', of: 'a', field: 'i_mode', value: 0o644 }, { a: 'I6 EUCLEAN', 'sub/a': 'ok' }],
  ['a directory', { kind: 'directory', of: 'sub', nameoff: 0 }, { 'sub/a': 'I7 EUCLEAN', a: 'ok' }],
  ['the root', { kind: 'directory', of: '.', nameoff: 0 }, { a: 'I7 EUCLEAN', 'sub/a': 'I7 EUCLEAN' }],
  ['clusters', { kind: 'clusters', of: 'data' }, { data: 'I8 EUCLEAN', a: 'ok' }],
  ['the end', { kind: 'truncated', before: 'data' }, { data: 'I9 EIO', a: 'ok' }],
];

for (const [title, damage, paths] of READ_CASES)
  t.test(`given an image with damage to ${title}, when files are read, then those that it hits fail`, (t) => {
    for (const [path, expected] of Object.entries(paths)) {
      const { mount: mounted, read: seen } = outcome('6.18.9', damage, path);
      t.strictSame([mounted, seen], ['ok', expected], path);
    }
    t.end();
  });

/** Errno and rule of each entry that is refused something, of a listing of the image and of one through an overlay. */
function listings(kernel: string, damage: Damage): readonly unknown[] {
  const store = disk('ext4', { 'i.erofs': damagedImageFile(image, [damage]), 'w.erofs': imageFile(image) });
  const [mounted, whole] = ['i.erofs', 'w.erofs'].map((name) => erofs(loop(fileIn(store, name)))) as [Mount, Mount];
  const over = overlay({ lower: [mounted, whole] });
  const steps = [
    mount('mount', mounted),
    mount('whole', whole),
    mount('overlay', over),
    list('plain', mounted),
    list('over', over),
  ];
  return predict({ name: 'x', shows: '', about: [], steps }, behavioursOf(kernel))
    .slice(3)
    .map(({ prediction }) =>
      prediction.kind === 'ok' && prediction.listing !== undefined
        ? prediction.listing.entries.map((entry) => {
            const refused = entry.kind === 'lost' ? entry : entry.unreadable;
            return [entry.path, entry.kind, ...(refused === undefined ? [] : [refused.rule, refused.errno])].join(' ');
          })
        : prediction,
    );
}

t.test('given damage, when all is listed, then what it hits is refused, through an overlay too', (t) => {
  const both = (...entries: readonly string[]) => [entries, entries];
  t.strictSame(
    listings('7.3', { kind: 'inode', of: 'a', field: 'i_mode', value: 0o644 }),
    both('. shown', 'a lost I6 EUCLEAN', 'data shown', 'sub shown', 'sub/a shown'),
  );
  t.strictSame(listings('7.3', layout), both('. shown', 'a shown', 'data shown', 'sub lost I5 EOPNOTSUPP'));
  t.strictSame(
    listings('7.3', { kind: 'directory', of: 'sub', nameoff: 0 }),
    both('. shown', 'a shown', 'data shown', 'sub shown I7 EUCLEAN'),
  );
  t.strictSame(
    listings('7.3', { kind: 'clusters', of: 'data' }),
    both('. shown', 'a shown', 'data shown I8 EUCLEAN', 'sub shown', 'sub/a shown'),
  );
  t.strictSame(listings('7.3', { kind: 'directory', of: '.', nameoff: 0 }), both('. shown I7 EUCLEAN'));
  t.end();
});

t.test('given an inode that is another and makes sense, then the model does not know what is there', (t) => {
  t.match(listings('7.3', { kind: 'inode', of: 'a', field: 'i_mode', value: 0o100600 }), [
    { unknown: /what .* shows/ },
    { unknown: /what .* shows/ },
  ]);
  t.end();
});

t.test('given clusters that do not decompress, then before 6.12 a read has EIO', (t) => {
  t.equal(outcome('6.1.192', { kind: 'clusters', of: 'data' }, 'data').read, 'I8 EIO');
  t.equal(outcome('6.12.57', { kind: 'clusters', of: 'data' }, 'data').read, 'I8 EUCLEAN');
  t.end();
});

t.test('given another byte of plain data, then it is read as it is, through an overlay too', (t) => {
  const store = disk('ext4', { 'i.erofs': damagedImageFile(image, [{ kind: 'data', of: 'sub/a', at: 0, xor: 3 }]) });
  const mounted = erofs(loop(fileIn(store, 'i.erofs')));
  const over = overlay({ lower: mounted, upper: store });
  const steps = [
    mount('mount', mounted),
    read('hurt', fileIn(mounted, 'sub/a')),
    read('whole', fileIn(mounted, 'a')),
    mount('overlay', over),
    read('through it', fileIn(over, 'sub/a')),
  ];
  const predictions = predict({ name: 'x', shows: '', about: [], steps }, behavioursOf('6.18.9'));
  const seen = predictions.flatMap(({ prediction }) =>
    prediction.kind === 'ok' && prediction.contents !== undefined ? [bytesOf(prediction.contents).toString()] : [],
  );
  t.strictSame(seen, ['a', 'a', 'a'], 'b with two bits turned round is a');
  t.match(predictions[1]!.prediction, { exercised: { triggered: ['I10'] } });
  t.notMatch(predictions[2]!.prediction, { exercised: { triggered: ['I10'] } });
  t.end();
});

t.test('I11: given dm-verity, then another byte is EIO, through overlays too, and nothing is copied up', (t) => {
  const altered = erofsDisk(image, undefined, { salt: '', damage: [{ kind: 'data', of: 'data', at: 0, xor: 1 }] });
  const over = overlay({ lower: altered, upper: disk('ext4', {}) });
  const steps = [
    read('hurt', fileIn(altered, 'data')),
    read('whole', fileIn(altered, 'a')),
    mount('overlay', over),
    read('through it', fileIn(over, 'data')),
    upper('before', over),
    write('copy-up', fileIn(over, 'data'), 'more'),
    upper('the copy-up failed', over),
    write('copy-up of the other', fileIn(over, 'a'), 'more'),
    read('mapped', fileIn(altered, 'data'), { by: 'mmap' }),
  ];
  const predictions = predict({ name: 'x', shows: '', about: [], steps }, behavioursOf('6.18.9')).map((each) => ({
    ...each,
    brief: brief(each.prediction),
  }));
  const of = (name: string) => predictions.find(({ step }) => step === name)!;
  t.equal(of('hurt').brief, 'I11 EIO');
  t.ok(owes(of('hurt').prediction, 'device-mapper: verity: 254:16: data block 3 is corrupted'));
  t.equal(of('whole').brief, 'ok');
  t.match(of('whole').prediction, { exercised: { spared: ['I11'] } });
  t.equal(of('through it').brief, 'I11 EIO');
  t.equal(of('copy-up').brief, 'I11 EIO');
  t.equal(of('copy-up of the other').brief, 'ok');
  t.match(of('mapped').prediction, { unknown: /mmap/ }, 'a fault in a mapping is another thing');
  const marked = (name: string) => JSON.stringify(of(name).prediction, withMaps).includes('overlay.impure');
  t.notOk(marked('before'));
  t.ok(marked('the copy-up failed'), 'the directory is marked before the data are read');
  t.end();
});

function withMaps(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}

t.test('given an image that ends too early, then from a file it depends on whether short reads are believed', (t) => {
  const cut: Damage = { kind: 'truncated', before: 'data' };
  for (const [kernel, expected] of [
    ['6.12.74', 'undetermined'],
    ['6.12.85', 'I9 EIO'],
    ['6.18.9', 'undetermined'],
    ['6.19.14', 'I9 EIO'],
    ['7.3', 'I9 EIO'],
  ] as const)
    t.equal(outcome(kernel, cut, 'data', 'file').read, expected, kernel);
  t.equal(outcome('6.18.9', cut, 'a', 'file').read, 'ok', 'the other file is whole');
  t.equal(outcome('6.18.9', cut, 'data', 'loop').read, 'I9 EIO', 'the block layer knows where a device ends');
  t.end();
});
