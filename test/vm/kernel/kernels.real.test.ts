/** Real packages from the mirror; each kernel is fetched once into the machine's own cache. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { cacheRoot } from '../../../vm/cache.ts';
import { openIndex } from '../../../vm/archive/apt-index.ts';
import type { Kernel } from '../../../vm/kernel/kernel.ts';
import { listKernels } from '../../../vm/kernel/list.ts';
import { findMirrors } from '../../../vm/archive/mirrors.ts';
import { decompressModule } from '../../../vm/kernel/modinfo.ts';
import { parseModuleList } from '../../../vm/kernel/module-index.ts';
import { certificatesOf, isSignedBy } from '../../../vm/kernel/module-signature.ts';
import { resolveKernel } from '../../../vm/kernel/resolve.ts';
import { formatKernelVersion } from '../../../vm/kernel/version.ts';

const signal = AbortSignal.timeout(280_000);
const wanted = [
  'virtio_pci',
  'virtio_blk',
  'virtio_console',
  'erofs',
  'overlay',
  'loop',
  'xfs',
  'ext4',
  'btrfs',
  'dm-verity',
];

const resolve = (spec: string, replace: Record<string, string> = {}): Promise<Kernel> =>
  resolveKernel(spec, { signal, replace });

async function loads(kernel: Kernel): Promise<readonly string[]> {
  return (await kernel.modules(wanted)).map(({ name }) => name);
}

t.test('given kernels of every packaging, then each is whole', async (t) => {
  const cases: readonly [string, RegExp, RegExp][] = [
    ['debian:5.10', /^5\.10\.\d+$/, /^linux-image-5\.10\.0-\d+-cloud-amd64 .*, bullseye/],
    ['debian:6.17.13', /^6\.17\.13$/, /^linux-image-6\.17\.13\S* 6\.17\.13-.*, trixie-backports$/],
    ['debian:7.3', /^7\.3(\.\d+|-rc\d)?$/, /^linux-(image|binary-unsigned)-7\.3/],
    ['debian:7.0', /^7\.0\.\d+$/, /^linux-image-7\.0/],
  ];
  for (const [spec, version, origin] of cases) {
    const kernel = await resolve(spec);
    t.match(formatKernelVersion(kernel.version), version, spec);
    t.match(kernel.origin, origin);
    t.equal(kernel.config.get('EROFS_FS'), 'm');
    for (const file of [kernel.image, kernel.systemMap!]) t.ok((await stat(file)).isFile(), file);
    const modules = await kernel.modules(wanted);
    for (const { file } of modules) t.ok((await stat(file)).size > 0, file);
    const names = modules.map(({ name }) => name);
    t.ok(names.includes('erofs') && names.includes('overlay') && !names.includes('ext4'), names.join(' '));
  }
});

t.test('given a kernel that is in the cache, then it is there at once, and no program is run', async (t) => {
  const spec = 'debian:6.17.13';
  const { identity } = await resolve(spec);
  const search = process.env['PATH'];
  process.env['PATH'] = '';
  t.teardown(() => (process.env['PATH'] = search));
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const begin = performance.now();
    const kernel = await resolveKernel(spec, { signal, onProgress: (text) => t.fail(text) });
    await kernel.modules(wanted);
    times.push(performance.now() - begin);
    t.equal(kernel.identity, identity);
  }
  t.comment(`ms: ${times.map((ms) => ms.toFixed(0)).join(' ')}`);
  t.ok(times.sort((a, b) => a - b)[2]! < 100, 'the median is below 100 ms');
});

t.test('given a mirror that cannot be reached, then a kernel that is in the cache is taken from there', async (t) => {
  const said: string[] = [];
  const onProgress = (text: string): number => said.push(text);
  const kernel = await resolveKernel('debian:7.0', { signal, mirror: 'file:/nowhere/debian', onProgress });
  t.equal(kernel.identity, (await resolve('debian:7.0')).identity);
  t.match(said.at(-1), /debian:7.0 is taken from the cache/);
  await t.rejects(resolveKernel('debian:4.19', { signal, mirror: 'file:/nowhere/debian' }), { name: 'HarnessError' });
});

t.test('given an empty cache and two that ask at once, then the mirror is asked once', async (t) => {
  const cache = process.env['FATHOM_CACHE'];
  process.env['FATHOM_CACHE'] = t.testdir();
  t.teardown(() => {
    if (cache === undefined) delete process.env['FATHOM_CACHE'];
    else process.env['FATHOM_CACHE'] = cache;
  });
  const said: string[] = [];
  const request = {
    mirrors: await findMirrors(undefined),
    maxAgeMs: 1e9,
    signal,
    onProgress: (text: string) => said.push(text),
  };
  const [one, other] = await Promise.all([openIndex(request), openIndex(request)]);
  t.strictSame(one.packages, other.packages);
  t.equal(said.length, 1);
  const kernels = await listKernels({ signal, flavour: 'cloud-amd64' });
  t.ok(kernels.length > 10, `${kernels.length} kernels`);
  t.equal(new Set(kernels.map(({ spec }) => spec)).size, kernels.length, 'each has a spec of its own');
  await t.rejects(resolveKernel('debian:6.17.99', { signal }), {
    name: 'UsageError',
    message: /nearest cloud-amd64 kernels are .*debian:6\.17/,
  });
  const left = (await readdir(path.join(cacheRoot(), 'index'))).filter((name) => name.endsWith('.lock'));
  t.strictSame(left, []);
});

t.test('given a build tree made of a shipped kernel, then its modules are those that depmod found', async (t) => {
  const shipped = await resolve('debian:6.17.13');
  const installed = path.join((await shipped.modules(['erofs']))[0]!.file, '../../../..');
  const tree = t.testdir({ arch: { x86: { boot: {} } } });
  await writeFile(path.join(tree, 'arch/x86/boot/bzImage'), await readFile(shipped.image));
  await writeFile(
    path.join(tree, '.config'),
    [...shipped.config].map(([name, value]) => `CONFIG_${name}=${value}\n`).join(''),
  );
  for (const name of ['modules.builtin', 'modules.builtin.modinfo'])
    await writeFile(path.join(tree, name), await readFile(path.join(installed, name)));
  const concerned = new Set(await loads(shipped));
  const order: string[] = [];
  for (const [name, file] of parseModuleList(await readFile(path.join(installed, 'modules.order'), 'utf8'))) {
    if (!concerned.has(name)) continue;
    const place = path.join(tree, file.replace(/^kernel\//, ''));
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, await decompressModule(path.join(installed, `${file}.xz`)));
    order.push(path.relative(tree, place).replace(/ko$/, 'o'));
  }
  await writeFile(path.join(tree, 'modules.order'), `${order.join('\n')}\n`);
  const built = await resolve(`tree:${tree}`);
  t.match(built, { release: shipped.release, version: shipped.version });
  t.strictSame([...(await loads(built))].sort(), [...concerned].sort());
  const before = (names: readonly string[], a: string, b: string): boolean => names.indexOf(a) < names.indexOf(b);
  for (const dependency of ['raid6_pq', 'xor', 'blake2b_generic'])
    t.ok(before(await loads(built), dependency, 'btrfs'), dependency);
});

t.test('given modules, then only those signed by a key inside the boot image are believed', async (t) => {
  const kernel = await resolve('debian:7.0');
  const certificates = await certificatesOf(kernel.image);
  const [overlay] = await kernel.modules(['overlay']);
  t.equal(await isSignedBy(overlay!.file, certificates), true);
  const contents = await decompressModule(overlay!.file);
  const at = path.join(t.testdir(), 'overlay.ko');
  const signed = async (changed: Buffer): Promise<boolean> => {
    await writeFile(at, changed);
    return isSignedBy(at, certificates);
  };
  t.equal(await signed(contents), true, 'as it is');
  const altered = Buffer.from(contents);
  altered[1000] = altered[1000]! ^ 1;
  t.equal(await signed(altered), false, 'one bit changed');
  t.equal(await signed(contents.subarray(0, -1)), false, 'cut off');
  t.equal(await signed(contents.subarray(0, 20_000)), false, 'no signature');
  t.equal(
    await signed(Buffer.concat([contents.subarray(0, 100), contents.subarray(-40)])),
    false,
    'a length beyond the file',
  );
  const other = await resolve('debian:7.3');
  t.equal(await isSignedBy((await other.modules(['overlay']))[0]!.file, certificates), false, "another kernel's");
});
