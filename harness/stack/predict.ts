/**
 * The path's depth on a topology that was not measured, from the cost of each layer on topologies that were.
 *
 * A path is: what runs before the first filesystem, then each mount that the operation passes on its way down, then
 * what lies below the last one (block layer, driver). A mount's account costs what the same kind of mount cost where
 * it was entered in the same way. Below an erofs everything is entered by a kiocb of erofs (fs/erofs/fileio.c),
 * whatever the operation at the top was; where no such entry was measured, that of a read is the nearest.
 *
 * The allocator and reclaim at the top of a path differ from run to run with the state of the free lists. They are no
 * part of the prediction; the most that was seen of them is told beside it.
 */
import type { AccountCost } from './cost.ts';
import type { Explanation } from './explain.ts';

/** A mount on the way down. */
export interface Stage {
  readonly kind: 'overlay' | 'erofs' | 'backing';
  /** `overlay`, `erofs`, `xfs`. */
  readonly name: string;
}

/** A table and where it was taken. */
export interface Known {
  /** In the notation of topologies; said with each figure that is taken from it. */
  readonly label: string;
  readonly operation: string;
  readonly stages: readonly Stage[];
  readonly explanation: Explanation;
}

export interface PredictedPart {
  readonly name: string;
  readonly bytes: number;
  /** The measured topology and operation that the figure comes from. */
  readonly from: string;
}

export type PathPrediction =
  | {
      readonly kind: 'predicted';
      /** Of the path without the allocator and reclaim at its top. */
      readonly bytes: number;
      readonly parts: readonly PredictedPart[];
      /** The most that the allocator and reclaim took on top of a path that was measured. */
      readonly memoryBytes: number;
    }
  /** Nothing measured says what this part costs. */
  | { readonly kind: 'unknown'; readonly part: string };

const READ = 'read';
const BY_EROFS = 'a read by erofs';

export function predictPath(stages: readonly Stage[], operation: string, known: readonly Known[]): PathPrediction {
  const costs = known.flatMap(costsOf);
  const parts: PredictedPart[] = [];
  for (const [name, wanted] of wantedFor(stages, operation)) {
    const near = nearest(wanted, costs);
    const [first] = near;
    if (first === undefined) return { kind: 'unknown', part: `${name} in ${wanted.way}` };
    const bytes = Math.round(near.reduce((sum, cost) => sum + cost.bytes, 0) / near.length);
    parts.push({ name, bytes, from: near.length === 1 ? first.from : `${first.from} and ${near.length - 1} more` });
  }
  const memoryBytes = Math.max(
    0,
    ...known.map(({ explanation: { pathBytes, withoutMemoryBytes } }) => pathBytes - withoutMemoryBytes),
  );
  return { kind: 'predicted', bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0), parts, memoryBytes };
}

/** What a part is, how it is entered, and between what it lies. */
interface Place {
  readonly what: string;
  readonly way: string;
  readonly above: string;
  readonly below: string;
  readonly operation: string;
}

/**
 * The costs of the same part at the places most like the one that is wanted; several where they are equally like it.
 * An overlay's cost follows from how it is entered, and from where: the topmost copies up. An erofs's follows from what
 * it reads: the last one above the backing filesystem costs more than one that reads through overlays (1864 and 1184
 * bytes on 7.3).
 */
function nearest(wanted: Place, costs: readonly Cost[]): readonly Cost[] {
  const reads = wanted.what === 'erofs';
  const likeness = (cost: Cost): number => {
    if (cost.what !== wanted.what) return -1;
    if (cost.way !== wanted.way && !(wanted.way === BY_EROFS && cost.way === READ)) return -1;
    return (
      (cost.way === wanted.way ? (reads ? 4 : 8) : 0) +
      (cost.below === wanted.below ? (reads ? 6 : 1) : 0) +
      (cost.above === wanted.above ? (reads ? 1 : 3) : 0) +
      (cost.operation === wanted.operation ? 0.5 : 0)
    );
  };
  const best = Math.max(-1, ...costs.map(likeness));
  return best < 0 ? [] : costs.filter((cost) => likeness(cost) === best);
}

interface Cost extends Place {
  readonly bytes: number;
  readonly from: string;
}

function wantedFor(stages: readonly Stage[], operation: string): readonly (readonly [string, Place])[] {
  const counts = new Map<string, number>();
  return [
    ['entry', entryOf(operation)],
    ...stages.map((stage, i): [string, Place] => {
      const number = (counts.get(stage.name) ?? 0) + 1;
      counts.set(stage.name, number);
      return [number === 1 ? stage.name : `${stage.name} ${number}`, placeOf(stages, i, operation)];
    }),
    [`below ${stages.at(-1)?.name ?? ''}`, bottomOf(stages, operation)],
  ];
}

function entryOf(operation: string): Place {
  return { what: 'entry', way: operation, above: '', below: '', operation };
}

function placeOf(stages: readonly Stage[], i: number, operation: string): Place {
  return {
    what: stages[i]!.name,
    way: wayAt(stages, i, operation),
    above: stages[i - 1]?.name ?? '',
    below: stages[i + 1]?.name ?? '',
    operation,
  };
}

/** What lies below the last filesystem. */
function bottomOf(stages: readonly Stage[], operation: string): Place {
  const above = stages.at(-1)?.name ?? '';
  return { what: `below ${above}`, way: wayAt(stages, stages.length, operation), above, below: '', operation };
}

function wayAt(stages: readonly Stage[], i: number, operation: string): string {
  return stages.slice(0, i).some(({ kind }) => kind === 'erofs') ? BY_EROFS : operation;
}

/** What one table says; nothing where its path does not pass all the stages (the pages were there already). */
function costsOf({ label, operation, stages, explanation }: Known): readonly Cost[] {
  const accounts = explanation.accounts;
  const passed = accounts.filter(
    ({ account: { kind } }) => kind === 'overlay' || kind === 'erofs' || kind === 'backing',
  );
  if (passed.length !== stages.length || passed.some(({ account }, i) => account.kind !== stages[i]!.kind)) return [];
  const from = `${label}, ${operation}`;
  const first = accounts.indexOf(passed[0]!);
  const last = accounts.indexOf(passed.at(-1)!);
  const sum = (costs: readonly AccountCost[]): number => costs.reduce((bytes, cost) => bytes + cost.bytes, 0);
  return [
    { ...entryOf(operation), bytes: sum(accounts.slice(0, first)), from },
    ...passed.map((cost, i) => ({ ...placeOf(stages, i, operation), bytes: cost.bytes, from })),
    {
      ...bottomOf(stages, operation),
      bytes: sum(accounts.slice(last + 1).filter(({ account: { kind } }) => kind !== 'memory' && kind !== 'reclaim')),
      from,
    },
  ];
}
