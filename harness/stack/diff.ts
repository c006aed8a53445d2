/**
 * Two tables side by side: frames gained, lost, grown and shrunk, and which of that is the path's own.
 *
 * Frames are aligned by name in their order (longest common subsequence), a pair on the same account before one on
 * another, so that the page cache of erofs is not held against that of the backing filesystem.
 */
import type { Explanation } from './explain.ts';
import type { Attributed } from './layers.ts';

export interface FrameChange {
  readonly kind: 'same' | 'gained' | 'lost' | 'grown' | 'shrunk';
  /** After minus before, in bytes. */
  readonly bytes: number;
  readonly before: Attributed | undefined;
  readonly after: Attributed | undefined;
  /**
   * Of the path in every table that has it. Not so where it is incidental in one of them, nor where the function was
   * caught at its entry in one of the tables (its first line), for that size is not its frame.
   */
  readonly own: boolean;
}

export interface AccountChange {
  readonly name: string;
  readonly beforeBytes: number;
  readonly afterBytes: number;
}

export interface StackDiff {
  readonly before: Explanation;
  readonly after: Explanation;
  /** Every frame of both, deepest first. */
  readonly changes: readonly FrameChange[];
  /** Of the paths only; in the order of the table before, then what is new. */
  readonly accounts: readonly AccountChange[];
  /** Sums of `bytes`: what the path's own changes make, and the rest. Together the difference of the peaks. */
  readonly ownBytes: number;
  readonly incidentalBytes: number;
}

export function diff(before: Explanation, after: Explanation): StackDiff {
  const changes = align(before.frames, after.frames).map(([i, j]) => change(i, j));
  const sum = (own: boolean): number => changes.reduce((bytes, one) => bytes + (one.own === own ? one.bytes : 0), 0);
  return {
    before,
    after,
    changes,
    accounts: accountChanges(before, after),
    ownBytes: sum(true),
    incidentalBytes: sum(false),
  };

  function change(i: number | undefined, j: number | undefined): FrameChange {
    const a = i === undefined ? undefined : before.frames[i]!;
    const b = j === undefined ? undefined : after.frames[j]!;
    const bytes = (b?.frame.size ?? 0) - (a?.frame.size ?? 0);
    const onPath = (i === undefined || i >= before.incidental) && (j === undefined || j >= after.incidental);
    const caught = a !== undefined && b !== undefined && (i === 0) !== (j === 0);
    const own = onPath && !caught;
    if (a === undefined) return { kind: 'gained', bytes, before: a, after: b, own };
    if (b === undefined) return { kind: 'lost', bytes, before: a, after: b, own };
    return { kind: bytes === 0 ? 'same' : bytes > 0 ? 'grown' : 'shrunk', bytes, before: a, after: b, own };
  }
}

function accountChanges(before: Explanation, after: Explanation): readonly AccountChange[] {
  const bytes = ({ accounts }: Explanation, wanted: string): number =>
    accounts.find(({ account: { name } }) => name === wanted)?.bytes ?? 0;
  const names = new Set([...before.accounts, ...after.accounts].map(({ account: { name } }) => name));
  return [...names].map((name) => ({ name, beforeBytes: bytes(before, name), afterBytes: bytes(after, name) }));
}

type Pair = readonly [number | undefined, number | undefined];

/** A pair of one name counts most, its account breaks ties. */
const NAME = 1024;

function align(before: readonly Attributed[], after: readonly Attributed[]): readonly Pair[] {
  const rows = before.length;
  const columns = after.length;
  // best[i][j]: the worth of what follows from i and j on.
  const best = Array.from({ length: rows + 1 }, () => new Int32Array(columns + 1));
  const worth = (i: number, j: number): number => {
    const a = before[i]!;
    const b = after[j]!;
    if (a.frame.name !== b.frame.name) return -1;
    return NAME + (a.account.name === b.account.name ? 1 : 0);
  };
  for (let i = rows - 1; i >= 0; i--)
    for (let j = columns - 1; j >= 0; j--) {
      const pair = worth(i, j);
      const skipped = Math.max(best[i + 1]![j]!, best[i]![j + 1]!);
      best[i]![j] = pair < 0 ? skipped : Math.max(skipped, pair + best[i + 1]![j + 1]!);
    }
  const pairs: Pair[] = [];
  let i = 0;
  let j = 0;
  while (i < rows && j < columns) {
    const pair = worth(i, j);
    if (pair >= 0 && best[i]![j] === pair + best[i + 1]![j + 1]!) pairs.push([i++, j++]);
    else if (best[i]![j] === best[i + 1]![j]) pairs.push([i++, undefined]);
    else pairs.push([undefined, j++]);
  }
  while (i < rows) pairs.push([i++, undefined]);
  while (j < columns) pairs.push([undefined, j++]);
  return pairs;
}
