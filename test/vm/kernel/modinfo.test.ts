import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { execa } from 'execa';
import t from 'tap';
import {
  moduleName,
  moduleNameOfFile,
  parseModuleInfo,
  readModuleInfo,
  softdepPre,
} from '../../../vm/kernel/modinfo.ts';
import { buildModule } from './module-file.ts';

const strings = [
  'license=GPL',
  'alias=fs-btrfs',
  'softdep=pre: crypto-crc32c post: late',
  'softdep=pre: xxhash64',
  'depends=xor,zstd-compress',
  'name=btrfs',
];
const info = {
  name: 'btrfs',
  depends: ['xor', 'zstd_compress'],
  softdepPre: ['crypto-crc32c', 'xxhash64'],
  aliases: ['fs-btrfs'],
};

t.test('given the strings of a module, then what it needs is read', (t) => {
  t.strictSame(parseModuleInfo(strings), info);
  t.strictSame(parseModuleInfo(['depends=']), { name: undefined, depends: [], softdepPre: [], aliases: [] });
  t.strictSame(softdepPre('pre: a b post: c pre: d'), ['a', 'b', 'd']);
  t.strictSame(softdepPre('gcm'), [], 'as in cifs: no side said');
  t.end();
});

t.test('given file names, then the module is named as in /proc/modules', (t) => {
  t.equal(moduleNameOfFile('kernel/drivers/md/dm-verity.ko.xz'), 'dm_verity');
  t.equal(moduleNameOfFile('overlay.ko'), 'overlay');
  t.equal(moduleNameOfFile('a.ko.zst'), 'a');
  for (const file of ['modules.dep', 'overlay.ko.bz2', 'overlay.o', '.ko'])
    t.equal(moduleNameOfFile(file), undefined, file);
  t.equal(moduleName('virtio-pci'), 'virtio_pci');
  t.end();
});

t.test('given ELF files of 64 and 32 bits, plain or compressed, then .modinfo is found', async (t) => {
  const directory = t.testdir();
  const plain = path.join(directory, 'btrfs.ko');
  await buildModule(plain, strings);
  t.strictSame(await readModuleInfo(plain), info);
  await execa('xz', ['-k', plain]);
  await execa('zstd', ['-q', '-k', plain]);
  await writeFile(`${plain}.gz`, gzipSync(await readFile(plain)));
  for (const suffix of ['.xz', '.zst', '.gz']) t.strictSame(await readModuleInfo(plain + suffix), info, suffix);
  await buildModule(path.join(directory, 'narrow.ko'), strings, ['-m32']);
  t.strictSame(await readModuleInfo(path.join(directory, 'narrow.ko')), info, '32 bits');
});

t.test('given what is no module, then it is said of the file', async (t) => {
  const directory = t.testdir({ 'text.ko': 'not an ELF file', 'empty.ko': '', 'short.ko': '\x7fELF\x02\x01' });
  for (const name of ['text.ko', 'empty.ko', 'short.ko'])
    await t.rejects(readModuleInfo(path.join(directory, name)), { name: 'HarnessError', message: name }, name);
  const whole = path.join(directory, 'whole.ko');
  await buildModule(whole, strings);
  const cut = path.join(directory, 'cut.ko');
  await writeFile(cut, (await readFile(whole)).subarray(0, 200));
  await t.rejects(readModuleInfo(cut), { name: 'HarnessError' }, 'cut off');
  await buildModule(path.join(directory, 'object.ko'), []);
  await t.rejects(readModuleInfo(path.join(directory, 'object.ko')), { name: 'HarnessError' }, 'no .modinfo');
  await t.rejects(readModuleInfo(path.join(directory, 'absent.ko')), { code: 'ENOENT' });
});
