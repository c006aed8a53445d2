/** What a layer is, for somebody who has read nothing of fathom, and which layers a chart has to explain. */
import type { Layer } from '../../stack/layer-table.ts';
import type { Account } from '../../stack/layers.ts';
import { partsOf, type ChartRow } from './chart.ts';

export const GLOSSARY: Readonly<Record<Layer, string>> = {
  entry: 'entry of the system call',
  vfs: 'VFS, before the first filesystem',
  overlay: 'overlayfs',
  glue: 'the way from a filesystem into a file below',
  erofs: 'EROFS and its page cache',
  loop: 'loop device',
  backing: 'backing filesystem and its page cache',
  'page-cache': 'page cache and readahead',
  reclaim: 'reclaim: memory being made free',
  memory: 'memory allocator',
  block: 'block layer',
  driver: "the block device's driver",
  scheduler: 'the task put to sleep or rescheduled',
  interrupt: 'an interrupt',
  tracer: "the measurement's own",
  unknown: 'functions of no layer that fathom knows',
};

export interface Term {
  /** Of those that it stands for, the first from the system call down. */
  readonly account: Account;
  /** `overlay 1`; `xfs, ext4` where a chart has several of one kind. */
  readonly name: string;
  readonly gloss: string;
  readonly incidental: boolean;
}

/** Each overlay apart up to `overlays` of them, of all else each kind once, in the order in which they are met. */
export function termsOf(rows: readonly ChartRow[], overlays: number): readonly Term[] {
  const parts = rows.flatMap((row) => partsOf(row));
  const ordered = [...parts.filter((part) => !part.incidental), ...parts.filter((part) => part.incidental)];
  const highest = Math.max(
    0,
    ...parts.map(({ cost: { account } }) => (account.kind === 'overlay' ? account.number : 0)),
  );
  const terms = new Map<string, { account: Account; names: Set<string>; incidental: boolean }>();
  for (const { cost, incidental } of ordered) {
    const { account } = cost;
    const single = account.kind === 'overlay' && highest <= overlays;
    const key = `${single ? account.name : account.kind} ${incidental}`;
    const found = terms.get(key) ?? { account, names: new Set(), incidental };
    found.names.add(single ? account.name : account.name.replace(/ \d+$/, ''));
    terms.set(key, found);
  }
  return [...terms.values()].map(({ account, names, incidental }) => ({
    account,
    incidental,
    name: account.kind === 'overlay' && highest > overlays ? `overlays 1 to ${highest}` : [...names].join(', '),
    gloss: account.kind === 'overlay' ? overlayGloss(account.number, highest, overlays) : GLOSSARY[account.kind],
  }));
}

function overlayGloss(number: number, highest: number, overlays: number): string {
  if (highest > overlays) return 'overlayfs, counted from the system call down';
  if (highest === 1) return 'overlayfs';
  return number === 1 ? 'overlayfs, the uppermost' : number === highest ? 'overlayfs, the lowest' : 'overlayfs';
}
