import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import t from 'tap';
import { bannerOf, readBanner } from '../../../vm/kernel/banner.ts';
import { resolveHost } from '../../../vm/kernel/loose-files.ts';
import { resolveKernel } from '../../../vm/kernel/resolve.ts';
import { buildModule, fakeImage } from './module-file.ts';

const banner = '6.18.3-g0123456789ab (me@example.org) #7 SMP PREEMPT_DYNAMIC';
const release = '6.18.3-g0123456789ab';
const config = 'CONFIG_EXT4_FS=y\nCONFIG_EROFS_FS=m\n';
const { signal } = new AbortController();

/** A build tree as `make` leaves it. */
async function tree(directory: string, order: string): Promise<string> {
  for (const one of ['arch/x86/boot', 'fs/erofs', 'kernel/trace', 'lib'])
    await mkdir(path.join(directory, one), { recursive: true });
  await writeFile(path.join(directory, 'arch/x86/boot/bzImage'), fakeImage(banner));
  await writeFile(path.join(directory, '.config'), config);
  await writeFile(path.join(directory, 'modules.order'), order);
  await writeFile(path.join(directory, 'modules.builtin'), 'kernel/fs/ext4/ext4.ko\n');
  await buildModule(path.join(directory, 'fs/erofs/erofs.ko'), ['name=erofs', 'depends=lib-x']);
  await buildModule(path.join(directory, 'lib/lib-x.ko'), ['name=lib_x', 'depends=']);
  await buildModule(path.join(directory, 'kernel/trace/t.ko'), ['name=t', 'depends=']);
  return directory;
}

const ORDERS: Readonly<Record<string, string>> = {
  'since 6.2': 'fs/erofs/erofs.o\nlib/lib-x.o\nkernel/trace/t.o\n',
  'since 5.4': 'fs/erofs/erofs.ko\nlib/lib-x.ko\nkernel/trace/t.ko\n',
  before: 'kernel/fs/erofs/erofs.ko\nkernel/lib/lib-x.ko\nkernel/kernel/trace/t.ko\n',
};
for (const [age, order] of Object.entries(ORDERS))
  t.test(
    `given a build tree with modules.order as written ${age}, then its modules are taken where they lie`,
    async (t) => {
      const directory = await tree(t.testdir(), order);
      const kernel = await resolveKernel(`tree:${directory}`, { signal });
      t.match(kernel, {
        release,
        version: { major: 6, minor: 18, patch: 3 },
        image: path.join(directory, 'arch/x86/boot/bzImage'),
        systemMap: undefined,
      });
      t.equal(kernel.config.get('EROFS_FS'), 'm');
      t.strictSame(
        (await kernel.modules(['erofs', 'ext4', 't'])).map(({ file }) => path.relative(directory, file)),
        ['lib/lib-x.ko', 'fs/erofs/erofs.ko', 'kernel/trace/t.ko'],
      );
    },
  );

t.test('given a build tree that changes, then the kernel is another', async (t) => {
  const directory = await tree(t.testdir(), ORDERS['since 6.2']!);
  const identity = async (replace: Record<string, string> = {}): Promise<string> =>
    (await resolveKernel(`tree:${directory}`, { signal, replace })).identity;
  const before = await identity();
  t.equal(await identity(), before, 'nothing has changed');
  const other = path.join(directory, 'other-erofs.ko');
  await buildModule(other, ['name=erofs', 'depends=']);
  const replaced = await identity({ erofs: other });
  t.not(replaced, before, 'a module replaced');
  await buildModule(other, ['name=erofs', 'depends=', 'description=changed']);
  t.not(await identity({ erofs: other }), replaced, 'the replacement changed');
  await buildModule(path.join(directory, 'fs/erofs/erofs.ko'), ['name=erofs', 'depends=']);
  const rebuilt = await identity();
  t.not(rebuilt, before, 'a module rebuilt');
  await writeFile(path.join(directory, '.config'), `${config}CONFIG_X=y\n`);
  t.not(await identity(), rebuilt, 'configured otherwise');
});

t.test('given what is no built tree, then it is said what is not there', async (t) => {
  const directory = t.testdir({ empty: {} });
  await t.rejects(resolveKernel(`tree:${directory}/empty`, { signal }), {
    name: 'UsageError',
    message: /no .*arch\/\*\/boot\/bzImage/,
  });
  await t.rejects(resolveKernel(`tree:${directory}/nowhere`, { signal }), { name: 'UsageError' });
  const half = await tree(path.join(directory, 'half'), ORDERS['since 6.2']!);
  await rm(path.join(half, 'lib/lib-x.ko'));
  await t.rejects(resolveKernel(`tree:${half}`, { signal }), {
    name: 'UnsupportedError',
    missing: 'module lib_x',
    remedy: `make -C ${half} modules`,
  });
  await rm(path.join(half, '.config'));
  await t.rejects(resolveKernel(`tree:${half}`, { signal }), { name: 'UsageError', message: /\.config/ });
});

