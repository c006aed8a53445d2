/** Prediction against observation: every kind of verdict, and why. */
import t from 'tap';
import { judgeRun, type Digest, type Judgement } from '../../../harness/judge/judge.ts';
import type { VerdictKind } from '../../../harness/judge/verdict.ts';
import type { Prediction } from '../../../harness/model/prediction.ts';
import { fromContext, logged } from '../../../harness/model/rules/rule.ts';
import type { RunOutcome } from '../../../vm/machine.ts';
import {
  completed,
  DEPTH_EXCEEDED,
  ended,
  failed,
  mounts,
  ok,
  predicted,
  refused,
  said,
  skipped,
  unreachable,
} from './results.ts';

const digest: Digest = ({ base, edits }) =>
  [base.kind === 'text' ? base.text : base.seed, ...edits.map((edit) => (edit.kind === 'write' ? edit.text : ''))].join(
    '+',
  );

function judge(predictions: readonly Prediction[], outcome: RunOutcome): readonly Judgement[] {
  return judgeRun(predicted(...predictions), outcome, digest);
}

type Case = readonly [title: string, Prediction, RunOutcome, kind: VerdictKind, why: RegExp];

const withMessages = (...messages: Extract<Prediction, { kind: 'ok' }>['messages']): Prediction => ({
  ...mounts,
  messages,
});
const contents: Prediction = {
  kind: 'ok',
  contents: { base: { kind: 'text', text: 'a' }, edits: [{ kind: 'write', offset: 1, text: 'b' }] },
  messages: [],
  why: 'the contents are those that went in',
};
const success = /^erofs \(device [^)]+\): mounted with root inode @ nid \d+\.$/;

