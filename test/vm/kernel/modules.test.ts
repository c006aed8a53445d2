import path from 'node:path';
import t from 'tap';
import { loadOrder } from '../../../vm/kernel/module-order.ts';
import type { ModuleIndex } from '../../../vm/kernel/module-index.ts';
import {
  findModuleFiles,
  fingerprint,
  indexFromDepmod,
  indexFromModules,
  parseBuiltinAliases,
  parseModuleList,
  parseModulesDep,
  parseModulesSoftdep,
  providersOf,
} from '../../../vm/kernel/module-index.ts';
import { buildModule } from './module-file.ts';

const recorded = path.join(import.meta.dirname, 'fixtures');
const kernel = { spec: 'debian:5.10', config: new Map([['EXT4_FS', 'y']]) };

async function order(index: ModuleIndex, names: readonly string[], replacements = new Map<string, string>()) {
  return (await loadOrder(kernel, index, replacements, names)).map(({ name }) => name);
}

t.test("given depmod's lines, then they are read, and other lines are not", (t) => {
  const dep = parseModulesDep(
    'kernel/fs/erofs/erofs.ko.xz: kernel/a-b.ko.xz kernel/c.ko.xz\nkernel/c.ko.xz:\nnonsense\n\nx: y\n',
  );
  t.strictSame(
    dep.get('erofs'),
    { file: 'kernel/fs/erofs/erofs.ko.xz', depends: ['c', 'a_b'] },
    'the last is loaded first',
  );
  t.strictSame([...dep.keys()], ['erofs', 'c']);
  const softdep = parseModulesSoftdep(
    '# x\nsoftdep btrfs pre: blake2b-256\nsoftdep btrfs pre: sha256\nsoftdep cifs gcm\n',
  );
  t.strictSame(
    [...softdep],
    [
      ['btrfs', ['blake2b-256', 'sha256']],
      ['cifs', []],
    ],
  );
  const aliases = 'alias crypto-crc32c crc32c_intel\nalias not-crypto-a b\nalias crypto-crc32c crc32c-generic';
  t.strictSame(providersOf('crypto-crc32c', aliases), ['crc32c_intel', 'crc32c_generic']);
  t.strictSame(providersOf('crypto-crc32', aliases), []);
  t.strictSame(
    [...parseModuleList('kernel/fs/ext4/ext4.ko\nfs/erofs/erofs.o\n\nREADME\n')],
    [
      ['ext4', 'kernel/fs/ext4/ext4.ko'],
      ['erofs', 'fs/erofs/erofs.ko'],
    ],
  );
  t.strictSame(
    [...parseBuiltinAliases('ext4.alias=fs-ext4\0ext4.license=GPL\0crc.alias=crypto-crc32c\0')],
    ['fs-ext4', 'crypto-crc32c'],
  );
  t.end();
});

t.test('given the modules of 5.10, then dependencies come first, each once, and built-ins not at all', async (t) => {
  const index = await indexFromDepmod(recorded);
  t.strictSame(await order(index, ['erofs', 'overlay', 'xfs']), ['libcrc32c', 'erofs', 'overlay', 'xfs']);
  t.strictSame(await order(index, ['virtio-pci', 'virtio_blk']), ['virtio', 'virtio_ring', 'virtio_pci', 'virtio_blk']);
  t.strictSame(await order(index, ['ext4']), [], 'in modules.builtin');
  t.strictSame(await order(index, []), []);
  const [first] = await loadOrder(kernel, index, new Map(), ['overlay']);
  t.strictSame(first, {
    name: 'overlay',
    file: path.join(recorded, 'kernel/fs/overlayfs/overlay.ko'),
    replaced: false,
  });
});

t.test(
  'given soft dependencies, then the portable answer to an alias is taken, unless something built in answers',
  async (t) => {
    const names = await order(await indexFromDepmod(recorded), ['btrfs']);
    for (const name of ['blake2b_generic', 'xxhash_generic', 'xor', 'raid6_pq', 'zstd_compress', 'libcrc32c'])
      t.ok(names.includes(name) && names.indexOf(name) < names.indexOf('btrfs'), name);
    t.notOk(names.includes('crc32c_intel'), 'crc32c and crypto-crc32c are built in');
    t.notOk(names.includes('sha256_ssse3'), 'sha256 is built in');
  },
);

