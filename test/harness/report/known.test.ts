/** Known deviations: what is known is green, what is new, gone or expired is red. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import {
  exitStatusWithKnown,
  knownFile,
  knownLines,
  withKnown,
  type KnownEntry,
} from '../../../harness/report/known.ts';
import { pretty } from '../../../harness/report/pretty.ts';
import type { Style } from '../../../harness/report/reporter.ts';
import { report as schema } from '../../../harness/report/results.ts';
import { readKnown } from '../../../harness/cli/known-option.ts';

/** As pretty.test.ts says where it is from: 6.17.13 disagrees in two scenarios, and another kernel lacks its modules. */
const whole = schema.parse(
  JSON.parse(readFileSync(path.join(import.meta.dirname, 'fixtures/disagreement.json'), 'utf8')),
);
const RECORDED = { ...whole, results: whole.results.filter(({ kernel }) => kernel === 'debian:6.17.13') };
const same = (text: string): string => text;
const PLAIN: Style = { bold: same, dim: same, good: same, bad: same, odd: same, columns: Infinity };
const TODAY = '2026-11-27';

const entry = (parts: Partial<KnownEntry>): KnownEntry => ({
  scenario: '*',
  reason: 'known',
  expires: '2027-01-01',
  ...parts,
});
const judged = (...entries: readonly KnownEntry[]) => withKnown(RECORDED, entries, TODAY);

t.test('given deviations that are all known, then the run is green; without one of them it is not', (t) => {
  const two = [entry({ scenario: 'fedora-*' }), entry({ scenario: 'apex' })];
  t.equal(exitStatusWithKnown(judged()), 1);
  t.equal(exitStatusWithKnown(judged(...two)), 0);
  t.equal(exitStatusWithKnown(judged(two[0]!)), 1, 'what is new is red');
  t.equal(
    exitStatusWithKnown(judged(two[0]!, entry({ scenario: 'apex', verdict: 'disagrees' }))),
    125,
    'what stands on it',
  );
  t.equal(exitStatusWithKnown(judged(two[0]!, entry({ scenario: 'apex', verdict: 'crashed' }))), 1);
  t.end();
});

t.test('given a kernel that deviates as is known, then no line says that it behaves without saying so', (t) => {
  const text = pretty.render(judged(entry({ scenario: 'fedora-*' }), entry({ scenario: 'apex' })), PLAIN);
  t.match(text, /behaves as its profile says \(\S+\), but for what is known\n/);
  t.notMatch(text, /behaves as its profile says:/);
  t.match(pretty.render(judged(), PLAIN), /does not behave as its profile says/);
  t.end();
});

t.test('given patterns, then they are of the whole word, and characters of regular expressions are themselves', (t) => {
  const steps = (parts: Partial<KnownEntry>): number => judged(entry(parts)).known![0]!.steps;
  t.ok(steps({ scenario: 'fedora-coreos-2087', step: 'overlay on that (the report)' }) === 1);
  t.equal(steps({ scenario: 'fedora' }), 0);
  t.equal(steps({ scenario: '.*' }), 0);
  t.ok(steps({ kernel: 'debian:6.17.*' }) > 0);
  t.ok(steps({ kernel: '6.17.13+deb13-*' }) > 0, 'the release will do');
  t.equal(steps({ kernel: 'debian:6.17.1?' }), steps({ kernel: 'debian:6.17.13' }));
  t.equal(steps({ kernel: 'debian:6.17.1' }), 0);
  t.end();
});

t.test('given what is gone, expired or not tried, then the first two are red and said, the last is neither', (t) => {
  const all = [entry({ scenario: 'fedora-*' }), entry({ scenario: 'apex' })];
  const gone = judged(...all, entry({ scenario: 'apex', step: 'overlay on it', reason: 'was slow' }));
  t.equal(exitStatusWithKnown(gone), 1);
  t.match(knownLines(gone), [/no longer seen, take it out of the file: apex: "overlay on it" \(was slow\)/]);
  const expired = judged(entry({ scenario: 'fedora-*' }), entry({ scenario: 'apex', expires: '2026-11-26' }));
  t.equal(exitStatusWithKnown(expired), 1);
  t.match(knownLines(expired), [/expired on 2026-11-26/]);
  t.equal(
    exitStatusWithKnown(judged(entry({ scenario: 'fedora-*' }), entry({ scenario: 'apex', expires: TODAY }))),
    0,
    'to the end of its day',
  );
  const other = judged(...all, entry({ scenario: 'live-medium' }));
  t.equal(exitStatusWithKnown(other), 0);
  t.strictSame(knownLines(other), []);
  t.equal(other.known![2]!.state, 'not-tried');
  t.end();
});

t.test('given a report with all this in it, then the schema takes it', (t) => {
  t.ok(schema.safeParse(judged(entry({ link: 'https://example.org/1' }))).success);
  t.end();
});

t.test('given a file, then it is read, or its fault is told with its place', async (t) => {
  const file = (text: string): string => path.join(t.testdir({ 'known.yaml': text }), 'known.yaml');
  const good = 'deviations:\n  - scenario: apex\n    reason: r\n    expires: 2027-01-01\n';
  t.strictSame(await readKnown(file(good)), [entry({ scenario: 'apex', reason: 'r' })]);
  const refused = (text: string, message: RegExp) => t.rejects(readKnown(file(text)), { name: 'UsageError', message });
  await refused('a: [', /known\.yaml is no YAML: .*line 1/s);
  await refused('', /no list of known deviations/);
  await refused(good.replace('    reason: r\n', ''), /deviations\[0\]\.reason/);
  await refused(good.replace('2027-01-01', 'soon'), /deviations\[0\]\.expires/);
  await refused(good.replace('scenario', 'scenarios'), /scenarios/);
  await t.rejects(readKnown('/nonexistent/known.yaml'), { name: 'UsageError', message: /ENOENT/ });
  t.ok(knownFile.safeParse({ deviations: [] }).success);
});
