/** mkfs.erofs makes the images, fsck.erofs and dump.erofs read them back; nothing is mounted. */
import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { execa } from 'execa';
import t from 'tap';
import { buildErofs } from '../../../vm/image/erofs.ts';
import { installedMkfsErofs } from '../../../vm/image/choose-mkfs-erofs.ts';
import { checkSupport } from '../../../vm/image/mkfs-erofs.ts';
import type { MkfsErofs } from '../../../vm/image/mkfs-erofs.ts';
import type { ErofsSpec } from '../../../vm/image/spec.ts';
import { blobFile, directory, expectedEntries, file, imageFile, symlink, text } from '../../../vm/image/tree.ts';
import { UnsupportedError } from '../../../vm/errors.ts';
import { searchPath } from '../../../vm/programs.ts';
import { useCache } from './cache.ts';
import { extracted, lines } from './listing.ts';

const { signal } = new AbortController();

const tree = directory({
  'os-release': text('NAME=fathom\n'),
  data: file('data', 300_001),
  twin: file('data', 300_001),
  zeros: file('zeros', 50_000, { zeros: 1 }),
  noise: file('noise', 50_000, { zeros: 0 }),
  empty: text(''),
  script: text('#!/bin/sh\n', { mode: 0o4755 }),
  'a name with spaces': text('x'),
  usr: directory({ share: directory({ doc: text('y', { mode: 0o600 }) }, { mode: 0o1777 }) }, { mode: 0o700 }),
  link: symlink('usr/share/doc'),
  many: directory(Object.fromEntries(Array.from({ length: 10 }, (_none, i) => [`file-${i}`, text(`${i}`)]))),
});
const plain: ErofsSpec = { kind: 'erofs', tree };

const features = ['force-inode-compact', 'force-inode-extended', 'noinline_data'] as const;
const compressedFeatures = ['legacy-compress', 'ztailpacking', 'fragments', 'all-fragments', 'dedupe'] as const;
const lz4 = { algorithm: 'lz4' } as const;

/** Every option of ErofsSpec; those that the installed mkfs.erofs lacks must be refused instead. */
const variants: Readonly<Record<string, Omit<ErofsSpec, 'kind' | 'tree'>>> = {
  'no option': {},
  lz4: { compression: lz4 },
  'lz4hc 12': { compression: { algorithm: 'lz4hc', level: 12 } },
  lzma: { compression: { algorithm: 'lzma' } },
  'deflate 9': { compression: { algorithm: 'deflate', level: 9 } },
  'zstd 3': { compression: { algorithm: 'zstd', level: 3 } },
  ...Object.fromEntries(features.map((feature) => [feature, { features: [feature] }])),
  ...Object.fromEntries(
    compressedFeatures.map((feature) => [`lz4, ${feature}`, { compression: lz4, features: [feature] }]),
  ),
  'chunks of 4096': { chunkBytes: 4096 },
  'chunks of 65536': { chunkBytes: 65536 },
  'a blob device': { chunkBytes: 4096, blobs: 1 },
  // 1.8.6 makes images with blocks of 1024, and its own fsck.erofs refuses them.
  'blocks of 2048': { blockBytes: 2048 },
  'uuid and mtime': { uuid: '0a1b2c3d-0000-4000-8000-0123456789ab', mtime: 1_000_000_000 },
  'one uid': { forceUid: 1000 },
  'uid and gid': { forceUid: 70_000, forceGid: 5 },
};

for (const [name, options] of Object.entries(variants)) {
  t.test(`given ${name}, when built twice, then both are the same bytes and what went in comes out`, async (t) => {
    const spec: ErofsSpec = { ...plain, ...options, tool: 'installed' };
    const { mkfs } = await installedMkfsErofs(signal);
    useCache(t);
    if (!supports(spec, mkfs)) {
      await t.rejects(buildErofs(spec, { signal }), { name: 'UnsupportedError', missing: /^mkfs\.erofs with / });
      return;
    }
    const first = await read(await buildErofs(spec, { signal }));
    const cache = useCache(t);
    const built = await buildErofs(spec, { signal });
    t.same(await read(built), first, 'reproducible');
    t.equal(built.blobs.length, spec.blobs ?? 0);
    for (const made of [built.image, ...built.blobs]) t.equal((await stat(made)).mode & 0o777, 0o644);
    t.same(lines(await extracted(built, `${cache.root}/out`)), lines(expectedEntries(spec.tree, spec)));
    t.same(await cache.leftovers(), []);
  });
}