t.test('given no depmod, then the modules say themselves what they need', async (t) => {
  const directory = t.testdir({ 'modules.builtin': 'kernel/fs/ext4/ext4.ko\n', fs: {}, crypto: {} });
  await buildModule(path.join(directory, 'fs/btrfs.ko'), [
    'name=btrfs',
    'depends=raid6-pq',
    'softdep=pre: crypto-crc32c',
    'softdep=pre: nothing',
  ]);
  await buildModule(path.join(directory, 'fs/raid6_pq.ko'), ['name=raid6_pq', 'depends=']);
  await buildModule(path.join(directory, 'crypto/crc32c-intel.ko'), [
    'name=crc32c_intel',
    'depends=',
    'alias=crypto-crc32c',
  ]);
  await buildModule(path.join(directory, 'crypto/crc32c_generic.ko'), [
    'name=crc32c_generic',
    'depends=',
    'alias=crypto-crc32c',
  ]);
  const index = await indexFromModules(directory, await findModuleFiles(directory));
  t.strictSame(await order(index, ['btrfs', 'ext4']), ['crc32c_generic', 'raid6_pq', 'btrfs']);
  const before = await fingerprint(index.files.values());
  t.strictSame(await fingerprint(index.files.values()), before);
  await buildModule(path.join(directory, 'fs/raid6_pq.ko'), ['name=raid6_pq', 'depends=']);
  t.strictNotSame(await fingerprint(index.files.values()), before, 'built anew');
});

t.test('given a replacement, then it is loaded in its place and in any case, with what it says it needs', async (t) => {
  const directory = t.testdir();
  const overlay = path.join(directory, 'overlay.ko');
  await buildModule(overlay, ['name=overlay', 'depends=libcrc32c']);
  const index = await indexFromDepmod(recorded);
  const modules = await loadOrder(kernel, index, new Map([['overlay', overlay]]), ['erofs']);
  t.strictSame(
    modules.map(({ name, replaced }) => [name, replaced]),
    [
      ['libcrc32c', false],
      ['erofs', false],
      ['overlay', true],
    ],
  );
  t.equal(modules[2]!.file, overlay);
});

t.test('given a module that the kernel has not got, then its option is named', async (t) => {
  const index = await indexFromDepmod(recorded);
  await t.rejects(order(index, ['zram']), {
    name: 'UnsupportedError',
    missing: 'CONFIG_ZRAM',
    remedy: 'CONFIG_ZRAM=m',
    message: /debian:5.10 has no module zram/,
  });
  await t.rejects(order(index, ['ecryptfs']), {
    missing: 'CONFIG_ECRYPT_FS',
    message: /no module ecryptfs/,
    remedy: "CONFIG_ECRYPT_FS=m; Debian's full flavour has it: debian:VERSION/amd64",
  });
  await t.rejects(order(index, ['frobnicate']), {
    name: 'UnsupportedError',
    missing: 'module frobnicate',
    remedy: undefined,
  });
  const directory = t.testdir();
  await buildModule(path.join(directory, 'erofs.ko'), ['name=erofs', 'depends=libcrc32c']);
  await t.rejects(order(await indexFromModules(directory, await findModuleFiles(directory)), ['erofs']), {
    message: /no module libcrc32c, needed by erofs,/,
  });
  await t.rejects(
    loadOrder(
      { ...kernel, config: new Map([['XFS_FS', 'm']]) },
      await indexFromModules(directory, new Map()),
      new Map(),
      ['xfs'],
    ),
    {
      missing: 'CONFIG_XFS_FS',
      message: /its file is not there/,
    },
  );
  t.strictSame(
    await order(await indexFromModules(directory, new Map()), ['ext4']),
    [],
    'built in, by the configuration alone',
  );
});
