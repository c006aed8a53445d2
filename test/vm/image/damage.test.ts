/** Damage is done where the format says, to a copy, and nothing else is changed. */
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { damagedImage } from '../../../vm/image/damage.ts';
import type { Damage } from '../../../vm/image/damage-spec.ts';
import { blockBytesOf, inodeOf, placeOf, seal } from '../../../vm/image/erofs-format.ts';
import { buildErofs } from '../../../vm/image/erofs.ts';
import type { ErofsSpec } from '../../../vm/image/spec.ts';
import { damagedImageFile, directory, file, text } from '../../../vm/image/tree.ts';
import { contentOf } from '../../../vm/image/content.ts';
import { checkErofs } from '../../../vm/image/validate.ts';
import { useCache } from './cache.ts';

const { signal } = new AbortController();
const data = { kind: 'seeded', seed: 'd', sizeBytes: 10_000, zeros: 0 } as const;
const spec: ErofsSpec = {
  kind: 'erofs',
  tree: directory({
    a: text('a'),
    data: { kind: 'file', content: data },
    sub: directory({ deep: text('deep', { xattrs: { 'user.x': 'y' } }) }),
    many: directory(Object.fromEntries(Array.from({ length: 300 }, (_none, i) => [`a-long-name-${i}`, text(`${i}`)]))),
  }),
};
const compressed: ErofsSpec = {
  kind: 'erofs',
  tree: directory({ z: file('z', 20_000), whole: file('w', 20_000) }),
  compression: { algorithm: 'lz4' },
};

async function both(image: ErofsSpec, ...damage: readonly Damage[]): Promise<readonly [Buffer, Buffer]> {
  const intact = (await buildErofs(image, { signal })).image;
  const hurt = await damagedImage(image, intact, damage, signal);
  return [await readFile(intact), await readFile(hurt)];
}

/** Places at which two files differ, the checksum's left out. */
function differences(a: Buffer, b: Buffer): readonly number[] {
  return [...a.keys()].filter((at) => a[at] !== b[at] && !(at >= 1028 && at < 1032));
}

t.test('given an intact image, when sealed, then it is the same: the sum is that of mkfs.erofs', async (t) => {
  useCache(t);
  for (const one of [spec, compressed]) {
    const image = await readFile((await buildErofs(one, { signal })).image);
    const copy = Buffer.from(image);
    seal(copy, blockBytesOf(copy));
    t.ok(copy.equals(image));
  }
});

t.test('given an image, when read, then entries are found, also in directories of several blocks', async (t) => {
  useCache(t);
  const image = await readFile((await buildErofs(spec, { signal })).image);
  const bytesOf = (path: string): string => {
    const inode = inodeOf(image, path);
    return Array.from({ length: inode.sizeBytes }, (_none, at) =>
      image.toString('latin1', ...span(image, path, at)),
    ).join('');
  };
  t.equal(bytesOf('a'), 'a');
  t.equal(bytesOf('sub/deep'), 'deep');
  t.equal(bytesOf('many/a-long-name-299'), '299');
  t.equal(bytesOf('data'), contentOf(data).toString('latin1'));
  t.throws(() => inodeOf(image, 'sub/nothing'), { name: 'HarnessError', message: /has no \/sub\/nothing/ });
});

function span(image: Buffer, path: string, at: number): readonly [number, number] {
  const place = placeOf(image, inodeOf(image, path), at);
  return [place, place + 1];
}

