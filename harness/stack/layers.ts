/**
 * Every frame of a table to a layer (whose code it is) and to an account (for whom it runs).
 *
 * The list asks what one more overlay costs, what erofs costs, what the backing filesystem costs: what would go from
 * the stack together with that mount. Code alone does not say that: `filemap_read` is the page cache's, but one of
 * the two in a table is erofs reading its file, and goes with erofs. So a frame has an account beside its layer:
 *
 * - What the VFS and fs/backing-file.c do on the way from a filesystem down into another file is on the account of
 *   the upper one, which made the call. `backing_file_read_iter`, `vfs_iter_read` and `do_iter_readv_writev` are a
 *   part of each overlay's price; what runs before the first filesystem is nobody's, `vfs`.
 * - The page cache and readahead are on the account of the filesystem whose pages they fill. That is the one that the
 *   next `readahead` or `read_folio` deeper in the stack belongs to (`read_pages` under `z_erofs_readahead` is
 *   erofs's). Where the stack ends before, it is the filesystem that called the page cache, provided that no way into
 *   another file lies between; else the table does not show whose they are, and the account is `page-cache`.
 * - Libraries (iomap, jbd2, a decompressor) have layer and account of the filesystem that calls them.
 * - A filesystem reached by a way into another file is the next instance of its kind: overlays are counted from the
 *   system call down.
 * - All that runs for reclaim is on reclaim's account, and what runs in an interrupt or in the scheduler on theirs, for
 *   it would be there whatever the path was. Only the requests that a task submits as it goes to sleep
 *   (blk_flush_plug) are the path's own again.
 */
import { classify } from './classify.ts';
import type { Layer, Rule } from './layer-table.ts';
import { BARE_ADDRESS } from './symbol.ts';
import type { Frame } from './table.ts';

export interface Account {
  readonly kind: Layer;
  /** Among its kind, from the system call down, from 1. */
  readonly number: number;
  /** `overlay 1`, `erofs`, `xfs`, `block`. A second one of the same name is `erofs 2`. */
  readonly name: string;
}

export interface Attributed {
  readonly frame: Frame;
  readonly layer: Layer;
  readonly account: Account;
  readonly why: string;
}

const STACKED: ReadonlySet<Layer> = new Set<Layer>(['overlay', 'erofs', 'backing', 'loop']);
/** Which overlay's functions a callback can have been handed down by. */
const CALLERS: Readonly<Record<string, RegExp>> = {
  ovl_fill_real: /^ovl_iterate_real/,
  ovl_check_d_type: /^ovl_check_d_type_supported/,
};
const READS_DIRECTORY = /^ovl_dir_read/;
/** Where requests that were held back are submitted after all. */
export const PLUG_FLUSH = /^_*(?:blk_flush_plug|blk_finish_plug)/;

/** Frames as in the table, deepest first. */
export function attribute(frames: readonly Frame[]): readonly Attributed[] {
  const count = frames.length;
  const rules = frames.map(({ name, module }) => classify(name, module));
  for (let i = 0; i < count && isTracer(i); i++) rules[i] = TRAMPOLINE;
  // The tracer's own functions may be preempted: its trampoline is below them, and they are not at the top.
  for (let i = 1; i < count; i++)
    if (frames[i]!.name === BARE_ADDRESS && rules[i - 1]!.layer === 'tracer') rules[i] = TRAMPOLINE;
  const known = new Map<string, Account>();
  const counts = new Map<string, number>();
  const result = new Array<Attributed>(count);
  /** The filesystem that is at work, and whether the stack has left it for another file. */
  let at: Account | undefined;
  let passed = false;
  let absorber: 'reclaim' | 'scheduler' | 'interrupt' | undefined;
  /** Of the nearest caller that is known. */
  let caller: { readonly layer: Layer; readonly account: Account } | undefined;

  for (let i = count - 1; i >= 0; i--) {
    const frame = frames[i]!;
    const rule = rules[i]!;
    const layer = rule.role === 'library' && caller !== undefined ? caller.layer : rule.layer;
    if (absorber === 'scheduler' && PLUG_FLUSH.test(frame.name)) absorber = undefined;
    const account = accountOf(i, rule);
    result[i] = { frame, layer, account, why: rule.why };
    if (layer !== 'unknown') caller = { layer, account };
  }
  return result;

  function accountOf(i: number, rule: Rule): Account {
    const { layer, role } = rule;
    if (layer === 'tracer') return single('tracer');
    if (layer === 'interrupt') absorber = 'interrupt';
    else if (layer === 'scheduler') absorber = absorber === 'interrupt' ? absorber : 'scheduler';
    else if (layer === 'reclaim') absorber ??= 'reclaim';
    if (absorber !== undefined) return single(absorber);
    if (role === 'library' && caller !== undefined) return caller.account;
    if (role === 'callback') return handedDown(i) ?? single('unknown');
    switch (layer) {
      case 'overlay':
      case 'erofs':
      case 'backing':
      case 'loop':
        return enter(rule);
      case 'entry':
      case 'vfs':
      case 'glue':
        if (role === 'passes') passed = true;
        return at ?? single(layer);
      case 'page-cache':
        return ownerOfPages(i);
      case 'unknown':
      case 'memory':
      case 'block':
      case 'driver':
      // These absorb, and have been seen to above.
      case 'reclaim':
      case 'scheduler':
      case 'interrupt':
        return single(layer);
      default:
        return layer satisfies never;
    }
  }

  function single(layer: Layer): Account {
    let account = known.get(layer);
    if (account === undefined) known.set(layer, (account = { kind: layer, number: 1, name: layer }));
    return account;
  }

  /** The filesystem at work, if it is this one, else the next of its kind. */
  function enter({ layer, filesystem }: Rule): Account {
    const name = filesystem ?? layer;
    if (at !== undefined && !passed && at.kind === layer && (at.name === name || at.name.startsWith(`${name} `)))
      return at;
    const number = (counts.get(name) ?? 0) + 1;
    counts.set(name, number);
    at = { kind: layer, number, name: number > 1 || layer === 'overlay' ? `${name} ${number}` : name };
    passed = false;
    return at;
  }

  function ownerOfPages(i: number): Account {
    for (let deeper = i - 1; deeper >= 0; deeper--) {
      const rule = rules[deeper]!;
      if (rule.layer === 'page-cache' || rule.layer === 'unknown' || rule.role === 'library') continue;
      if (rule.layer === 'erofs' || rule.layer === 'backing') return enter(rule);
      // A block device has a page cache of its own: metadata, and erofs images on one.
      if (rule.layer === 'block' && /^_*(?:blkdev|bdev)_/.test(frames[deeper]!.name)) return single('block');
      break;
    }
    return at !== undefined && !passed && at.kind !== 'overlay' ? at : single('page-cache');
  }

  function handedDown(i: number): Account | undefined {
    const by = CALLERS[frames[i]!.name] ?? READS_DIRECTORY;
    for (let above = i + 1; above < count; above++) if (by.test(frames[above]!.name)) return result[above]!.account;
    return undefined;
  }

  /** Trampolines of ftrace have no symbol: a bare address at the top is one, or right under the tracer's functions. */
  function isTracer(i: number): boolean {
    return rules[i]!.layer === 'tracer' || frames[i]!.name === BARE_ADDRESS;
  }
}

const TRAMPOLINE: Rule = {
  layer: 'tracer',
  why: "the tracer's own; an address without a symbol there is its trampoline",
};

/** A filesystem or a loop device: what a topology is made of. */
export function isStacked({ kind }: Account): boolean {
  return STACKED.has(kind);
}