const CASES: readonly Case[] = [
  ['a success', mounts, completed([ok('a')]), 'agrees', /ovl\(xfs\) has depth 1/],
  [
    'a refusal with its message',
    refused,
    completed([failed('a', 'EINVAL', [said(DEPTH_EXCEEDED)])]),
    'agrees',
    /depth 3 > 2/,
  ],
  [
    'a refusal that mounts',
    refused,
    completed([ok('a')]),
    'disagrees',
    /rule D3 refuses it \(depth 3 > 2\), and the kernel did it/,
  ],
  [
    'a success that is refused',
    mounts,
    completed([failed('a', 'EINVAL', [said(DEPTH_EXCEEDED)])]),
    'disagrees',
    /mount gave EINVAL, saying "overlayfs: maximum/,
  ],
  [
    'another errno',
    refused,
    completed([failed('a', 'ELOOP', [said(DEPTH_EXCEEDED)])]),
    'disagrees',
    /rule D3 gives EINVAL .* mount gave ELOOP/,
  ],
  [
    'a refusal whose errno is chance',
    { ...refused, unknown: 'what lies in memory' },
    completed([failed('a', 'EINVAL', [said(DEPTH_EXCEEDED)])]),
    'unsupported',
    /does not know what lies in memory/,
  ],
  [
    'a success where only the errno of the refusal is chance',
    { ...refused, unknown: 'what lies in memory' },
    completed([ok('a')]),
    'disagrees',
    /D3 refuses it/,
  ],
  [
    'the errno without the message',
    refused,
    completed([failed('a', 'EINVAL')]),
    'disagrees',
    /rule D3 owes the kernel log a message like/,
  ],
  [
    'a message of another rule beside it',
    refused,
    completed([failed('a', 'EINVAL', [said(DEPTH_EXCEEDED), said('overlayfs: other', 4)])]),
    'disagrees',
    /no rule predicts: "overlayfs: other" \(level 4\)/,
  ],
  [
    'a warning with a success',
    mounts,
    completed([ok('a', { messages: [said('WARNING: CPU: 0', 4)] })]),
    'disagrees',
    /no rule predicts: "WARNING: CPU: 0"/,
  ],
  [
    'a notice with a success',
    mounts,
    completed([ok('a', { messages: [said('XFS (vda): Mounting V5 Filesystem', 5)] })]),
    'agrees',
    /depth 1/,
  ],
  [
    'a warning of user space',
    mounts,
    completed([ok('a', { messages: [said('systemd: late', 3, 3)] })]),
    'agrees',
    /depth 1/,
  ],
  [
    'noise of a slow machine',
    mounts,
    completed([ok('a', { messages: [said('hrtimer: interrupt took 900000 ns', 4)] })]),
    'agrees',
    /depth 1/,
  ],
  [
    'a message owed at a low level, there',
    withMessages(logged('E28', success)),
    completed([ok('a', { messages: [said('erofs (device 0:40): mounted with root inode @ nid 36.', 6)] })]),
    'agrees',
    /depth 1/,
  ],
  [
    'a message owed at a low level, absent',
    withMessages(logged('E28', success)),
    completed([ok('a')]),
    'disagrees',
    /rule E28 owes the kernel log/,
  ],
  [
    'a message that may come and does not',
    withMessages(logged('B1', /^XFS/, 'possible')),
    completed([ok('a')]),
    'agrees',
    /depth 1/,
  ],
  [
    'a message that may come and does',
    withMessages(logged('B1', /^XFS/, 'possible')),
    completed([ok('a', { messages: [said('XFS (vda): EXPERIMENTAL', 4)] })]),
    'agrees',
    /depth 1/,
  ],
  [
    'a line owed to the context, there',
    withMessages(fromContext('E26', 'fsopen', 'erofs: x')),
    completed([ok('a', { context: ['e erofs: x'] })]),
    'agrees',
    /depth 1/,
  ],
  [
    'a line owed to the context, in the log',
    withMessages(fromContext('E26', 'fsopen', 'erofs: x')),
    completed([ok('a', { messages: [said('erofs: x')], context: [] })]),
    'disagrees',
    /E26 owes the mount context's log/,
  ],
  [
    'a line of the context that nobody owes',
    mounts,
    completed([ok('a', { context: ['w erofs: y'] })]),
    'disagrees',
    /mount context said what no rule predicts: "w erofs: y"/,
  ],
  ['a note of the context', mounts, completed([ok('a', { context: ['i erofs: y'] })]), 'agrees', /depth 1/],
  ['the contents that went in', contents, completed([ok('a', { sha256: 'a+b' })]), 'agrees', /went in/],
  ['other contents', contents, completed([ok('a', { sha256: 'a' })]), 'disagrees', /sha256 a, not a\+b/],
  ['contents without a digest', contents, completed([ok('a')]), 'disagrees', /sha256 none, not a\+b/],
  ['an unreachable step that is skipped', unreachable('x'), completed([skipped('a', 'x')]), 'agrees', /stands on "x"/],
  [
    'an unreachable step that is tried and works',
    unreachable('x'),
    completed([ok('a')]),
    'disagrees',
    /it was there to be tried/,
  ],
  [
    'an unreachable step that is tried and fails',
    unreachable('x'),
    completed([failed('a', 'EINVAL')]),
    'disagrees',
    /it was there to be tried/,
  ],
  [
    'a step skipped for one that should have worked',
    mounts,
    completed([skipped('a', 'x')]),
    'unsupported',
    /not tried: "x" did not succeed/,
  ],
  [
    'a set-up that failed',
    mounts,
    completed([failed('set-up: mkdir /u', 'ENOSPC', [], 'mkdir'), skipped('a', 'set-up: mkdir /u')]),
    'broken',
    /"set-up: mkdir \/u" failed: mkdir gave ENOSPC/,
  ],
  [
    'a set-up that failed three steps below',
    mounts,
    completed([
      failed('set-up: 1', 'EIO'),
      skipped('set-up: 2', 'set-up: 1'),
      skipped('set-up: 3', 'set-up: 2'),
      skipped('a', 'set-up: 3'),
    ]),
    'broken',
    /"set-up: 1" failed/,
  ],
  [
    'a failed set-up below an unreachable step',
    unreachable('x'),
    completed([failed('set-up: 1', 'EIO'), skipped('a', 'set-up: 1')]),
    'broken',
    /"set-up: 1" failed/,
  ],
  [
    'a set-up skipped for a refused step',
    unreachable('x'),
    completed([skipped('set-up: 1', 'x'), skipped('a', 'set-up: 1')]),
    'agrees',
    /stands on "x"/,
  ],
  [
    'a set-up skipped for a step that should have worked',
    mounts,
    completed([skipped('set-up: 1', 'x'), skipped('a', 'set-up: 1')]),
    'unsupported',
    /"x" did not succeed/,
  ],
  [
    'a warning of the set-up before it',
    mounts,
    completed([ok('set-up: 1', { messages: [said('XFS (vda): Corruption', 1)] }), ok('a')]),
    'disagrees',
    /"XFS \(vda\): Corruption"/,
  ],
  [
    'a warning after the last step',
    mounts,
    completed([ok('a')], [said('VFS: Busy inodes after unmount', 1)]),
    'disagrees',
    /Busy inodes/,
  ],
  [
    'a log with gaps',
    mounts,
    completed([ok('a', { messages: [said('fathom: 12 records lost', 4, 1)] })]),
    'broken',
    /log is not whole/,
  ],
  ['no result at all', mounts, completed([]), 'broken', /without a result for this step/],
];

