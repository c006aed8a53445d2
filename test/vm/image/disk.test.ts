/** Real programs make the disks, and their own checkers read them back; nothing is mounted. */
import { execa } from 'execa';
import { mkdir, readFile, stat } from 'node:fs/promises';
import t from 'tap';
import { UsageError } from '../../../vm/errors.ts';
import { buildDisk } from '../../../vm/image/disk.ts';
import type { TreeDisk } from '../../../vm/image/disk.ts';
import { buildErofs } from '../../../vm/image/erofs.ts';
import type { ErofsSpec } from '../../../vm/image/spec.ts';
import { blobFile, directory, file, hardLink, imageFile, node, symlink, text } from '../../../vm/image/tree.ts';
import { searchPath } from '../../../vm/programs.ts';
import { useCache } from './cache.ts';

const { signal } = new AbortController();
const MiB = 1024 ** 2;
const env = { PATH: searchPath(), LC_ALL: 'C', TZ: 'UTC' };

const image: ErofsSpec = { kind: 'erofs', tree: directory({ inner: file('inner', 300_000) }) };
const chunked: ErofsSpec = { ...image, chunkBytes: 4096, blobs: 1 };
const tree = directory(
  {
    'image.erofs': imageFile(image),
    'meta.erofs': imageFile(chunked),
    'blob.erofs': blobFile(chunked),
    small: text('hello\n', { mode: 0o4750, uid: 3, gid: 70_000 }),
    secret: text('nobody reads this', { mode: 0o000 }),
    empty: text(''),
    large: file('large', 5 * MiB + 123),
    deep: directory({ er: directory({ still: text('down here') }, { mode: 0o700, uid: 9 }) }),
    link: symlink('deep/er/still', { uid: 5, gid: 6 }),
  },
  { mode: 0o775, gid: 8 },
);

function spec(filesystem: TreeDisk['filesystem'], more: Partial<Pick<TreeDisk, 'sizeBytes' | 'tree'>> = {}): TreeDisk {
  return { kind: 'disk', filesystem, sizeBytes: 512 * MiB, tree, ...more };
}

t.test('given a tree, when an XFS disk is made, then xfs_repair finds nothing and xfs_db shows the tree', async (t) => {
  useCache(t);
  const disk = await buildDisk(spec('xfs'), { signal });
  const { size, blocks, mode } = await stat(disk.path);
  t.equal(size, 512 * MiB);
  t.equal(mode & 0o777, 0o644);
  t.ok(blocks * 512 < 16 * MiB, 'sparse on the host, the log is holes');
  await execa('xfs_repair', ['-n', '-f', disk.path], { env });
  const ask = async (...commands: string[]) =>
    (await execa('xfs_db', ['-r', ...commands.flatMap((command) => ['-c', command]), disk.path], { env })).stdout;
  t.match(await ask('ls /'), /image\.erofs[^]*secret/);
  t.match(
    await ask('path /small', 'p core.mode core.uid core.gid core.size'),
    /mode = 0104750\ncore.uid = 3\ncore.gid = 70000\ncore.size = 6/,
  );
  t.match(await ask('path /deep/er', 'p core.mode core.uid'), /mode = 040700\ncore.uid = 9/);
  t.match(await ask('path /', 'p core.mode core.gid'), /mode = 040775\ncore.gid = 8/);
  t.match(await ask('path /link', 'p u3.symlink core.uid'), /"deep\/er\/still"[^]*uid = 5/);
  t.match(await ask('sb 0', 'p uuid'), /uuid = [0-9a-f]{8}-/);
  t.match(await ask('version'), /BIGTIME/, 'no warning of 2038 at mount');
  t.notMatch(await ask('version'), /INOBTCNT|NREXT64/, 'nothing that 5.10 does not know or calls experimental');
  const built = await buildErofs(image, { signal });
  t.equal(
    (await xfsFile(disk.path, '/image.erofs')).compare(await readFile(built.image)),
    0,
    'the image, byte for byte',
  );
});

