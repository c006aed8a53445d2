import path from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { bugReport } from '../../../harness/report/bug-report.ts';
import { readBundle } from '../../../harness/run/bundle.ts';
import { replay } from '../../../harness/run/replay.ts';
import { fathom, root } from '../../bin/checkout.ts';

const FIXTURES = path.join(import.meta.dirname, '../run/fixtures');
const BUNDLE = path.join(FIXTURES, 'debian-6.17.13-fedora-coreos-2087');

t.before(async () => fathom(root, '--version'));

t.test('given evidence that does not agree, then the report has all that a reader asks for', async (t) => {
  const { exitCode, stdout, stderr } = await fathom(root, 'report', '--profile', 'unchecked', BUNDLE);
  t.equal(stderr, '');
  t.equal(exitCode, 0);
  t.match(stdout, /^# 6\.17\.13\S* fedora-coreos-2087: "overlay on that \(the report\)": EINVAL instead of ok d2$/m);
  t.match(stdout, /^- 6\.17\.13\S*: linux-image-\S+ .*\(debian:6\.17\.13\)$/m, 'the kernel');
  t.match(stdout, /^ovl\(ovl\(erofs\[file,lz4\]\(xfs\)\)\)$/m, 'the topology');
  t.match(stdout, /^\d+\. overlay on that .*expected ok, depth 2, observed EINVAL \*\*disagrees\*\*$/m, 'the step');
  t.match(stdout, /Messages:\n\n```\n<3> overlayfs: maximum fs stacking depth exceeded\n```/);
  t.match(stdout, /^```sh\n#!\/bin\/sh\n/m, 'the reproducer');
});

t.test('given the reproducer in a report, then it is a script that a shell takes', async (t) => {
  const { stdout } = await fathom(root, 'report', BUNDLE);
  const script = /^```sh\n([^]*?)^```$/m.exec(stdout)?.[1] ?? '';
  t.match(await execa('/bin/sh', ['-n'], { input: script, reject: false }), { exitCode: 0, stderr: '' });
});

t.test('given evidence that agrees, then the report says so', async (t) => {
  const { stdout } = await fathom(root, 'report', BUNDLE);
  t.match(stdout, /^# .*: as expected$/m);
  t.match(stdout, /^Every step went as expected\.$/m);
  t.notMatch(stdout, /not as expected/);
});

t.test('given a step in which the kernel died, then its stack is there; and where no script can be, why', async (t) => {
  const bundle = await readBundle(BUNDLE);
  const { kernel, records } = replay(bundle, undefined);
  const text = bugReport({
    fathom: '0',
    recordedAt: bundle.recordedAt,
    scenario: bundle.scenario,
    kernel,
    script: { kind: 'none', why: 'a shell cannot make it' },
    records: records.map((record, index) =>
      index === 1
        ? {
            ...record,
            verdict: {
              kind: 'crashed' as const,
              title: 'BUG: a crash',
              why: 'the kernel crashed',
              consoleTail: 'tail',
            },
            oops: { title: 'BUG: a crash', task: 'agent (pid 42)', chain: ['ovl_fill_super', 'vfs_get_tree'] },
          }
        : record,
    ),
  });
  t.match(
    text,
    /Stack:\n\n```\nBUG: a crash\ntask agent \(pid 42\)\ncall chain, deepest first:\n {2}ovl_fill_super\n {2}vfs_get_tree\n```/,
  );
  t.notMatch(text, /End of the console/, 'the stack says it');
  t.match(text, /There is no script: a shell cannot make it/);
});

t.test('given a directory without one bundle, then the status is 2', async (t) => {
  t.match(await fathom(root, 'report', path.join(root, 'bin')), { exitCode: 2, stderr: /no bundle in/ });
});
