/**
 * The reporters that machines read, on one report with an agreement, a disagreement, a crash, a hang, an unsupported and a
 * broken step: recorded runs, of which some verdicts are put in the place of others.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { Parser } from 'tap-parser';
import { html } from '../../../harness/report/html.ts';
import { junit } from '../../../harness/report/junit.ts';
import { withKnown } from '../../../harness/report/known.ts';
import { markdown } from '../../../harness/report/markdown.ts';
import { pretty } from '../../../harness/report/pretty.ts';
import type { Style } from '../../../harness/report/reporter.ts';
import { report as schema, type Report, type StepRecord } from '../../../harness/report/results.ts';
import { tap } from '../../../harness/report/tap.ts';

const same = (text: string): string => text;
const PLAIN: Style = { bold: same, dim: same, good: same, bad: same, odd: same, columns: Infinity };

/** As pretty.test.ts says where it is from: a disagreement, and a kernel without its modules. */
const RECORDED = schema.parse(
  JSON.parse(readFileSync(path.join(import.meta.dirname, 'fixtures/disagreement.json'), 'utf8')),
);

/** One run that came to all of them by itself: recorded with `node .ci/record-verdicts.js`. */
const REAL = schema.parse(
  JSON.parse(readFileSync(path.join(import.meta.dirname, 'fixtures/every-verdict.json'), 'utf8')),
);
const KINDS = ['agrees', 'disagrees', 'crashed', 'hung', 'unsupported', 'broken'] as const;

/** What a kernel may say is no markup of any form. */
const NASTY = 'a\u0001b <script>alert(1)</script> ]]> & "quoted" | `````` # TODO not so\n  ---\n- x: [';

const CRASHED: StepRecord['verdict'] = {
  kind: 'crashed',
  title: 'BUG: unable to handle page fault',
  why: 'the kernel crashed in "contents through both": BUG: unable to handle page fault',
  consoleTail: `[    1.2] ${NASTY}\n[    1.3] Kernel panic - not syncing: Fatal exception`,
};
const HUNG: StepRecord['verdict'] = {
  kind: 'hung',
  where: 'in ovl_read_iter < vfs_read',
  why: 'no answer in time: in ovl_read_iter < vfs_read',
  consoleTail: '',
};
const BROKEN: StepRecord['verdict'] = { kind: 'broken', why: NASTY };

/** Of the recorded run, its last three agreements otherwise. */
function withEverything(): Report {
  const results = [...RECORDED.results];
  const agreeing = results.flatMap(({ verdict }, index) => (verdict.kind === 'agrees' ? [index] : []));
  const [crash, hang, broken] = agreeing.slice(-3) as [number, number, number];
  results[crash] = {
    ...results[crash]!,
    verdict: CRASHED,
    oops: { title: 'BUG: unable to handle page fault', chain: ['ovl_iterate', '2 times:', '  vfs_read'] },
    stack: { pathBytes: 9000, predictedBytes: 8800, peakBytes: 9400 },
  };
  results[hang] = { ...results[hang]!, verdict: HUNG };
  results[broken] = { ...results[broken]!, verdict: BROKEN };
  return schema.parse({ ...RECORDED, results });
}

const REPORT = withEverything();
const countOf = (kind: string): number => REPORT.results.filter(({ verdict }) => verdict.kind === kind).length;

t.test('given every kind of verdict, then each form of the report is as it was looked at', (t) => {
  for (const kind of KINDS) t.ok(countOf(kind) > 0, `there is one that ${kind}`);
  for (const reporter of [tap, junit, markdown, html]) t.matchSnapshot(reporter.render(REPORT, PLAIN), reporter.name);
  t.end();
});

t.test('given a run with every kind of verdict as it was recorded, then each form is as it was looked at', (t) => {
  const seen = new Set(REAL.results.map(({ verdict }) => verdict.kind));
  t.strictSame([...seen].sort(), [...KINDS].sort());
  for (const reporter of [pretty, tap, junit, markdown, html])
    t.matchSnapshot(reporter.render(REAL, PLAIN), `recorded: ${reporter.name}`);
  t.end();
});

