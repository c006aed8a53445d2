/** Known deviations: a run is green on what its file says is known, and red on what is new, gone or expired. */
import * as z from 'zod';
import { exitStatusOf } from '../judge/verdict.ts';
import type { KnownRecord, Report, StepRecord } from './results.ts';

/** `*` and `?` as in a shell, over the whole word. */
const glob = z.string().min(1);

const entry = z.strictObject({
  kernel: glob.optional(),
  scenario: glob,
  step: glob.optional(),
  /** Which verdicts are known; left out, any but `agrees`. */
  verdict: z.enum(['disagrees', 'crashed', 'hung', 'unsupported', 'broken']).optional(),
  reason: z.string().min(1),
  link: z.url().optional(),
  /** The last day on which it counts, in UTC. */
  expires: z.iso.date(),
});
export type KnownEntry = z.infer<typeof entry>;

/** The file's content: `deviations:`, a list. */
export const knownFile = z.strictObject({ deviations: z.array(entry) });

/** Marks the steps that an entry is about, and says of each entry what has come of it. `today`: YYYY-MM-DD in UTC. */
export function withKnown(report: Report, entries: readonly KnownEntry[], today: string): Report {
  const matchers = entries.map((one) => ({ one, isAbout: matcherOf(one), isExpired: one.expires < today }));
  const counts = new Map<KnownEntry, number>();
  const results = report.results.map((record): StepRecord => {
    const found = matchers.find(({ one, isAbout, isExpired }) => !isExpired && isAbout(record) && isKnown(one, record));
    if (found === undefined) return record;
    counts.set(found.one, (counts.get(found.one) ?? 0) + 1);
    const { reason, link } = found.one;
    return { ...record, known: { reason, ...(link === undefined ? {} : { link }) } };
  });
  const known = matchers.map(({ one, isAbout, isExpired }): KnownRecord => {
    const { reason, link, expires } = one;
    const steps = counts.get(one) ?? 0;
    const tried = report.results.some(isAbout);
    const state = isExpired ? 'expired' : steps > 0 ? 'seen' : tried ? 'gone' : 'not-tried';
    return { entry: inWords(one), reason, ...(link === undefined ? {} : { link }), expires, state, steps };
  });
  return { ...report, results, known };
}

/** That of a run (judge/verdict.ts), known deviations left out; 1 also where an entry is gone or has expired. */
export function exitStatusWithKnown({ results, known = [] }: Report): 0 | 1 | 125 {
  if (known.some(({ state }) => state === 'gone' || state === 'expired')) return 1;
  const open = results.filter((record) => record.known === undefined).map(({ verdict }) => verdict.kind);
  return open.length === 0 && results.length > 0 ? 0 : exitStatusOf(open);
}

/** What is to be done about the file, a line an entry; nothing of those that were seen or not tried. */
export function knownLines({ known = [] }: Report): readonly string[] {
  return known.flatMap(({ entry: words, reason, expires, state }) => {
    if (state === 'gone') return [`known deviation no longer seen, take it out of the file: ${words} (${reason})`];
    if (state === 'expired') return [`known deviation expired on ${expires}, look at it again: ${words} (${reason})`];
    return [];
  });
}

function matcherOf({ kernel = '*', scenario, step = '*' }: KnownEntry): (record: StepRecord) => boolean {
  const [k, s, t] = [kernel, scenario, step].map(patternOf) as [RegExp, RegExp, RegExp];
  return (record) =>
    (k.test(record.kernel) || k.test(record.release)) && s.test(record.scenario) && t.test(record.step);
}

function isKnown({ verdict: wanted }: KnownEntry, { verdict: { kind } }: StepRecord): boolean {
  return wanted === undefined ? kind !== 'agrees' : kind === wanted;
}

function patternOf(words: string): RegExp {
  const source = words
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}

function inWords({ kernel, scenario, step, verdict }: KnownEntry): string {
  const parts = [scenario, ...(step === undefined ? [] : [`"${step}"`]), ...(verdict === undefined ? [] : [verdict])];
  return `${parts.join(': ')}${kernel === undefined ? '' : ` on ${kernel}`}`;
}
