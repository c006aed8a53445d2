/** fathom must see a wrong kernel, or its passes are worth nothing. */
import { execa } from 'execa';
import path from 'node:path';
import t from 'tap';
import { dir } from 'tmp-promise';
import { report, type StepRecord } from '../../../harness/report/results.ts';
import { resolveKernel } from '../../../vm/kernel/resolve.ts';
import { alterDepthLimit, alterText } from './altered-module.ts';

const FATHOM = path.resolve('bin/fathom.js');
const { signal } = new AbortController();

async function fathom(...args: string[]) {
  const { exitCode, stdout, stderr } = await execa('node', [FATHOM, 'run', '--reporter', 'json', ...args], {
    reject: false,
  });
  t.not(stdout, '', stderr);
  return { exitCode, results: report.parse(JSON.parse(stdout)).results };
}

/** A copy of the shipped overlay.ko of 6.18.9 with another limit. */
async function alteredOverlay(directory: string, limit: number, options: { keepSignature?: boolean } = {}) {
  const altered = path.join(directory, 'overlay.ko');
  await alterDepthLimit(await shippedOverlay(), altered, limit, options);
  return altered;
}

async function shippedOverlay(): Promise<string> {
  const kernel = await resolveKernel('debian:6.18.9', { signal });
  return (await kernel.modules(['overlay'])).find(({ name }) => name === 'overlay')!.file;
}

function named(results: readonly StepRecord[], kind: StepRecord['verdict']['kind']): readonly string[] {
  return results.filter(({ verdict }) => verdict.kind === kind).map(({ step }) => step);
}

t.test('given overlay.ko with a limit of 3, then what now mounts disagrees, and the exit status is 1', async (t) => {
  await using temporary = await temporaryDirectory();
  const altered = await alteredOverlay(temporary.path, 3);
  const { exitCode, results } = await fathom(
    'fedora-coreos-2087',
    'nested-file-backed',
    '--kernel',
    'debian:6.18.9',
    '--module',
    `overlay=${altered}`,
  );
  t.equal(exitCode, 1);
  t.same(named(results, 'disagrees'), ['a third overlay']);
  t.match(results.find(({ step }) => step === 'a third overlay')?.verdict.why, /rule D3/);
  t.same(named(results, 'broken'), []);
  t.same(named(results, 'unsupported'), []);
});

t.test('given overlay.ko with a limit of 1, then what no longer mounts disagrees', async (t) => {
  await using temporary = await temporaryDirectory();
  const altered = await alteredOverlay(temporary.path, 1);
  const { exitCode, results } = await fathom(
    'fedora-coreos-2087',
    '--kernel',
    'debian:6.18.9',
    '--module',
    `overlay=${altered}`,
  );
  t.equal(exitCode, 1);
  t.same(named(results, 'disagrees'), ['overlay on that (the report)', 'loop: overlay on that']);
});

t.test('given overlay.ko that knows another word for an option, then its rules disagree, and no others', async (t) => {
  await using temporary = await temporaryDirectory();
  const altered = path.join(temporary.path, 'overlay.ko');
  // One byte: `userxattr` becomes an option that overlayfs does not know.
  await alterText(await shippedOverlay(), altered, 'nfs_export\0userxattr\0xino', 'nfs_export\0userxattx\0xino');
  const { exitCode, results } = await fathom(
    'overlay-options',
    '--kernel',
    'debian:6.18.9',
    '--module',
    `overlay=${altered}`,
  );
  t.equal(exitCode, 1);
  const wrong = named(results, 'disagrees');
  t.ok(wrong.includes('userxattr') && wrong.includes('userxattr,metacopy=on'), wrong.join('; '));
  t.ok(
    wrong.every((step) => step.includes('userxattr')),
    wrong.join('; '),
  );
  t.same(named(results, 'broken'), []);
});

t.test(
  'given 6.17.13 and the profile of kernels with the fix, then the #2087 step disagrees, and only where the profiles differ',
  async (t) => {
    const { exitCode, results } = await fathom(
      'fedora-coreos-2087',
      '--kernel',
      'debian:6.17.13',
      '--profile',
      'no-stacked-backing',
    );
    t.equal(exitCode, 1);
    t.same(named(results, 'disagrees'), ['overlay on that (the report)']);
    const report = results.find(({ step }) => step === 'overlay on that (the report)');
    t.match(report?.verdict, { expected: 'ok d2', observed: 'EINVAL' });
    t.same(named(results, 'broken'), []);
  },
);

t.test(
  'given an overlay.ko whose signature no longer fits, then the refusal is reported as such and nothing is judged',
  async (t) => {
    await using temporary = await temporaryDirectory();
    const altered = await alteredOverlay(temporary.path, 3, { keepSignature: true });
    const { exitCode, results } = await fathom(
      'fedora-coreos-2087',
      '--kernel',
      'debian:6.18.9',
      '--module',
      `overlay=${altered}`,
    );
    t.equal(exitCode, 125);
    t.ok(
      results.every(
        ({ verdict }) => verdict.kind === 'unsupported' && verdict.why?.includes('refused module overlay') === true,
      ),
    );
  },
);

async function temporaryDirectory() {
  const { path, cleanup } = await dir({ unsafeCleanup: true });
  return { path, [Symbol.asyncDispose]: cleanup };
}
