/**
 * What an operation costs on the stack of two kernels. A cost is a distribution, so they differ only where the two do
 * not overlap, and where some function of the path is in every run of the one and in none of the other, or has another
 * frame in all of them.
 */
import type { Explanation } from '../stack/explain.ts';

/** In bytes of the path, without what came upon it by chance and without the allocator and reclaim at its end. */
export interface Cost {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface FrameDifference {
  readonly function: string;
  /** Bytes of all its frames on the path; 0 where it is not on it. */
  readonly before: number;
  readonly after: number;
}

export interface CostComparison {
  readonly before: Cost;
  readonly after: Cost;
  readonly differs: boolean;
  /** By how much, largest first. */
  readonly frames: readonly FrameDifference[];
}

export function compareCosts(before: readonly Explanation[], after: readonly Explanation[]): CostComparison {
  const costs = { before: costOf(before), after: costOf(after) };
  const frames = framesThatDiffer(before, after);
  const apart = costs.before.max < costs.after.min || costs.after.max < costs.before.min;
  return { ...costs, differs: apart && frames.length > 0, frames };
}

function costOf(tables: readonly Explanation[]): Cost {
  const sorted = tables.map(({ withoutMemoryBytes }) => withoutMemoryBytes).sort((a, b) => a - b);
  return { min: sorted[0] ?? 0, median: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0, max: sorted.at(-1) ?? 0 };
}

function framesThatDiffer(before: readonly Explanation[], after: readonly Explanation[]): readonly FrameDifference[] {
  const a = before.map(bytesByFunction);
  const b = after.map(bytesByFunction);
  const names = new Set([...a, ...b].flatMap((one) => [...one.keys()]));
  return [...names]
    .flatMap((name) => {
      const was = steady(a, name);
      const is = steady(b, name);
      return was === undefined || is === undefined || was === is ? [] : [{ function: name, before: was, after: is }];
    })
    .sort((one, other) => Math.abs(other.after - other.before) - Math.abs(one.after - one.before));
}

/** The one figure that all runs give a function; undefined where they do not agree, or where it was caught at its entry. */
function steady(runs: readonly ReadonlyMap<string, number>[], name: string): number | undefined {
  const figures = new Set(runs.map((run) => run.get(name) ?? 0));
  const [only] = figures;
  return figures.size === 1 && !Number.isNaN(only) ? only : undefined;
}

/** Of the path; NaN for the function that a table begins with, since its frame is not whole. */
function bytesByFunction({ frames, incidental }: Explanation): ReadonlyMap<string, number> {
  const bytes = new Map<string, number>();
  for (const [index, { frame }] of frames.entries()) {
    if (index < incidental) continue;
    bytes.set(frame.name, (bytes.get(frame.name) ?? 0) + (index === 0 ? Number.NaN : frame.size));
  }
  return bytes;
}
