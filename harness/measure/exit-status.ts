/** Exit status of `fathom stack`: 0 all measured; 1 the kernel crashed, hung or disagrees; 125 nothing could be said. */
import type { Figure } from './figure.ts';

export function exitStatusOf(figures: readonly Figure[]): 0 | 1 | 125 {
  const kinds = new Set(figures.flatMap(({ measurement }) => measurement.failures.map(({ kind }) => kind)));
  if (kinds.has('crashed') || kinds.has('hung') || kinds.has('disagrees')) return 1;
  const unmeasured = figures.some(
    ({ measurement: { samples, failures } }) =>
      samples.length === 0 && !failures.some(({ kind }) => kind === 'refused'),
  );
  // Where nothing was measured, as of a refused mount, there was nothing for the pressure to reach.
  const unreached = figures.some(({ reached, measurement: { samples } }) => !reached && samples.length > 0);
  return unmeasured || unreached || kinds.has('unsupported') || kinds.has('broken') ? 125 : 0;
}