function supports(spec: ErofsSpec, mkfs: MkfsErofs): boolean {
  try {
    checkSupport(spec, mkfs);
    return true;
  } catch (error) {
    if (error instanceof UnsupportedError) return false;
    throw error;
  }
}

/** Digests would do, but a difference should show its place. */
async function read(built: { readonly image: string; readonly blobs: readonly string[] }): Promise<readonly string[]> {
  return Promise.all([built.image, ...built.blobs].map(async (made) => (await readFile(made)).toString('base64')));
}

async function dump(...args: readonly string[]): Promise<string> {
  return (await execa('dump.erofs', args, { env: { PATH: searchPath(), TZ: 'UTC', LC_ALL: 'C' } })).stdout;
}

/** Superblock fields by offset (fs/erofs/erofs_fs.h: struct erofs_super_block at 1024). */
async function superblock(image: string) {
  const bytes = await readFile(image);
  return {
    magic: bytes.readUInt32LE(1024),
    blockBits: bytes[1024 + 12],
    buildTime: Number(bytes.readBigUInt64LE(1024 + 24)),
    uuid: bytes.subarray(1024 + 48, 1024 + 64).toString('hex'),
    incompatible: bytes.readUInt32LE(1024 + 80),
    devices: bytes.readUInt16LE(1024 + 86),
  };
}

t.test('given options, when built, then the superblock and inodes have them', async (t) => {
  useCache(t);
  const build = async (options: Partial<ErofsSpec>) => (await buildErofs({ ...plain, ...options }, { signal })).image;
  const image = await build({ uuid: '0a1b2c3d-0000-4000-8000-0123456789ab', mtime: 1_000_000_000, forceUid: 70_000 });
  t.match(await superblock(image), {
    magic: 0xe0f5e1e2,
    blockBits: 12,
    buildTime: 1_000_000_000,
    uuid: '0a1b2c3d0000400080000123456789ab',
    devices: 0,
  });
  t.match(await dump('--path=/script', image), /Uid: 70000 +Gid: 0 +Access: 0755[^]*2001-09-09 01:46:40/);
  const blob = await superblock(await build({ chunkBytes: 4096, blobs: 1 }));
  t.equal(blob.devices, 1);
  t.equal(blob.incompatible & 0xc, 0xc, 'CHUNKED_FILE and DEVICE_TABLE');
  t.equal((await superblock(await build({ compression: lz4 }))).incompatible & 1, 1, 'ZERO_PADDING');
  const legacy: ErofsSpec = { ...plain, compression: lz4, features: ['legacy-compress'], tool: 'installed' };
  if (supports(legacy, (await installedMkfsErofs(signal)).mkfs))
    t.equal((await superblock(await build(legacy))).incompatible & 1, 0, 'no ZERO_PADDING');
  const tail = await build({ compression: lz4, features: ['ztailpacking'] });
  t.equal((await superblock(tail)).incompatible & 0x10, 0x10, 'ZTAILPACKING');
  const extended = await build({ features: ['force-inode-extended'] });
  t.match(await dump('--path=/empty', extended), /On-disk size: 0|Inode size: 64/);
});

t.test('given compression, when built, then the image is smaller', async (t) => {
  useCache(t);
  const size = async (spec: ErofsSpec) => (await stat((await buildErofs(spec, { signal })).image)).size;
  t.ok((await size({ ...plain, compression: lz4 })) < 0.75 * (await size(plain)));
});

t.test('given two trees that differ in one byte, when built, then their UUIDs differ', async (t) => {
  useCache(t);
  const one = await buildErofs({ kind: 'erofs', tree: directory({ a: text('a') }) }, { signal });
  const two = await buildErofs({ kind: 'erofs', tree: directory({ a: text('b') }) }, { signal });
  t.not((await superblock(one.image)).uuid, (await superblock(two.image)).uuid);
});

