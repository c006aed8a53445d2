import { readFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import type { DebianSpec } from '../../../vm/kernel/candidates.ts';
import { choose, findCandidates, unknownKernel } from '../../../vm/kernel/candidates.ts';
import type { ArchivePackage } from '../../../vm/archive/packages.ts';
import { parsePackage, readPackages } from '../../../vm/archive/packages.ts';
import { parseKernelSpec } from '../../../vm/kernel/spec.ts';

const fixture = (name: string): string => path.join(import.meta.dirname, 'fixtures', name);

async function recorded(suite: string): Promise<readonly ArchivePackage[]> {
  return readPackages(pieces(await readFile(fixture(`packages-${suite}.txt`)), 1000), suite);
}

async function* pieces(contents: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < contents.length; at += size) yield await Promise.resolve(contents.subarray(at, at + size));
}

const debian = (spec: string): DebianSpec => parseKernelSpec(spec) as DebianSpec;

/** A package as old suites have it: everything in one. */
function whole(name: string, version: string, suite: string, depends: readonly string[] = []): ArchivePackage {
  return { name, version, suite, path: `pool/${name}.deb`, sha256: '0'.repeat(64), sizeBytes: 1, depends };
}

t.test('given an index in pieces of any size, then the same kernel packages are found', async (t) => {
  const contents = await readFile(fixture('packages-experimental.txt'));
  const whole = await readPackages(pieces(contents, contents.length), 'experimental');
  t.ok(whole.length >= 4);
  for (const size of [1, 7, 100, 4096]) t.strictSame(await readPackages(pieces(contents, size), 'experimental'), whole);
  t.strictSame(await readPackages(pieces(Buffer.alloc(0), 1), 'sid'), []);
});

t.test('given stanzas, then what belongs to a kernel is read and the rest is not', (t) => {
  const stanza = `Package: linux-image-6.17.13+deb13-cloud-amd64
Version: 6.17.13-1~bpo13+1
Depends: kmod, linux-base (>= 4.12~), linux-base-6.17.13+deb13-cloud-amd64 (= 6.17.13-1~bpo13+1) | other, initramfs-tools (>= 0.120+deb8u2) | linux-initramfs-tool
Filename: pool/main/l/linux-signed-amd64/x.deb
Size: 50208396
SHA256: abc`;
  t.strictSame(parsePackage(stanza, 'trixie-backports'), {
    name: 'linux-image-6.17.13+deb13-cloud-amd64',
    version: '6.17.13-1~bpo13+1',
    suite: 'trixie-backports',
    path: 'pool/main/l/linux-signed-amd64/x.deb',
    sha256: 'abc',
    sizeBytes: 50208396,
    depends: ['linux-base', 'linux-base-6.17.13+deb13-cloud-amd64'],
  });
  for (const name of ['linux-doc', 'linux-headers-6.17.13+deb13-cloud-amd64', 'linux-image-6.17.13+deb13-amd64-dbg'])
    t.equal(parsePackage(stanza.replace(/^Package: .*/, `Package: ${name}`), 'x'), undefined, name);
  for (const field of ['Version', 'SHA256', 'Filename'])
    t.equal(parsePackage(stanza.replace(new RegExp(`^${field}: .*\n?`, 'm'), ''), 'x'), undefined, `no ${field}`);
  t.end();
});

t.test('given both packagings, then each kernel has the packages that make it whole', async (t) => {
  const candidates = findCandidates([...(await recorded('trixie-backports')), ...(await recorded('experimental'))]);
  const names = (spec: string): readonly string[] => choose(candidates, debian(spec))!.packages.map(({ name }) => name);
  t.strictSame(names('debian:6.17.13'), ['linux-image-6.17.13+deb13-cloud-amd64']);
  const release = '7.3.4+deb13-cloud-amd64';
  t.strictSame(names('debian:7.3.4'), [
    `linux-binary-unsigned-${release}`,
    `linux-modules-${release}`,
    `linux-base-${release}`,
  ]);
  t.strictSame(names('debian:7.3-rc7').toSorted(), [
    'linux-base-7.3-cloud-amd64',
    'linux-binary-7.3-cloud-amd64',
    'linux-image-7.3-cloud-amd64',
    'linux-modules-7.3-cloud-amd64',
  ]);
  t.equal(choose(candidates, debian('debian:7.3.4'))!.signed, false);
  t.equal(
    choose(candidates, debian('debian:7.3-rc7'))!.signed,
    true,
    'the signed one, though an unsigned one is there',
  );
});

t.test('given a kernel whose modules the index has dropped, then they are named as withdrawn', async (t) => {
  const candidates = findCandidates(await recorded('trixie-backports'));
  const { packages, withdrawn } = choose(candidates, debian('debian:7.0.13'))!;
  t.strictSame(
    packages.map(({ name }) => name),
    ['linux-image-7.0.13+deb13-cloud-amd64', 'linux-binary-7.0.13+deb13-cloud-amd64'],
  );
  t.strictSame(withdrawn, ['linux-base-7.0.13+deb13-cloud-amd64', 'linux-modules-7.0.13+deb13-cloud-amd64']);
  t.strictSame(choose(candidates, debian('debian:6.17.13'))!.withdrawn, []);
});

