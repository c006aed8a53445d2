/**
 * What of a table is the path, and what came upon it by chance. The deepest stack is often a timer tick or a
 * reschedule on top of the path, or the tracer itself: they are part of the peak and not of the path, they differ from
 * run to run, and what is compared between two tables is the path.
 *
 * From the first (shallowest) frame of an interrupt, of the tracer, or of the scheduler all that is deeper is
 * incidental, unless the scheduler submitted the path's own requests meanwhile (blk_flush_plug). Allocation and
 * reclaim are the path's own, for the path asked and must have the room; how deep they go depends on how scarce memory
 * is, so the depth without them is told beside it.
 */
import { PLUG_FLUSH, type Attributed } from './layers.ts';

export type Chance = 'interrupt' | 'scheduler' | 'tracer';

export interface Path {
  /** Depth of the whole table: what the tracer calls stack_max_size. */
  readonly peakBytes: number;
  /** Depth of the path's deepest frame. */
  readonly pathBytes: number;
  /** The same without the allocator and reclaim at its top. */
  readonly withoutMemoryBytes: number;
  /** How many of the table's first frames are incidental. */
  readonly incidental: number;
  /** What began them; undefined where there are none. */
  readonly chance: Chance | undefined;
}

export function pathOf(frames: readonly Attributed[]): Path {
  const first = frames.findLastIndex(({ layer }, i) => isChance(layer) && !(layer === 'scheduler' && flushes(i)));
  const chance = first === -1 ? undefined : (frames[first]!.layer as Chance);
  const path = frames.slice(first + 1);
  const withoutMemory = memoryFrames(path);
  return {
    peakBytes: frames[0]?.frame.depth ?? 0,
    pathBytes: path[0]?.frame.depth ?? 0,
    withoutMemoryBytes: path[withoutMemory]?.frame.depth ?? 0,
    incidental: first + 1,
    chance,
  };

  function flushes(i: number): boolean {
    for (let deeper = i - 1; deeper >= 0; deeper--) {
      if (PLUG_FLUSH.test(frames[deeper]!.frame.name)) return true;
      if (isChance(frames[deeper]!.layer) && frames[deeper]!.layer !== 'scheduler') return false;
    }
    return false;
  }
}

/** How many of the deepest frames are the allocator's and reclaim's; a function that nobody knows is, if they called it. */
function memoryFrames(path: readonly Attributed[]): number {
  const others = path.findIndex(
    ({ account: { kind } }) => kind !== 'memory' && kind !== 'reclaim' && kind !== 'unknown',
  );
  const top = path.slice(0, others === -1 ? path.length : others);
  return top.findLastIndex(({ account: { kind } }) => kind === 'memory' || kind === 'reclaim') + 1;
}

function isChance(layer: string): layer is Chance {
  return layer === 'interrupt' || layer === 'scheduler' || layer === 'tracer';
}