t.test('given entries with owners of their own, when built, then each has its own', async (t) => {
  const cache = useCache(t);
  const spec: ErofsSpec = {
    kind: 'erofs',
    tree: directory(
      {
        mine: text('a', { uid: 1000, gid: 1001, mode: 0o6711 }),
        secret: text('b', { mode: 0o000 }),
        link: symlink('mine', { uid: 7 }),
        closed: directory({ inner: text('c', { gid: 70_000 }) }, { uid: 1000, mode: 0o000 }),
      },
      { gid: 3 },
    ),
  };
  const built = await buildErofs(spec, { signal });
  t.same(lines(await extracted(built, `${cache.root}/out`)), lines(expectedEntries(spec.tree, spec)));
  t.match(await dump('--path=/mine', built.image), /Uid: 1000 +Gid: 1001 +Access: 0711/);
  const forced = await buildErofs({ ...spec, forceGid: 12 }, { signal });
  t.match(await dump('--path=/mine', forced.image), /Uid: 1000 +Gid: 12 /, 'forceGid wins, uid stays');
});

t.test('given an image and a blob in a tree, when built, then they are its files, byte for byte', async (t) => {
  const cache = useCache(t);
  const inner: ErofsSpec = { kind: 'erofs', tree: directory({ a: file('a', 100_000) }), chunkBytes: 4096, blobs: 1 };
  const outer: ErofsSpec = { kind: 'erofs', tree: directory({ meta: imageFile(inner), blob: blobFile(inner) }) };
  const built = await buildErofs(outer, { signal });
  await extracted(built, `${cache.root}/out`);
  const parts = await buildErofs(inner, { signal });
  t.same(await readFile(`${cache.root}/out/meta`), await readFile(parts.image));
  t.same(await readFile(`${cache.root}/out/blob`), await readFile(parts.blobs[0] ?? ''));
});

t.test('given an image that was built, when asked for again, then it comes from the cache in under 5 ms', async (t) => {
  useCache(t);
  const timed = async () => {
    const start = performance.now();
    await buildErofs({ ...plain, compression: lz4 }, { signal });
    return performance.now() - start;
  };
  const first = await timed();
  const again = [await timed(), await timed(), await timed()].sort((a, b) => a - b);
  t.comment(`first ${first.toFixed(1)} ms, again ${again[1]?.toFixed(2)} ms`);
  t.ok((again[1] ?? Infinity) < 5);
});

t.test('given two who ask at once, when built, then both get the same image', async (t) => {
  useCache(t);
  const [one, two] = await Promise.all([buildErofs(plain, { signal }), buildErofs(plain, { signal })]);
  t.same(one, two);
});

t.test('given a build under way, when aborted, then the reason comes back, and nothing is left', async (t) => {
  const cache = useCache(t);
  const abort = new AbortController();
  const building = buildErofs(
    { kind: 'erofs', tree: directory({ a: file('a', 400 * 1024 ** 2) }), compression: { algorithm: 'lz4hc' } },
    { signal: abort.signal },
  );
  const isRunning = async () =>
    (await readdir(cache.root, { recursive: true })).some((name) => name.endsWith('image.erofs'));
  while (!(await isRunning())) await new Promise((resolve) => setTimeout(resolve, 5));
  abort.abort(new Error('Ctrl-C'));
  await t.rejects(building, { message: 'Ctrl-C' });
  t.same(await cache.leftovers(), []);
  const { stdout } = await execa('ps', ['-eo', 'args']);
  t.notMatch(stdout, new RegExp(`mkfs\\.erofs.*${cache.root}`));
});

t.test('given an aborted signal, when built, then nothing is begun', async (t) => {
  const cache = useCache(t);
  await t.rejects(buildErofs(plain, { signal: AbortSignal.abort(new Error('no')) }), { message: 'no' });
  t.same(await cache.leftovers(), []);
});

t.test('given a cache whose path has a space, when built, then it is built', async (t) => {
  const cache = useCache(t, 'a cache');
  const built = await buildErofs(plain, { signal });
  await mkdir(`${cache.root}/x`);
  t.same(lines(await extracted(built, `${cache.root}/x/out`)), lines(expectedEntries(plain.tree)));
});

t.test('given a file that cannot be stored as compact inode, when built, then mkfs.erofs is quoted', async (t) => {
  useCache(t);
  const spec: ErofsSpec = { ...plain, forceUid: 70_000, features: ['force-inode-compact'] };
  await t.rejects(buildErofs(spec, { signal }), {
    name: 'HarnessError',
    message: /mkfs\.erofs for .*cannot be in compact form/s,
  });
});