t.test('given --module, then a file of another name, no module, or a built-in is refused', async (t) => {
  const directory = await tree(t.testdir(), ORDERS['since 6.2']!);
  const resolve = (replace: Record<string, string>) => resolveKernel(`tree:${directory}`, { signal, replace });
  const erofs = path.join(directory, 'fs/erofs/erofs.ko');
  await t.rejects(resolve({ overlay: erofs }), {
    name: 'UsageError',
    message: /--module overlay=.*: that file is the module erofs/,
  });
  await t.rejects(resolve({ erofs: path.join(directory, '.config') }), { name: 'UsageError' });
  await t.rejects(resolve({ erofs: '/nowhere/erofs.ko' }), { name: 'UsageError', message: /ENOENT/ });
  await buildModule(path.join(directory, 'ext4.ko'), ['name=ext4', 'depends=']);
  await t.rejects(resolve({ ext4: path.join(directory, 'ext4.ko') }), {
    name: 'UnsupportedError',
    message: /built into/,
  });
  const kernel = await resolve({ 'lib-x': path.join(directory, 'lib/lib-x.ko') });
  t.match(await kernel.modules(['erofs']), [
    { name: 'lib_x', replaced: true },
    { name: 'erofs', replaced: false },
  ]);
});

t.test('given an image and what belongs to it, then that is the kernel', async (t) => {
  const directory = t.testdir({ vmlinuz: '', 'c.txt': config, modules: { sub: {} }, text: 'no kernel' });
  const at = (name: string): string => path.join(directory, name);
  await writeFile(at('vmlinuz'), fakeImage(banner));
  await buildModule(at('modules/sub/erofs.ko'), ['name=erofs', 'depends=']);
  const kernel = await resolveKernel(`image:${at('vmlinuz')},modules=${at('modules')},config=${at('c.txt')}`, {
    signal,
  });
  t.match(await kernel.modules(['erofs', 'ext4']), [{ name: 'erofs', file: at('modules/sub/erofs.ko') }]);
  t.equal(kernel.release, release);
  const bare = await resolveKernel(`image:${at('vmlinuz')},config=${at('c.txt')}`, { signal });
  t.strictSame(await bare.modules(['ext4']), []);
  await t.rejects(bare.modules(['erofs']), { name: 'UnsupportedError', missing: 'CONFIG_EROFS_FS' });
  const refused = async (spec: string, message: RegExp): Promise<void> => {
    await t.rejects(resolveKernel(spec, { signal }), { name: 'UsageError', message }, spec);
  };
  await refused(`image:${at('vmlinuz')}`, /config=FILE/);
  await refused(`image:${at('absent')},config=${at('c.txt')}`, /cannot read the boot image/);
  await refused(`image:${at('text')},config=${at('c.txt')}`, /not a bzImage/);
  await refused(`image:${at('vmlinuz')},config=${at('absent')}`, /cannot read its configuration/);
  await refused(`image:${at('vmlinuz')},modules=${at('absent')},config=${at('c.txt')}`, /cannot read its modules/);
});

t.test('given a machine with its own kernel, then `host` is that; given a container, then it is said', async (t) => {
  const root = t.testdir({
    boot: { 'vmlinuz-6.18.3-g0123456789ab': '' },
    proc: {},
    lib: { modules: { [release]: {} } },
  });
  await t.rejects(resolveHost('host', path.join(root, 'nothing'), release), {
    name: 'UnsupportedError',
    remedy: /container/,
  });
  await writeFile(path.join(root, 'boot', `vmlinuz-${release}`), fakeImage(banner));
  await t.rejects(resolveHost('host', root, release), { name: 'UnsupportedError', missing: /configuration/ });
  await writeFile(path.join(root, 'proc/config.gz'), gzipSync(config));
  t.match(await resolveHost('host', root, release), { release, config, systemMap: undefined });
  await writeFile(path.join(root, 'boot', `config-${release}`), 'CONFIG_X=y\n');
  t.match(await resolveHost('host', root, release), { config: 'CONFIG_X=y\n' });
});

t.test('given bytes that are no boot image, then no version is read from them', async (t) => {
  t.equal(bannerOf(fakeImage(banner)), banner);
  t.equal(bannerOf(Buffer.alloc(0)), undefined);
  t.equal(bannerOf(Buffer.alloc(4096)), undefined, 'no header');
  t.equal(bannerOf(fakeImage(banner).subarray(0, 0x700)), undefined, 'cut off');
  t.equal(bannerOf(fakeImage('')), undefined, 'an empty version');
  const directory = t.testdir({ odd: '' });
  await writeFile(path.join(directory, 'odd'), fakeImage('strange words'));
  await t.rejects(readBanner(path.join(directory, 'odd')), { name: 'HarnessError', message: /'strange words'/ });
});
