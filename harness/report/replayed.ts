/** What is said of recorded evidence that was judged again: where the verdict is another one than it was. */
import type { StepRecord } from './results.ts';

export interface Rejudged {
  readonly recorded: StepRecord;
  readonly now: StepRecord;
}

/** A line for each step of which something else is said; one that says so where there is none. */
export function differenceLines(differences: readonly Rejudged[], bundles: number): readonly string[] {
  if (differences.length === 0) return [`${bundles === 1 ? 'as' : `${bundles} bundles: all as`} recorded`];
  return differences.map(
    ({ recorded, now }) =>
      `${now.kernel}: ${now.scenario}: "${now.step}": recorded ${said(recorded)}, now ${said(now)}: ${now.verdict.why ?? ''}`,
  );
}

function said({ verdict, predicted }: StepRecord): string {
  const expected = predicted.ok
    ? `ok${predicted.depth === undefined ? '' : ` d${predicted.depth}`}`
    : predicted.unreachable === undefined
      ? `${predicted.errno ?? 'nothing'}${predicted.rule === undefined ? '' : ` by ${predicted.rule}`}`
      : 'not to be tried';
  return `${verdict.kind} (expected ${expected})`;
}
