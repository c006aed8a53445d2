import t from 'tap';
import type { Health } from '../../../harness/cli/doctor.ts';
import { render } from '../../../harness/cli/doctor.ts';
import { fathom, root } from '../../bin/checkout.ts';

const program = { neededFor: 'every machine', debianPackage: 'qemu-system-x86', required: true };
const healthy: Health = {
  ready: true,
  programs: [{ ...program, name: 'qemu', path: '/usr/bin/qemu', version: '7.2' }],
  erofsCompressors: ['lz4'],
  tools: [
    {
      package: 'erofs-utils',
      inCache: [{ package: 'erofs-utils', version: '1.9-1', suite: 'sid', compressors: ['zstd'] }],
    },
    { package: 'composefs', inCache: [] },
  ],
  resources: {
    cores: 2,
    memory: { total: 2 ** 34, free: 2 ** 33 },
    cache: { directory: '/c', diskFree: 2 ** 40, limit: 20 * 2 ** 30 },
  },
  accelerators: { because: 'not asked' },
  archive: { reachable: true, mirrorFrom: "the machine's apt sources" },
};

t.test('given all that is needed, then it says so, in ASCII', async (t) => {
  const text = render(healthy);
  t.match(text, /qemu +7\.2 +every machine/);
  t.match(text, /Ready\.\n$/);
  t.match(text.replaceAll(/\u001b\[\d+m/g, ''), /^[\x00-\x7f]*$/);
});

t.test('given newer tools, then what is in the cache and what it does is told, and what is not', async (t) => {
  const text = render(healthy);
  t.match(text, /erofs-utils +1\.9-1 +of sid, in the cache; compressors: zstd\n/);
  t.match(text, /composefs +none yet +fetched/);
});

t.test('given a missing program, then it is marked, and the last line installs it', async (t) => {
  const text = render({
    ...healthy,
    ready: false,
    programs: [{ ...program, name: 'qemu', path: undefined, version: undefined }],
  });
  t.match(text, /qemu .*MISSING/);
  t.match(text, /Not ready[^]*apt-get install .*qemu-system-x86\n$/);
});

t.test('given an archive that does not answer, then why is said', async (t) => {
  t.match(
    render({ ...healthy, archive: { ...healthy.archive, reachable: false, because: 'no route' } }),
    /archive +.*does not answer.*: no route/,
  );
});

t.test('given this machine, when asked for JSON, then the exit status says what the report says', async (t) => {
  await fathom(root, '--version');
  const { stdout, exitCode } = await fathom(root, 'doctor', '--json');
  const report = JSON.parse(stdout) as { v: number; ready: boolean; archive: { mirrorFrom: string } };
  t.match(report, { v: 1, programs: Array, accelerators: Object, resources: { cores: Number } });
  t.equal(exitCode, report.ready ? 0 : 125);
  t.notMatch(stdout, /:\/\//, 'no mirror is named');
});
