/**
 * Tables of one operation from many clones. Peaks vary from run to run with what came upon the path by chance, so a
 * figure is a distribution, and what is compared is the path that most of the runs took.
 */
import type { Explanation } from './explain.ts';

/** In bytes. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Runs that took the same path: the same functions in the same order. */
export interface Way {
  readonly runs: number;
  readonly pathBytes: number;
  readonly example: Explanation;
}

export interface Distribution {
  readonly runs: number;
  readonly peak: Spread;
  readonly path: Spread;
  /** The path without the allocator and reclaim at its top. */
  readonly withoutMemory: Spread;
  /** Most frequent first; of equals, the deeper one. */
  readonly ways: readonly [Way, ...Way[]];
  /** The table with the highest peak. */
  readonly deepest: Explanation;
}

export function distributionOf(tables: readonly [Explanation, ...Explanation[]]): Distribution {
  const spread = (of: (table: Explanation) => number): Spread => {
    const sorted = tables.map(of).sort((a, b) => a - b);
    return { min: sorted[0]!, median: sorted[Math.floor((sorted.length - 1) / 2)]!, max: sorted.at(-1)! };
  };
  const [first, ...others] = waysOf(tables);
  return {
    runs: tables.length,
    peak: spread(({ peakBytes }) => peakBytes),
    path: spread(({ pathBytes }) => pathBytes),
    withoutMemory: spread(({ withoutMemoryBytes }) => withoutMemoryBytes),
    ways: [first!, ...others],
    deepest: tables.reduce((best, one) => (one.peakBytes > best.peakBytes ? one : best)),
  };
}

function waysOf(tables: readonly Explanation[]): readonly Way[] {
  const ways = new Map<string, { runs: number; pathBytes: number; example: Explanation }>();
  for (const table of tables) {
    const names = table.frames.slice(table.incidental).map(({ frame }) => frame.name);
    const way = ways.get(names.join(' '));
    if (way === undefined) ways.set(names.join(' '), { runs: 1, pathBytes: table.pathBytes, example: table });
    else way.runs++;
  }
  return [...ways.values()].sort((a, b) => b.runs - a.runs || b.pathBytes - a.pathBytes);
}
