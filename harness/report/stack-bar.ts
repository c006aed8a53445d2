/** A stack as a bar of letters, one a share of it: readable without colour, without Unicode, and pasted into a mail. */
import type { AccountCost } from '../stack/cost.ts';
import type { Layer } from '../stack/layer-table.ts';
import type { Account } from '../stack/layers.ts';

const LETTERS: Readonly<Record<Exclude<Layer, 'overlay'>, string>> = {
  entry: 'e',
  vfs: 'v',
  glue: 'g',
  erofs: 'E',
  loop: 'L',
  backing: 'F',
  'page-cache': 'P',
  reclaim: 'R',
  memory: 'M',
  block: 'B',
  driver: 'D',
  scheduler: 'S',
  interrupt: 'I',
  tracer: 'T',
  unknown: '?',
};

/** An overlay is its number, from the tenth on `+`. */
export function letterOf({ kind, number }: Account): string {
  return kind === 'overlay' ? (number < 10 ? String(number) : '+') : LETTERS[kind];
}

/** `[eevv12EEEE…....]`: from the system call to the end of the stack, in `cells` letters. */
export function bar(costs: readonly AccountCost[], threadSizeBytes: number, cells: number, unicode: boolean): string {
  const edge = (bytes: number): number => Math.round((bytes / threadSizeBytes) * cells);
  let depth = 0;
  let text = '';
  for (const { account, bytes } of costs) {
    depth += bytes;
    // One letter at least, so that no account is missing; the next ones are shortened by what that was too much.
    text += letterOf(account).repeat(Math.max(1, edge(depth) - text.length));
  }
  text = text.slice(0, cells);
  const free = (unicode ? '·' : '.').repeat(cells - text.length);
  return unicode ? `▕${text}${free}▏` : `[${text}${free}]`;
}

/** The marks below it, at every quarter. */
export function scale(threadSizeBytes: number, cells: number): string {
  let text = '0';
  for (const quarter of [1, 2, 3, 4]) {
    const mark = String((threadSizeBytes * quarter) / 4);
    text = text.padEnd((cells * quarter) / 4 + 1 - Math.ceil(mark.length / 2)) + mark;
  }
  return text;
}