for (const [title, prediction, outcome, kind, why] of CASES)
  t.test(`given ${title}, then ${kind}`, (t) => {
    const [judgement] = judge([prediction], outcome);
    t.equal(judgement?.verdict.kind, kind);
    t.match(judgement?.verdict.why, why);
    t.end();
  });

t.test('given a disagreement, then it shows both sides as short as a table cell', (t) => {
  t.match(judge([refused], completed([ok('a')]))[0]?.verdict, { expected: 'EINVAL', observed: 'ok' });
  t.match(judge([mounts], completed([failed('a', 'EIO')]))[0]?.verdict, { expected: 'ok d1', observed: 'EIO' });
  t.match(judge([unreachable('x')], completed([ok('a')]))[0]?.verdict, { expected: '-', observed: 'ok' });
  t.end();
});

t.test('given two steps, then what is said in the set-up of the second is not held against the first', (t) => {
  const verdicts = judge(
    [mounts, mounts],
    completed([ok('a'), ok('set-up: 1', { messages: [said('late', 3)] }), ok('b')]),
  ).map(({ verdict }) => verdict.kind);
  t.strictSame(verdicts, ['agrees', 'disagrees']);
  t.end();
});

t.test('given a warning after the last step, when that step was skipped, then it goes to the last that ran', (t) => {
  const outcome = completed([failed('a', 'EINVAL', [said(DEPTH_EXCEEDED)]), skipped('b', 'a')], [said('late', 2)]);
  const verdicts = judge([refused, unreachable('a')], outcome).map(({ verdict }) => verdict.kind);
  t.strictSame(verdicts, ['disagrees', 'agrees']);
  t.end();
});

const ENDINGS = [
  [
    'crashed',
    { kind: 'crashed', step: 'b', title: 'BUG: x', consoleTail: 'tail' },
    'crashed',
    /crashed in "b": BUG: x/,
  ],
  [
    'hung',
    { kind: 'hung', step: 'b', where: 'D state', consoleTail: 'tail' },
    'hung',
    /no answer in time in "b": D state/,
  ],
  [
    'lost',
    { kind: 'lost', step: undefined, reason: 'QEMU ended', consoleTail: '' },
    'broken',
    /machine was lost: QEMU ended/,
  ],
] as const;

for (const [title, ending, kind, why] of ENDINGS) {
  t.test(`given a guest that is ${title} in a step, then that step is ${kind} and the rest was not run`, (t) => {
    const [first, second, third] = judge([mounts, mounts, refused], ended([ok('a')], ending));
    t.equal(first?.verdict.kind, 'agrees');
    t.equal(second?.verdict.kind, kind);
    t.match(second?.verdict.why, why);
    t.equal(second?.observation, undefined);
    t.match(third?.verdict, { kind: 'unsupported', why: /not run: .* in "b"/ });
    t.end();
  });

  t.test(
    `given a guest that is ${title} after the last step, then the last step is ${kind}, and its own verdict is told`,
    (t) => {
      const [first, second] = judge([mounts, refused], ended([ok('a'), ok('b')], { ...ending, step: undefined }));
      t.equal(first?.verdict.kind, 'agrees');
      t.match(second?.verdict, { kind, why: /^after the last step, .*; the step itself disagrees: rule D3/ });
      t.end();
    },
  );
}

t.test('given a guest that crashed in a set-up, then the step that it was for is crashed', (t) => {
  const outcome = ended([ok('a')], { kind: 'crashed', step: 'set-up: mount xfs', title: 'Oops', consoleTail: '' });
  const [, second] = judge([mounts, mounts], outcome);
  t.match(second?.verdict, { kind: 'crashed', title: 'Oops', why: /in "set-up: mount xfs"/ });
  t.end();
});

t.test('given no steps, then nothing is judged, whatever the end', (t) => {
  t.strictSame(judge([], ended([], { kind: 'hung', step: undefined, where: '', consoleTail: '' })), []);
  t.end();
});
