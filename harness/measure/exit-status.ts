/**
 * Exit status of `fathom stack`: 0 all measured; 1 the kernel crashed, hung, disagrees, or warned of itself while it was
 * measured; 125 nothing could be said.
 */
import { parseReports } from '../observe/oops/report.ts';
import type { Figure } from './figure.ts';

export function exitStatusOf(figures: readonly Figure[]): 0 | 1 | 125 {
  const kinds = new Set(figures.flatMap(({ measurement }) => measurement.failures.map(({ kind }) => kind)));
  if (kinds.has('crashed') || kinds.has('hung') || kinds.has('disagrees') || figures.some(warnedOfItself)) return 1;
  const unmeasured = figures.some(
    ({ measurement: { samples, failures } }) =>
      samples.length === 0 && !failures.some(({ kind }) => kind === 'refused'),
  );
  // Where nothing was measured, as of a refused mount, there was nothing for the pressure to reach.
  const unreached = figures.some(({ reached, measurement: { samples } }) => !reached && samples.length > 0);
  return unmeasured || unreached || kinds.has('unsupported') || kinds.has('broken') ? 125 : 0;
}

/** Memory that runs out is what a pressure is for, and no fault of the kernel. */
function warnedOfItself({ measurement: { samples } }: Figure): boolean {
  return samples.some(({ warnings }) => parseReports(warnings.join('\n')).some(({ kind }) => kind !== 'out-of-memory'));
}
