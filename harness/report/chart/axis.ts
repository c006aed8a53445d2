/** From bytes to pixels, and where the marks are. */
import type { ChartRow } from './chart.ts';

export interface Axis {
  readonly endBytes: number;
  readonly marks: readonly { readonly bytes: number; readonly major: boolean }[];
  readonly x: (bytes: number) => number;
}

/** A little past the largest stack, or past the deepest peak where one went or is predicted to go beyond. */
export function axisOf(rows: readonly ChartRow[], left: number, width: number): Axis {
  const furthest = Math.max(
    ...rows.flatMap(({ threadSizeBytes, peakBytes, spread }) => [threadSizeBytes, peakBytes, spread?.maxBytes ?? 0]),
  );
  const step = stepFor(furthest);
  const last = Math.ceil(furthest / step) * step;
  const endBytes = last * 1.01;
  const marks = Array.from({ length: last / step + 1 }, (_, i) => ({ bytes: i * step, major: i % 2 === 0 }));
  return { endBytes, marks, x: (bytes) => left + (bytes / endBytes) * width };
}

/** 2 KB, and at most twelve steps and at least four on smaller and larger stacks than 16 KB. */
function stepFor(furthest: number): number {
  let step = 2048;
  while (furthest / step > 12) step *= 2;
  while (furthest / step < 4) step /= 2;
  return step;
}