/** Reads a file's extents out of an XFS image: `startoff blockcount startblock` of its block map. */
async function xfsFile(disk: string, path: string): Promise<Buffer> {
  const { stdout } = await execa(
    'xfs_db',
    ['-r', '-c', `path ${path}`, '-c', 'p core.size', '-c', 'bmap', '-c', 'sb 0', '-c', 'p agblklog agblocks', disk],
    { env },
  );
  const field = (name: string) => Number(new RegExp(`${name} = (\\d+)`).exec(stdout)?.[1]);
  const bytes = await readFile(disk);
  const extents = [...stdout.matchAll(/data offset (\d+) startblock \d+ \((\d+)\/(\d+)\) count (\d+)/g)].map(
    (match) => match.slice(1).map(Number) as [number, number, number, number],
  );
  const out = Buffer.alloc(field('core.size'));
  for (const [offset, group, block, count] of extents) {
    const start = (group * field('agblocks') + block) * 4096;
    bytes.copy(out, offset * 4096, start, start + count * 4096);
  }
  return out;
}

t.test('given a tree, when an ext4 disk is made, then e2fsck finds nothing and debugfs shows the tree', async (t) => {
  useCache(t);
  const named = spec('ext4', {
    tree: directory(
      {
        ...tree.entries,
        'a "name" with spaces': text('x', { xattrs: { 'user.a': 'b c', 'trusted.overlay.opaque': 'y' } }),
      },
      { mode: 0o775, gid: 8 },
    ),
  });
  const disk = await buildDisk(named, { signal });
  await execa('e2fsck', ['-n', '-f', disk.path], { env });
  const ask = async (command: string) =>
    Buffer.from(
      (await execa('debugfs', ['-R', command, disk.path], { env, encoding: 'buffer', stripFinalNewline: false }))
        .stdout,
    );
  t.match(
    String(await ask('stat /small')),
    /Mode: {2}04750[^]*User: +3 +Group: 70000 +(Project: +0 +)?Size: 6[^]*mtime: 0x5e0be100:00000000/,
  );
  t.match(String(await ask('stat /secret')), /Mode: {2}0000/);
  t.match(String(await ask('stat /link')), /Type: symlink[^]*User: +5 +Group: +6[^]*"deep\/er\/still"/);
  t.match(String(await ask('stat /deep/er')), /Type: directory +Mode: +0700[^]*User: +9/);
  t.equal(String(await ask('cat /small')), 'hello\n');
  t.equal(String(await ask('ea_get -V "/a ""name"" with spaces" user.a')), 'b c\n');
  t.equal(String(await ask('ea_get -V "/a ""name"" with spaces" trusted.overlay.opaque')), 'y\n');
  const built = await buildErofs(chunked, { signal });
  t.equal((await ask('cat /blob.erofs')).compare(await readFile(built.blobs[0]!)), 0, 'the blob, byte for byte');
});

for (const filesystem of ['ext4', 'squashfs'] as const) {
  t.test(`given one spec in two caches, when ${filesystem} disks are made, then they are the same bytes`, async (t) => {
    useCache(t, 'one');
    const one = await readFile((await buildDisk(spec(filesystem, { sizeBytes: 64 * MiB }), { signal })).path);
    useCache(t, 'two');
    const two = await readFile((await buildDisk(spec(filesystem, { sizeBytes: 64 * MiB }), { signal })).path);
    t.equal(one.compare(two), 0);
  });
}

t.test(
  'given a tree, when a btrfs disk is made, then btrfs check finds nothing and restore gives the tree',
  async (t) => {
    const cache = useCache(t);
    const disk = await buildDisk(spec('btrfs', { tree: directory(tree.entries) }), { signal });
    await execa('btrfs', ['check', '--readonly', disk.path], { env });
    const out = `${cache.root}/restored`;
    await mkdir(out);
    await execa('btrfs', ['restore', '--metadata', '--symlinks', disk.path, out], { env });
    t.equal(await readFile(`${out}/small`, 'utf8'), 'hello\n');
    const { mode, uid, gid, mtimeMs } = await stat(`${out}/small`);
    t.match({ mode: mode & 0o7777, mtimeMs }, { mode: 0o4750, mtimeMs: 1_577_836_800_000 });
    if (process.geteuid?.() === 0) t.match({ uid, gid }, { uid: 3, gid: 70_000 });
    const built = await buildErofs(image, { signal });
    t.equal((await readFile(`${out}/image.erofs`)).compare(await readFile(built.image)), 0);
  },
);

