/**
 * Recorded outputs of real programs, made by `{ mkfs.erofs --help; mkfs.erofs -V; } > mkfs.erofs-VERSION.txt 2>&1`
 * with Debian's packages of bookworm, trixie and sid.
 */
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { checkSupport, parseMkfsErofs } from '../../../vm/image/mkfs-erofs.ts';
import type { Compression, ErofsSpec } from '../../../vm/image/spec.ts';
import { directory } from '../../../vm/image/tree.ts';

async function recorded(version: string) {
  return parseMkfsErofs(await readFile(new URL(`./fixtures/mkfs.erofs-${version}.txt`, import.meta.url), 'utf8'));
}

function spec(options: Partial<ErofsSpec>): ErofsSpec {
  return { kind: 'erofs', tree: directory({}), ...options };
}

const has = {
  '1.5': { compressors: ['lz4hc', 'lz4'], blocks: false, fragments: false, legacy: true },
  '1.8.6': {
    compressors: ['lz4', 'lz4hc', 'lzma', 'deflate', 'libdeflate', 'zstd'],
    blocks: true,
    fragments: true,
    legacy: true,
  },
  '1.9.4': {
    compressors: ['lz4', 'lz4hc', 'lzma', 'deflate', 'libdeflate', 'zstd'],
    blocks: true,
    fragments: true,
    legacy: false,
  },
};

for (const [version, { compressors, blocks, fragments, legacy }] of Object.entries(has)) {
  t.test(`given mkfs.erofs ${version}, when asked, then what it can do is known`, async (t) => {
    const mkfs = await recorded(version);
    t.equal(mkfs.version, version);
    t.same(mkfs.compressors, compressors);
    t.equal(mkfs.options.has('-b'), blocks);
    t.ok(
      ['--blobdev', '--chunksize', '--force-uid', '--force-gid', '-T', '-U', '-E', '-z'].every((option) =>
        mkfs.options.has(option),
      ),
    );
    const unless = (supported: boolean, options: Partial<ErofsSpec>) => {
      if (supported) t.doesNotThrow(() => checkSupport(spec(options), mkfs));
      else t.throws(() => checkSupport(spec(options), mkfs), { name: 'UnsupportedError' });
    };
    for (const algorithm of ['lz4', 'lz4hc', 'lzma', 'deflate', 'zstd'] satisfies Compression[])
      unless(compressors.includes(algorithm), { compression: { algorithm } });
    for (const feature of ['fragments', 'all-fragments', 'dedupe'] as const) unless(fragments, { features: [feature] });
    for (const feature of ['ztailpacking', 'noinline_data', 'force-inode-compact', 'force-inode-extended'] as const)
      unless(true, { features: [feature] });
    unless(legacy, { features: ['legacy-compress'] });
    unless(true, { blockBytes: 4096 });
    unless(blocks, { blockBytes: 2048 });
  });
}

t.test('given 1.5 and zstd, when refused, then the message names what there is and who has it', async (t) => {
  const mkfs = await recorded('1.5');
  t.throws(() => checkSupport(spec({ compression: { algorithm: 'zstd' } }), mkfs), {
    missing: 'mkfs.erofs with zstd',
    message: 'mkfs.erofs 1.5 has no zstd; available: lz4hc, lz4; erofs-utils 1.8 or newer has it',
    remedy: 'install erofs-utils 1.8 or newer',
  });
});

t.test('given a version older than 1.5, when asked, then it is unsupported', (t) => {
  const mkfs = parseMkfsErofs('mkfs.erofs 1.2.1\nAvailable compressors are: lz4hc, lz4\n');
  t.throws(() => checkSupport(spec({}), mkfs), { name: 'UnsupportedError', message: /1\.2\.1.*1\.5 or newer/ });
  t.end();
});

t.test('given output that is no help of mkfs.erofs, when parsed, then it is quoted', (t) => {
  t.throws(() => parseMkfsErofs('segmentation fault'), { name: 'UnsupportedError', message: /segmentation fault/ });
  t.end();
});