t.test('given damage, when done, then it is at its place and nowhere else, and the sum is right', async (t) => {
  useCache(t);
  const cases: readonly (readonly [Damage, (intact: Buffer) => readonly number[]])[] = [
    [{ kind: 'superblock', field: 'blkszbits', value: 13 }, () => [1024 + 12]],
    [{ kind: 'superblock', field: 'feature_incompat', value: 0x8000_0000 }, () => [1024 + 83]],
    [{ kind: 'inode', of: 'sub/deep', field: 'i_mode', value: 0o644 }, (image) => [inodeOf(image, 'sub/deep').at + 5]],
    [{ kind: 'directory', of: 'sub', nameoff: 0 }, (image) => [placeOf(image, inodeOf(image, 'sub'), 0) + 8]],
    [{ kind: 'data', of: 'data', at: 9999, xor: 1 }, (image) => [placeOf(image, inodeOf(image, 'data'), 9999)]],
    [{ kind: 'data', of: 'a', at: 0, xor: 255 }, (image) => [placeOf(image, inodeOf(image, 'a'), 0)]],
  ];
  for (const [damage, places] of cases) {
    const [intact, hurt] = await both(spec, damage);
    t.same(differences(intact, hurt), places(intact), damage.kind);
    const sealed = Buffer.from(hurt);
    seal(sealed, 4096);
    t.ok(sealed.equals(hurt), 'sealed');
  }
});

t.test('given a checksum to damage, then one bit of it is another, whatever else is done', async (t) => {
  useCache(t);
  const [intact, hurt] = await both(spec, { kind: 'checksum' });
  t.same(differences(intact, hurt), []);
  t.equal(hurt.readUInt32LE(1028), (intact.readUInt32LE(1028) ^ 1) >>> 0);
});

t.test('given clusters to damage, then all of that file and nothing of the other is 0xff', async (t) => {
  useCache(t);
  const [intact, hurt] = await both(compressed, { kind: 'clusters', of: 'z' });
  const places = differences(intact, hurt);
  t.ok(places.length > 8000 && places.length < 20_000, `${places.length}`);
  t.ok(places.every((at) => hurt[at] === 0xff));
});

t.test('given clusters of what does not compress, then that is said', async (t) => {
  useCache(t);
  const noise: ErofsSpec = { ...compressed, tree: directory({ z: file('z', 20_000, { zeros: 0 }) }) };
  await t.rejects(both(noise, { kind: 'clusters', of: 'z' }), { name: 'HarnessError', message: /does not compress/ });
});

t.test('given an image that is cut off before a file, then it ends there', async (t) => {
  useCache(t);
  const [intact, hurt] = await both(spec, { kind: 'truncated', before: 'data' });
  t.equal(hurt.length, placeOf(intact, inodeOf(intact, 'data'), 0));
  t.ok(hurt.equals(intact.subarray(0, hurt.length)));
});

t.test('given damage that cannot be done, then the spec is refused, naming it', (t) => {
  const outer = (image: ErofsSpec, damage: Damage): ErofsSpec => ({
    kind: 'erofs',
    tree: directory({ 'i.erofs': damagedImageFile(image, [damage]) }),
  });
  const cases: readonly (readonly [ErofsSpec, Damage, RegExp])[] = [
    [spec, { kind: 'inode', of: 'none', field: 'i_mode', value: 0 }, /does not hold/],
    [spec, { kind: 'inode', of: 'a', field: 'i_mode', value: 65_536 }, /not a number of 2 bytes/],
    [spec, { kind: 'superblock', field: 'blkszbits', value: 256 }, /not a number of 1 bytes/],
    [spec, { kind: 'root', of: 'sub' }, /a directory could be one/],
    [spec, { kind: 'directory', of: 'a', nameoff: 0 }, /which is none/],
    [spec, { kind: 'directory', of: 'sub', nameoff: 12 }, /below 12/],
    [spec, { kind: 'data', of: 'a', at: 0, xor: 0 }, /between 1 and 255/],
    [compressed, { kind: 'data', of: 'z', at: 0, xor: 1 }, /stored plain/],
    [spec, { kind: 'clusters', of: 'data' }, /only of a compressed file/],
    [compressed, { kind: 'truncated', before: 'z' }, /stored plain/],
  ];
  for (const [image, damage, message] of cases)
    t.throws(
      () => {
        checkErofs(outer(image, damage));
      },
      { name: 'UsageError', message },
      JSON.stringify(damage),
    );
  t.doesNotThrow(() => {
    checkErofs(outer(spec, { kind: 'directory', of: '.', nameoff: 11 }));
  });
  t.end();
});
