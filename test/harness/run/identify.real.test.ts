/** A kernel is told for what it does, and two are told apart; a module that was altered is proof that both can fail. */
import { execa } from 'execa';
import path from 'node:path';
import t from 'tap';
import { dir } from 'tmp-promise';
import { kernelDiffReport } from '../../../harness/report/diff-results.ts';
import { identifiedReport } from '../../../harness/report/identified-results.ts';
import { resolveKernel } from '../../../vm/kernel/resolve.ts';
import { alterDepthLimit } from './altered-module.ts';

const FATHOM = path.resolve('bin/fathom.js');
const QUICK = ['--scenario', 'fedora-coreos-2087', '--no-stack'];

async function fathom(...args: string[]) {
  const { exitCode, stdout, stderr } = await execa('node', [FATHOM, ...args, '--reporter', 'json'], { reject: false });
  t.not(stdout, '', stderr);
  return { exitCode, found: JSON.parse(stdout) as unknown };
}

async function identified(...args: string[]) {
  const { exitCode, found } = await fathom('identify', '--kernel', ...args);
  const [{ kernel, findings }] = identifiedReport.parse(found).kernels as [
    ReturnType<typeof identifiedReport.parse>['kernels'][number],
  ];
  return { exitCode, kernel, departing: findings.filter(({ departs }) => departs) };
}

t.test('given 6.17.13, then it counts, as its version suggests', async (t) => {
  const { exitCode, kernel, departing } = await identified('debian:6.17.13');
  t.equal(kernel.profile, 'counted');
  t.strictSame(departing, []);
  t.equal(exitCode, 0);
});

t.test(
  'given overlay.ko of 6.18.9 with a limit of 3, then that is told, and told to depart; a diff shows it',
  async (t) => {
    const { path: directory, cleanup } = await dir({ unsafeCleanup: true });
    t.teardown(cleanup);
    const kernel = await resolveKernel('debian:6.18.9', { signal: new AbortController().signal });
    const overlay = (await kernel.modules(['overlay'])).find(({ name }) => name === 'overlay');
    const altered = path.join(directory, 'overlay.ko');
    await alterDepthLimit(overlay!.file, altered, 3);
    const { exitCode, departing } = await identified('debian:6.18.9', '--module', `overlay=${altered}`);
    t.match(departing, [{ behaviour: 'maxStackDepth', kind: 'told', value: 3, suggested: 2 }]);
    t.equal(exitCode, 0);
    const diff = await fathom('diff', 'debian:6.18.9', '--module', `overlay=${altered}`, ...QUICK);
    t.equal(diff.exitCode, 1);
    t.match(
      kernelDiffReport.parse(diff.found).differences.map(({ step }) => step),
      ['a third overlay'],
    );
  },
);

t.test('given a kernel and itself, then nothing differs', async (t) => {
  const { exitCode, found } = await fathom('diff', 'debian:6.18.9', 'debian:6.18.9', ...QUICK);
  t.strictSame(kernelDiffReport.parse(found).differences, []);
  t.equal(exitCode, 0);
});