t.test('given a tree, when a squashfs disk is made, then unsquashfs gives the tree', async (t) => {
  const cache = useCache(t);
  const links = { also: hardLink('small'), pipe: node('fifo', { mode: 0o622 }) };
  const disk = await buildDisk(spec('squashfs', { tree: directory({ ...tree.entries, ...links }) }), { signal });
  t.equal((await stat(disk.path)).size, 512 * MiB);
  const { stdout } = await execa('unsquashfs', ['-lln', disk.path], { env });
  for (const line of [
    /^-rwsr-x--- 3\/70000 +6 2020-01-01 00:00 squashfs-root\/small$/m,
    /^-rwsr-x--- 3\/70000 +6 2020-01-01 00:00 squashfs-root\/also$/m,
    /^prw--w--w- 0\/0 .* squashfs-root\/pipe$/m,
    /^drwx------ 9\/0 .* squashfs-root\/deep\/er$/m,
    /^lrwxrwxrwx 5\/6 .* squashfs-root\/link -> deep\/er\/still$/m,
  ])
    t.match(stdout, line);
  const out = `${cache.root}/unsquashed`;
  await execa('unsquashfs', ['-no-progress', '-dest', out, disk.path, 'image.erofs'], { env });
  const built = await buildErofs(image, { signal });
  t.equal((await readFile(`${out}/image.erofs`)).compare(await readFile(built.image)), 0);
});

t.test('given an image, when an erofs disk is made, then it is the image followed by zeros', async (t) => {
  useCache(t);
  const disk = await buildDisk({ kind: 'disk', filesystem: 'erofs', sizeBytes: 8 * MiB, image }, { signal });
  const bytes = await readFile(disk.path);
  const expected = await readFile((await buildErofs(image, { signal })).image);
  t.equal(bytes.length, 8 * MiB);
  t.equal(bytes.subarray(0, expected.length).compare(expected), 0);
  t.ok(bytes.subarray(expected.length).every((byte) => byte === 0));
});

t.test(
  'given an image larger than its disk, when the disk is made, then it is a UsageError with both sizes',
  async (t) => {
    useCache(t);
    await t.rejects(buildDisk({ kind: 'disk', filesystem: 'erofs', sizeBytes: 4096, image }, { signal }), {
      name: 'UsageError',
      message: /has \d+ bytes, the disk 4096/,
    });
  },
);

for (const filesystem of ['xfs', 'ext4', 'btrfs', 'squashfs'] as const) {
  t.test(
    `given a tree larger than its disk, when ${filesystem} is made, then it is a UsageError and nothing is left`,
    async (t) => {
      const cache = useCache(t);
      const sizeBytes = filesystem === 'xfs' ? 300 * MiB : 128 * MiB;
      const tooLarge = spec(filesystem, { sizeBytes, tree: directory({ a: file('a', 310 * MiB, { zeros: 0 }) }) });
      await t.rejects(buildDisk(tooLarge, { signal }), UsageError);
      t.same(await cache.leftovers(), []);
    },
  );
}

t.test(
  'given a disk that was made, when it is asked for again, then it comes from the cache in less than 5 ms',
  async (t) => {
    useCache(t);
    const first = performance.now();
    await buildDisk(spec('xfs'), { signal });
    const firstMs = performance.now() - first;
    await buildDisk(spec('xfs'), { signal });
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      await buildDisk(spec('xfs'), { signal });
      times.push(performance.now() - start);
    }
    const median = times.sort((a, b) => a - b)[2]!;
    t.comment(`first ${firstMs.toFixed(1)} ms, again ${median.toFixed(2)} ms`);
    t.ok(median < 5);
  },
);

t.test('given a disk under way, when it is aborted, then the reason comes back and nothing is left', async (t) => {
  const cache = useCache(t);
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error('Ctrl-C')), 60);
  await t.rejects(
    buildDisk(spec('xfs', { sizeBytes: 2048 * MiB, tree: directory({ a: file('a', 500 * MiB) }) }), {
      signal: abort.signal,
    }),
    { message: 'Ctrl-C' },
  );
  t.same(await cache.leftovers(), []);
});