t.test('given packages that merely depend on the newest kernel, then they are no kernels', (t) => {
  const packages = [
    whole('linux-image-6.12-cloud-amd64', '6.12.117-1', 'bookworm-security', [
      'linux-image-6.12.117+deb12-cloud-amd64',
    ]),
    whole('linux-image-cloud-amd64', '6.12.117-1', 'bookworm-security', ['linux-image-6.12.117+deb12-cloud-amd64']),
    whole('linux-image-6.12.117+deb12-cloud-amd64', '6.12.117-1', 'bookworm-security'),
  ];
  t.strictSame(
    findCandidates(packages).map(({ packages }) => packages[0].name),
    ['linux-image-6.12.117+deb12-cloud-amd64'],
  );
  t.end();
});

t.test('given a version, a series, a suite or a package version, then the newest that it means is chosen', (t) => {
  const candidates = findCandidates([
    whole('linux-image-5.10.0-32-cloud-amd64', '5.10.223-1', 'bullseye'),
    whole('linux-image-5.10.0-46-cloud-amd64', '5.10.262-1', 'bullseye-security'),
    whole('linux-image-6.1.0-0.deb11.52-cloud-amd64', '6.1.180-1~deb11u1', 'bullseye-security'),
    whole('linux-image-6.1.0-55-cloud-amd64', '6.1.192-1', 'bookworm-security'),
    whole('linux-image-6.1.0-56-cloud-amd64-unsigned', '6.1.192-2', 'bookworm-security'),
    whole('linux-image-6.1.0-56-cloud-amd64', '6.1.192-2', 'bookworm-security'),
    whole('linux-image-6.12.9+deb13-cloud-amd64', '6.12.9-1', 'trixie'),
    whole('linux-image-6.12.10+deb13-cloud-amd64', '6.12.10-1', 'trixie'),
    whole('linux-image-6.12.10+deb12-cloud-amd64', '6.12.10-1~deb12u1', 'bookworm-security'),
    whole('linux-image-6.12.10+deb13-rt-amd64', '6.12.10-1', 'trixie'),
    whole('linux-image-6.12.10+deb13-amd64', '6.12.10-1', 'trixie'),
    whole('linux-image-7.3-cloud-amd64', '7.3~rc7-1~exp1', 'experimental'),
    whole('linux-image-7.2.6-cloud-amd64', '7.2.6-1', 'experimental'),
  ]);
  const cases: readonly [string, string | undefined][] = [
    ['debian:5.10', 'linux-image-5.10.0-46-cloud-amd64'],
    ['debian:5.10.223', 'linux-image-5.10.0-32-cloud-amd64'],
    ['debian:6.1', 'linux-image-6.1.0-56-cloud-amd64'],
    ['debian:6.1.192-1', 'linux-image-6.1.0-55-cloud-amd64'],
    ['debian:6.12', 'linux-image-6.12.10+deb13-cloud-amd64'],
    ['debian:6.12.10', 'linux-image-6.12.10+deb13-cloud-amd64'],
    ['debian:6.12.10-1~deb12u1', 'linux-image-6.12.10+deb12-cloud-amd64'],
    ['debian:6.12.10/amd64', 'linux-image-6.12.10+deb13-amd64'],
    ['debian:6.12.10/rt-amd64', 'linux-image-6.12.10+deb13-rt-amd64'],
    ['debian:6.12.1', undefined],
    ['debian:7.3', 'linux-image-7.3-cloud-amd64'],
    ['debian:7.3-rc7', 'linux-image-7.3-cloud-amd64'],
    ['debian:7.3~rc7', 'linux-image-7.3-cloud-amd64'],
    ['debian:7.3-rc6', undefined],
    ['debian:7', 'linux-image-7.2.6-cloud-amd64'],
    ['debian:experimental', 'linux-image-7.2.6-cloud-amd64'],
    ['debian:trixie', 'linux-image-6.12.10+deb13-cloud-amd64'],
    ['debian:sid', undefined],
    ['debian:6.1x', undefined],
  ];
  for (const [spec, name] of cases) t.equal(choose(candidates, debian(spec))?.packages[0].name, name, spec);
  t.match(choose(candidates, debian('debian:5.10'))!.version, { major: 5, minor: 10, patch: 262 });
  t.end();
});

t.test('given a version that is not there, then the nearest on both sides and other flavours are named', (t) => {
  const candidates = findCandidates([
    whole('linux-image-6.16.12+deb13-cloud-amd64', '6.16.12-1', 'trixie-backports'),
    whole('linux-image-6.17.8+deb13-cloud-amd64', '6.17.8-1', 'trixie-backports'),
    whole('linux-image-6.18.5+deb13-cloud-amd64', '6.18.5-1', 'trixie-backports'),
    whole('linux-image-6.17.9+deb13-amd64', '6.17.9-1', 'trixie-backports'),
  ]);
  const { message } = unknownKernel('debian:6.17.9', debian('debian:6.17.9'), candidates);
  t.match(message, 'debian:6.16.12, debian:6.17.8, debian:6.18.5');
  t.match(message, 'other flavours have 6.17.9-1');
  t.match(unknownKernel('debian:9', debian('debian:9'), candidates).message, 'debian:6.18.5');
  t.match(
    unknownKernel('debian:sid', debian('debian:sid'), candidates).message,
    /sid has no cloud-amd64 kernel.*trixie-backports/,
  );
  t.match(unknownKernel('debian:6.1', debian('debian:6.1'), []).message, 'no cloud-amd64 kernel at all');
  t.end();
});
