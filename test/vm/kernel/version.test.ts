import { execFileSync } from 'node:child_process';
import t from 'tap';
import { comparePackageVersions } from '../../../vm/archive/package-version.ts';
import {
  compareKernelVersions,
  formatKernelVersion,
  parseKernelVersion,
  versionOfBanner,
} from '../../../vm/kernel/version.ts';

t.test('given a release, a package version or a word, then its upstream version is read', (t) => {
  const cases: readonly [string, string][] = [
    ['6.17.13+deb13-cloud-amd64', '6.17.13'],
    ['6.17.13-1~bpo13+1', '6.17.13'],
    ['7.3~rc7-1~exp1', '7.3-rc7'],
    ['7.3-rc7', '7.3-rc7'],
    ['6.18.0-rc3-00012-gabcdef012345', '6.18-rc3'],
    ['5.10.262-1', '5.10.262'],
    ['5.10.0-46-cloud-amd64', '5.10'],
    ['6.12.100-1~deb12u1', '6.12.100'],
    ['6.1', '6.1'],
  ];
  for (const [text, version] of cases) t.equal(formatKernelVersion(parseKernelVersion(text)!), version, text);
  for (const text of ['', '6', 'trixie', '6.1.2.3', 'v6.1', '7.'])
    t.equal(parseKernelVersion(text), undefined, `'${text}'`);
  t.end();
});

t.test('given versions, then a candidate comes before its release, and numbers are compared as numbers', (t) => {
  const sorted = ['5.10.262', '6.1', '6.9.1', '6.12', '6.12.9', '6.12.63', '7.3-rc1', '7.3-rc7', '7.3', '7.3.4'];
  const shuffled = sorted.toReversed().map((text) => parseKernelVersion(text)!);
  t.strictSame(shuffled.sort(compareKernelVersions).map(formatKernelVersion), sorted);
  t.equal(compareKernelVersions(parseKernelVersion('7.3')!, parseKernelVersion('7.3')!), 0);
  t.end();
});

t.test("given Debian's banner, then the version is that of the package; given another's, that of the release", (t) => {
  const version = (release: string, banner: string): string => formatKernelVersion(versionOfBanner(release, banner)!);
  const debian = '5.10.0-46-cloud-amd64 (debian-kernel@example.org) #1 SMP Debian 5.10.262-1 (2026-07-31)';
  t.equal(version('5.10.0-46-cloud-amd64', debian), '5.10.262');
  t.equal(
    version('7.3-cloud-amd64', '7.3-cloud-amd64 (x) #1 SMP PREEMPT_DYNAMIC Debian 7.3~rc7-1~exp1 (…)'),
    '7.3-rc7',
  );
  t.equal(version('6.18.3', '6.18.3 (me@example.org) #2 SMP Sat Nov 21 2026'), '6.18.3');
  t.equal(version('6.18.3', '6.18.3 (me) #2 built on Debian 12.1'), '6.18.3', 'of another series: not the kernel');
  t.equal(versionOfBanner('strange', 'strange'), undefined);
  t.end();
});

t.test('given pairs of package versions, then they are ordered as dpkg orders them', (t) => {
  const versions = [
    '6.17.13-1~bpo13+1',
    '6.17.13-1',
    '6.17.13-2',
    '6.17.13-10',
    '6.17.8-1~bpo13+1',
    '7.3~rc7-1~exp1',
    '7.3-1',
    '7.3.4-1~bpo13+1',
    '6.12.107-1~deb12u1',
    '6.12.107-1',
    '6.1.0-0.deb11.48',
    '1:5.10-1',
    '5.10.262-1',
    '5.10.262-1+b1',
    '5.10.262-1a',
    '5.10.262',
    '5.10~',
    '5.10',
    '0:5.10',
    '5.010',
  ];
  const dpkg = (a: string, operator: string, b: string): boolean => {
    try {
      execFileSync('dpkg', ['--compare-versions', a, operator, b]);
      return true;
    } catch {
      return false;
    }
  };
  const wrong = versions.flatMap((a) =>
    versions.flatMap((b) => {
      const order = comparePackageVersions(a, b);
      return dpkg(a, order < 0 ? 'lt' : order > 0 ? 'gt' : 'eq', b) ? [] : [`${a} ${b}: ${order}`];
    }),
  );
  t.strictSame(wrong, []);
  t.end();
});
