/** The hash tree against what veritysetup makes of the same blocks: recorded, and where it is installed, asked. */
import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa, execaSync } from 'execa';
import t from 'tap';
import { buildDisk } from '../../../vm/image/disk.ts';
import type { DiskSpec } from '../../../vm/image/spec.ts';
import { directory, file } from '../../../vm/image/tree.ts';
import { verityTree } from '../../../vm/image/verity.ts';
import { searchPath } from '../../../vm/programs.ts';
import { useCache } from './cache.ts';

const { signal } = new AbortController();
const env = { PATH: searchPath(), LC_ALL: 'C' };
const sha256 = (...parts: readonly Buffer[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

/** Blocks told apart by their number. */
function block(index: number): Buffer {
  return Buffer.alloc(4096, Buffer.from([index & 255, index >> 8]));
}

/**
 * `veritysetup format --no-superblock --format 1 --hash sha256 --data-block-size 4096 --hash-block-size 4096 --salt …`,
 * cryptsetup 2.6.1: its root hash, and the sha256 of the tree that it wrote.
 */
const RECORDED: readonly (readonly [blocks: number, salt: string, root: string, treeBytes: number, tree: string])[] = [
  [
    1,
    '00ff01',
    '5e40871ebe95e7cfba1b4f98981fe6fd830a13a27b73fc5dfa866d86080b2ba6',
    0,
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  ],
  [
    2,
    '00ff01',
    '304e8dac9fbad14f5150cdb7de7cbc7a6bc3fa25fcf7edc480ef36426601bd4c',
    4096,
    '53827e7cc690a20fef17cc9b4824406a4d0aeab4ddbfc11687c8058275458432',
  ],
  [
    128,
    '00ff01',
    '068028b8f0e85fd33ce6cc588ffa86ebffc42649b7312e08d76844472257a183',
    4096,
    '6e0e64f3dba1b5fa7b1510b4636dc67a82fc926684b0e48a6670b0f64f39c9de',
  ],
  [
    129,
    '00ff01',
    '0e77dfba9d8e41ed9bd283b532f7e08b2b102d49338a9d0d559cd6235f2af4d5',
    12288,
    '701e0ccc30e02c0f6223590cb5d0dba8a39e6f715819abffa529e5a9350291ae',
  ],
  [
    16385,
    '00ff01',
    '3d60c2e52c3dcafaddcc014ddd94826a4212c8abf71cec295bcb94c8a59bcf41',
    540672,
    '93abd47a6a38cec17731467f1acd9c795e1e818a1ac8981fbd96a8faf2d46eb2',
  ],
  [16385, '', '21f53d732c61dc652853709ea6d892d0129b78418634fa45dd2835339805281e', 540672, ''],
];
for (const [blocks, salt, rootHash, treeBytes, treeHash] of RECORDED) {
  t.test(`given ${blocks} blocks and salt "${salt}", then the tree is the one of veritysetup`, async (t) => {
    const made = await verityTree(
      Array.from({ length: blocks }, (_, index) => block(index)),
      salt,
    );
    t.match(made, { rootHash, dataBlocks: blocks });
    t.equal(made.tree.length, treeBytes);
    if (treeHash !== '') t.equal(sha256(made.tree).toString('hex'), treeHash);
  });
}

t.test('given three blocks, then the root is the salted digest of a block of their salted digests', async (t) => {
  const salt = Buffer.from('abcd', 'hex');
  const digests = [0, 1, 2].map((index) => sha256(salt, block(index)));
  const level = Buffer.concat(digests, 4096);
  const made = await verityTree([Buffer.concat([block(0), block(1)]), block(2)], 'abcd');
  t.same(made.tree, level);
  t.equal(made.rootHash, sha256(salt, level).toString('hex'), 'however the blocks come');
});

t.test(
  'given a last block that is short, then it counts as filled up with zeros; given none, then it is refused',
  async (t) => {
    const short = Buffer.alloc(5000, 7);
    t.same(await verityTree([short], ''), await verityTree([Buffer.concat([short], 8192)], ''));
    await t.rejects(verityTree([], ''), { name: 'HarnessError' });
  },
);

const MiB = 1024 ** 2;
const spec: Extract<DiskSpec, { filesystem: 'erofs' }> = {
  kind: 'disk',
  filesystem: 'erofs',
  sizeBytes: 8 * MiB,
  image: { kind: 'erofs', tree: directory({ a: file('a', 3 * MiB) }) },
  verity: { salt: '5a17' },
};

t.test('given an erofs disk with verity, then the tree follows the image, also from the cache', async (t) => {
  useCache(t);
  const built = await buildDisk(spec, { signal });
  const plain = await buildDisk(
    { kind: 'disk', filesystem: 'erofs', sizeBytes: spec.sizeBytes, image: spec.image },
    { signal },
  );
  t.equal(plain.verity, undefined);
  const [bytes, without] = await Promise.all([readFile(built.path), readFile(plain.path)]);
  const { dataBlocks, hashStartBlock, rootHash, salt } = built.verity!;
  t.equal(hashStartBlock, dataBlocks);
  t.equal(salt, '5a17');
  const end = dataBlocks * 4096;
  t.equal(bytes.subarray(0, end).compare(without.subarray(0, end)), 0, 'the image is as without');
  t.ok(
    without.subarray(end).every((byte) => byte === 0),
    'and all of it is data',
  );
  const made = await verityTree([bytes.subarray(0, end)], salt);
  t.equal(made.rootHash, rootHash);
  t.same(bytes.subarray(end, end + made.tree.length), made.tree);
  t.equal(bytes.length, spec.sizeBytes);
  t.same((await buildDisk(spec, { signal })).verity, built.verity, 'when asked for again');
  const other = await buildDisk({ ...spec, verity: { salt: '' } }, { signal });
  t.not(other.verity?.rootHash, rootHash, 'another salt is another disk');
});

t.test('given a byte that is altered, then the tree is that of the whole image, and one byte differs', async (t) => {
  useCache(t);
  const altered = { salt: '5a17', damage: [{ kind: 'data', of: 'a', at: 5000, xor: 6 }] } as const;
  const [whole, hurt] = await Promise.all(
    [spec, { ...spec, verity: altered }].map((each) => buildDisk(each, { signal })),
  );
  t.same(hurt!.verity, whole!.verity);
  const [before, after] = await Promise.all([readFile(whole!.path), readFile(hurt!.path)]);
  const differ = [...before.keys()].filter((at) => before[at] !== after[at]);
  t.equal(differ.length, 1);
  t.equal(before[differ[0]!]! ^ after[differ[0]!]!, 6);
  t.equal(differ[0]! % 4096, 5000 % 4096, 'in the block that it was meant for');
  const nowhere = { ...altered, damage: [{ ...altered.damage[0], of: 'b' }] };
  await t.rejects(buildDisk({ ...spec, verity: nowhere }, { signal }), {
    name: 'UsageError',
    message: /damage to b, which the image does not hold/,
  });
});

t.test('given a disk with no room for the tree, or a salt that is none, then it is a UsageError', async (t) => {
  const cache = useCache(t);
  const { verity } = await buildDisk(spec, { signal });
  const full = { ...spec, sizeBytes: verity!.dataBlocks * 4096 };
  await t.rejects(buildDisk(full, { signal }), {
    name: 'UsageError',
    message: /image and hash tree have \d+ and \d+ bytes/,
  });
  await t.resolves(
    buildDisk({ kind: 'disk', filesystem: 'erofs', sizeBytes: full.sizeBytes, image: spec.image }, { signal }),
  );
  for (const salt of ['5', 'xy', 'AB', '00'.repeat(257)])
    await t.rejects(buildDisk({ ...spec, verity: { salt } }, { signal }), {
      name: 'UsageError',
      message: /hexadecimal/,
    });
  t.same(await cache.leftovers(), []);
});

const installed = execaSync('veritysetup', ['--version'], { env, reject: false }).exitCode === 0;
t.test(
  'given a disk with verity, then veritysetup verifies it',
  { skip: installed ? false : 'no veritysetup (cryptsetup-bin)' },
  async (t) => {
    useCache(t);
    const { path: disk, verity } = await buildDisk(spec, { signal });
    const { rootHash, salt, dataBlocks, hashStartBlock } = verity!;
    const verify = (image: string) =>
      execa(
        'veritysetup',
        [
          ...['verify', '--no-superblock', '--format', '1', '--hash', 'sha256', '--salt', salt],
          ...['--data-block-size', '4096', '--hash-block-size', '4096', '--data-blocks', String(dataBlocks)],
          ...['--hash-offset', String(hashStartBlock * 4096), image, image, rootHash],
        ],
        { env, reject: false },
      );
    t.equal((await verify(disk)).exitCode, 0);
    const altered = await readFile(disk);
    altered[4096] = (altered[4096] ?? 0) ^ 1;
    const copy = path.join(t.testdir({}), 'altered');
    await writeFile(copy, altered);
    t.not((await verify(copy)).exitCode, 0, 'and not one with another bit in it');
    await rm(copy);
  },
);