t.test('given TAP, then its parser reads version 14 with subtests, and counts as we do', (t) => {
  const text = tap.render(REPORT, PLAIN);
  const { ok, kernels, points } = parsed(text);
  t.notOk(ok);
  t.match(kernels, [/^debian:6\.17\.13 \(6\.17\.13\S*\)$/, /^image:/]);
  t.equal(points.length, REPORT.results.length);
  t.equal(points.filter(({ skip }) => skip).length, countOf('unsupported'));
  t.equal(
    points.filter((point) => !point.ok).length,
    REPORT.results.length - countOf('agrees') - countOf('unsupported'),
  );
  const crash = points.find(({ diag }) => diag?.['verdict'] === 'crashed');
  t.match(crash?.diag, { why: CRASHED.why, chain: ['ovl_iterate', '2 times:', '  vfs_read'], console: Array });
  t.equal(points.find(({ diag }) => diag?.['verdict'] === 'broken')?.diag?.['why'], NASTY, 'as it was, through YAML');
  t.match(tap.render({ ...REPORT, interrupted: true }, PLAIN), /\nBail out! interrupted.*\n$/);
  t.end();
});

t.test('given known deviations, then TAP has them as TODO and JUnit skips them: nothing fails for them', (t) => {
  const entry = { scenario: '*', reason: 'known # and not a directive', expires: '2999-01-01' };
  const known = withKnown(RECORDED, [entry], '2026-11-27');
  const { ok, points } = parsed(tap.render(known, PLAIN));
  t.ok(ok);
  t.equal(points.filter(({ todo }) => todo === entry.reason).length, points.filter((point) => !point.ok).length);
  t.match(junit.render(known, PLAIN), /failures="0" errors="0"/);
  t.end();
});

t.test('given JUnit, then failures are the kernel’s, errors fathom’s, and the counts are those of the cases', (t) => {
  const text = junit.render(REPORT, PLAIN);
  const count = (pattern: RegExp): number => [...text.matchAll(pattern)].length;
  t.equal(count(/<testcase /g), REPORT.results.length);
  t.equal(
    count(/<failure type="(disagrees|crashed|hung)"/g),
    countOf('disagrees') + countOf('crashed') + countOf('hung'),
  );
  t.equal(count(/<error type="broken"/g), countOf('broken'));
  t.equal(count(/<skipped /g), countOf('unsupported'));
  const [, tests, failures, errors, skipped] =
    /<testsuites name="fathom" tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="(\d+)"/.exec(text) ?? [];
  t.strictSame([tests, failures, errors, skipped].map(Number), [
    REPORT.results.length,
    count(/<failure /g),
    count(/<error /g),
    count(/<skipped /g),
  ]);
  t.notMatch(text, /[\0-\x08]|<script>/, 'nothing that XML cannot hold, and no markup of the kernel');
  t.end();
});

t.test('given Markdown, then a fence that is in the text does not end the block, and cells have no bars', (t) => {
  const text = markdown.render(REPORT, PLAIN);
  const [, fence = ''] = /^(`{3,})text$/m.exec(text) ?? [];
  t.equal(fence.length, 7, 'longer than the six in the message');
  t.match(text, /\n\| fedora-coreos-2087 \| .*\|\n/);
  t.end();
});

t.test('given HTML, then what the kernel said is text, every link leads somewhere and nothing is fetched', (t) => {
  const text = html.render(REPORT, PLAIN);
  t.notMatch(text, /<script/);
  t.notMatch(text, /(src|href)="(?!#)/, 'no other file');
  const ids = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id));
  for (const [, target = ''] of text.matchAll(/href="#([^"]+)"/g)) t.ok(ids.has(target), target);
  t.match(text, /prefers-color-scheme:dark/);
  t.match(text, /path 9000 of 16384 bytes/);
  t.end();
});

interface Parsed {
  readonly ok: boolean;
  readonly kernels: readonly string[];
  /** Of steps. */
  readonly points: readonly {
    readonly ok: boolean;
    readonly skip: boolean | string;
    readonly todo: boolean | string;
    readonly diag: Readonly<Record<string, unknown>> | undefined;
  }[];
}

function parsed(text: string): Parsed {
  const kernels: string[] = [];
  const points: Parsed['points'][number][] = [];
  const parser = new Parser({ strict: true });
  parser.on('child', (kernel: Parser) => {
    kernels.push(kernel.name);
    kernel.on('child', (scenario: Parser) => {
      scenario.on('assert', (result: Parsed['points'][number]) => points.push(result));
    });
  });
  parser.end(text);
  return { ok: parser.ok, kernels, points };
}
