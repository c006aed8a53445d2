/** Real packages of Debian's archive, started beside the machine's own libraries. */
import { mkdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { cacheRoot } from '../../../vm/cache.ts';
import { buildErofs } from '../../../vm/image/erofs.ts';
import type { ErofsSpec } from '../../../vm/image/spec.ts';
import { directory, file, text } from '../../../vm/image/tree.ts';
import { newestProgram, newestTool, offersOf, openTool } from '../../../vm/tools/tools.ts';

const signal = AbortSignal.timeout(280_000);
const machines = cacheRoot();

t.test('given the newest erofs-utils, when asked, then it is newer than 1.8 and has every compressor', async (t) => {
  const { file: mkfs } = await newestProgram('erofs-utils', 'mkfs.erofs', { signal });
  const { stdout } = await execa(mkfs, ['-V']);
  t.match(stdout, /^mkfs\.erofs \(erofs-utils\) 1\.(9|\d\d)[^]*lz4, lz4hc, lzma, deflate, .*zstd/);
  const { file: mkcomposefs } = await newestProgram('composefs', 'mkcomposefs', { signal });
  t.match((await execa(mkcomposefs, ['--help'], { all: true, reject: false })).all, /^Usage: mkcomposefs/);
});

t.test(
  'given an image with zstd and entries of several owners, then a newer one makes it, under fakeroot too',
  async (t) => {
    const tree = directory({
      a: file('a', 100_000),
      b: text('b', { uid: 7, xattrs: { 'user.x': 'y' } }),
    });
    const spec: ErofsSpec = { kind: 'erofs', tree, compression: { algorithm: 'zstd' } };
    const { image } = await buildErofs(spec, { signal });
    const { file: dump } = await newestProgram('erofs-utils', 'dump.erofs', { signal });
    t.match((await execa(dump, ['--path=/b', image], { env: { TZ: 'UTC' } })).stdout, /Uid: 7 /);
    t.equal((await readFile(image)).readUInt16LE(1024 + 84) & 8, 8, 'zstd is among its algorithms');
  },
);

t.test('given -Elegacy-compress, which 1.9 ignores, then one that has it makes the image', async (t) => {
  const tree = directory({ a: file('a', 100_000) });
  const spec: ErofsSpec = {
    kind: 'erofs',
    tree,
    compression: { algorithm: 'lz4' },
    features: ['legacy-compress'],
    tool: 'newest',
  };
  const { image } = await buildErofs(spec, { signal });
  t.equal((await readFile(image)).readUInt32LE(1024 + 80) & 1, 0, 'no ZERO_PADDING');
});

t.test('given a fresh cache, when two ask at once, then it is fetched once; and again without a network', async (t) => {
  const root = t.testdir();
  process.env['FATHOM_CACHE'] = root;
  t.teardown(() => {
    delete process.env['FATHOM_CACHE'];
    delete process.env['FATHOM_MIRROR'];
  });
  await mkdir(root, { recursive: true });
  await symlink(path.join(machines, 'index'), path.join(root, 'index'));
  const said: string[] = [];
  const options = { signal, onProgress: (line: string) => said.push(line) };
  const [offer] = await offersOf('composefs', options);
  t.equal(offer?.inCache, false);
  const [one, two] = await Promise.all([openTool(offer!, options), openTool(offer!, options)]);
  t.strictSame([...one.programs], [...two.programs]);
  t.equal(said.filter((line) => line.startsWith('downloading')).length, 1);
  process.env['FATHOM_MIRROR'] = 'file:/nowhere/debian';
  t.equal((await newestTool('composefs', options)).version, one.version);
});
