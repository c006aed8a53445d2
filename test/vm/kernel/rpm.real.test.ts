/** `rpm:` on packages made here of a Debian kernel, with Fedora's layout. */
import { readFile, stat, truncate, copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { report } from '../../../harness/report/results.ts';
import { resolveKernel } from '../../../vm/kernel/resolve.ts';
import { fedoraRpms } from './fedora-rpms.ts';

const signal = AbortSignal.timeout(280_000);
const directory = t.testdir();
const shipped = await resolveKernel('debian:6.17.8', { signal });
const rpms = await fedoraRpms(shipped, directory);
const all = `rpm:${Object.values(rpms).join(',')}`;
const cache = process.env['FATHOM_CACHE'];
process.env['FATHOM_CACHE'] = path.join(directory, 'cache');
t.teardown(() => {
  if (cache === undefined) delete process.env['FATHOM_CACHE'];
  else process.env['FATHOM_CACHE'] = cache;
});

t.test('given the packages of a kernel, then it is the kernel that they were made of', async (t) => {
  const kernel = await resolveKernel(all, { signal });
  t.match(kernel, { release: shipped.release, version: shipped.version });
  t.strictSame(kernel.config, shipped.config);
  t.ok((await stat(kernel.systemMap!)).isFile());
  t.strictSame(await readFile(kernel.image), await readFile(shipped.image));
  const names = ['erofs', 'overlay', 'xfs', 'virtio_blk'];
  const loaded = async (one: typeof kernel) => (await one.modules(names)).map(({ name }) => name);
  t.strictSame(await loaded(kernel), await loaded(shipped));
});

t.test('given the packages of a kernel, then it boots and keeps the rules of its version', async (t) => {
  const args = ['run', 'fedora-coreos-2087', '--kernel', all, '--reporter', 'json'];
  const { stdout, stderr, exitCode } = await execa('node', [path.resolve('bin/fathom.js'), ...args], { reject: false });
  t.equal(exitCode, 0, stderr);
  const { results } = report.parse(JSON.parse(stdout));
  t.equal(results.length, 13);
  t.ok(results.every(({ verdict, release }) => verdict.kind === 'agrees' && release === shipped.release));
});

t.test('given packages that are no whole kernel, then it is said which one is missing', async (t) => {
  const refused = async (spec: string, message: RegExp): Promise<void> => {
    await t.rejects(resolveKernel(spec, { signal }), { name: 'UsageError', message }, spec);
  };
  const { 'kernel-core': core, 'kernel-modules-core': modulesCore, 'kernel-modules': modules } = rpms;
  await refused(`rpm:${core}`, /kernel-core\.rpm: no modules for 6\.17\.8.* kernel-modules-core and kernel-modules/);
  await refused(`rpm:${modulesCore},${modules}`, /no boot image for 6\.17\.8.*; kernel-core holds it/);
  const without = await resolveKernel(`rpm:${core},${modulesCore}`, { signal });
  await t.rejects(without.modules(['erofs']), { name: 'UnsupportedError', message: /erofs/ });
});

t.test('given files that are no packages of a kernel, then it is said what is wrong with each', async (t) => {
  const at = (name: string): string => path.join(directory, name);
  const refused = async (file: string, message: RegExp): Promise<void> => {
    await t.rejects(resolveKernel(`rpm:${file}`, { signal }), { name: 'UsageError', message }, file);
  };
  await refused(at('absent.rpm'), /cannot read .*absent\.rpm: .*ENOENT/);
  await writeFile(at('text.rpm'), 'not a package, and longer than the lead of one');
  await refused(at('text.rpm'), /text\.rpm is not an RPM package/);
  await writeFile(at('short.rpm'), 'no');
  await refused(at('short.rpm'), /short\.rpm is not an RPM package/);
  await copyFile(rpms['kernel-core'], at('cut.rpm'));
  await truncate(at('cut.rpm'), Math.floor((await stat(at('cut.rpm'))).size / 2));
  await refused(at('cut.rpm'), /cut\.rpm cannot be unpacked; is it whole\?/);
  await truncate(at('cut.rpm'), 200);
  await refused(at('cut.rpm'), /cut\.rpm cannot be unpacked; is it whole\?/);
  const source = await readFile(rpms['kernel-core']);
  source.writeUInt16BE(1, 6);
  await writeFile(at('source.rpm'), source);
  await refused(at('source.rpm'), /source\.rpm is a source package/);
});
