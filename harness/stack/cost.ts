/** What of a path is whose, in bytes. */
import type { Layer } from './layer-table.ts';
import { isStacked, type Account, type Attributed } from './layers.ts';

export interface AccountCost {
  readonly account: Account;
  readonly bytes: number;
  readonly frames: number;
  /** The same bytes by whose code they are; `page-cache` and `vfs` beside the filesystem's own. */
  readonly layers: ReadonlyMap<Layer, number>;
}

/** In the order in which the stack comes to them from the system call down. */
export function costByAccount(frames: readonly Attributed[]): readonly AccountCost[] {
  const costs = new Map<string, { account: Account; bytes: number; frames: number; layers: Map<Layer, number> }>();
  for (const { frame, layer, account } of frames.toReversed()) {
    let cost = costs.get(account.name);
    if (cost === undefined) costs.set(account.name, (cost = { account, bytes: 0, frames: 0, layers: new Map() }));
    cost.bytes += frame.size;
    cost.frames++;
    cost.layers.set(layer, (cost.layers.get(layer) ?? 0) + frame.size);
  }
  return [...costs.values()];
}

export interface FunctionCost {
  readonly name: string;
  readonly bytes: number;
  readonly times: number;
}

/** Most expensive first, all the calls of one function together. */
export function costByFunction(frames: readonly Attributed[]): readonly FunctionCost[] {
  const costs = new Map<string, { name: string; bytes: number; times: number }>();
  for (const { frame } of frames) {
    const cost = costs.get(frame.name);
    if (cost === undefined) costs.set(frame.name, { name: frame.name, bytes: frame.size, times: 1 });
    else {
      cost.bytes += frame.size;
      cost.times++;
    }
  }
  return [...costs.values()].sort((a, b) => b.bytes - a.bytes);
}

export interface OneMoreOverlay {
  readonly bytes: number;
  /** `ovl_read_iter`, `ovl_splice_read`: through what the overlay was entered. */
  readonly operation: string;
  /** From the upper file to the lower one. */
  readonly functions: readonly { readonly name: string; readonly bytes: number }[];
  /** How many overlays of this path do exactly this. */
  readonly seen: number;
}

/**
 * What one more overlay costs on this path: the frames of the lowest overlay that only passes the operation on to
 * the file below it, for a further one would do the same. Undefined where no overlay does: there is none, it copies up
 * itself, or the stack ends in it.
 */
export function oneMoreOverlay(frames: readonly Attributed[]): OneMoreOverlay | undefined {
  const overlays = new Map<string, Attributed[]>();
  let deepest: string | undefined;
  for (const attributed of frames) {
    const { account } = attributed;
    if (account.kind === 'overlay') {
      const of = overlays.get(account.name);
      if (of === undefined) overlays.set(account.name, [attributed]);
      else of.push(attributed);
    }
    if (isStacked(account) || account.kind === 'page-cache') deepest ??= account.name;
  }
  // The one in which the stack ends does not show how it passes the operation on.
  const passing = [...overlays]
    .filter(([name, of]) => name !== deepest && !of.some(({ frame }) => COPIES_UP.test(frame.name)))
    .map(([, of]) => of);
  const [lowest] = passing;
  if (lowest === undefined) return undefined;
  const signature = (of: readonly Attributed[]): string => of.map(({ frame }) => `${frame.name} ${frame.size}`).join();
  return {
    bytes: lowest.reduce((sum, { frame }) => sum + frame.size, 0),
    operation: lowest.at(-1)!.frame.name,
    functions: lowest.toReversed().map(({ frame }) => ({ name: frame.name, bytes: frame.size })),
    seen: passing.filter((of) => signature(of) === signature(lowest)).length,
  };
}

const COPIES_UP = /^ovl_(?:copy_up|maybe_copy_up|do_copy_up)/;
