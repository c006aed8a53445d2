/** Bars of kernel stacks as text, one a row against the same scale: for a terminal, and for a mail from a pipe. */
import type { Account } from '../../stack/layers.ts';
import { bar, letterOf, scale } from '../stack-bar.ts';
import type { StackStyle } from '../stack-text.ts';
import { wrap } from '../wrap.ts';
import { largestStack, partsOf, type ChartRow } from './chart.ts';

/** As many letters as fit. With fewer, the layers under two overlays are no longer told apart. */
const CELLS = [64, 48, 32] as const;
const HOW_TO_READ = '  bytes, from the system call (left) to the deepest call; a bar ends where the stack does';
/** What a pipe's text may end in. */
const MAIL = 80;

/** Labels stand beside the bars where there is room for all of them, else each above its own. There must be a row. */
export function barsText(rows: readonly ChartRow[], style: StackStyle): string {
  const columns = Number.isFinite(style.columns) ? style.columns : MAIL;
  const largest = largestStack(rows);
  const label = Math.max(...rows.map((row) => row.label.length));
  const figures = figuresOf(rows);
  const margin = 2;
  const tail = 4 + figures.header.length;
  const beside = CELLS.find((cells) => margin + label + 2 + cells + tail <= columns);
  const cells = beside ?? CELLS.find((fewer) => margin + fewer + tail <= columns) ?? 32;
  const indent = ' '.repeat(margin + (beside === undefined ? 0 : label + 2));
  const lines = rows.flatMap((row, i) => {
    // A smaller stack is a shorter bar.
    const own = Math.round((row.threadSizeBytes / largest) * cells);
    const drawn = bar(
      partsOf(row).map(({ cost }) => cost),
      row.threadSizeBytes,
      own,
      style.unicode,
    );
    const over = row.peakBytes > row.threadSizeBytes;
    const figure = over ? style.bad(figures.lines[i]!) : figures.lines[i]!;
    const rest = `${drawn}${' '.repeat(cells - own)}  ${figure}`;
    return beside === undefined
      ? [...wrap(`  ${row.label}`, columns).map(style.bold), indent + rest]
      : [`  ${style.bold(row.label)}${' '.repeat(label - row.label.length)}  ${rest}`];
  });
  return [
    `${indent}${' '.repeat(cells + 4)}${style.dim(figures.header)}`,
    ...lines,
    `${indent} ${style.dim(scale(largest, cells))}`,
    '',
    ...wrap(`  ${legend(rows)}`, columns),
    ...wrap(HOW_TO_READ, columns).map(style.dim),
    '',
  ].join('\n');
}

interface Figures {
  readonly header: string;
  readonly lines: readonly string[];
}

function figuresOf(rows: readonly ChartRow[]): Figures {
  const columns = [
    ['peak', ...rows.map(({ peakBytes }) => String(peakBytes))],
    ['path', ...rows.map(({ pathBytes }) => String(pathBytes))],
    ['left', ...rows.map(({ threadSizeBytes, peakBytes }) => String(threadSizeBytes - peakBytes))],
    ...(rows.some(({ spread }) => spread !== undefined)
      ? [['peaks of runs', ...rows.map(({ spread }) => (spread === undefined ? '-' : range(spread)))]]
      : []),
  ];
  const widths = columns.map((column) => Math.max(...column.map((cell) => cell.length)));
  const line = (i: number): string => columns.map((column, c) => column[i]!.padStart(widths[c]!)).join('  ');
  return { header: line(0), lines: rows.map((_, i) => line(i + 1)) };
}

function range({ minBytes, maxBytes, runs }: NonNullable<ChartRow['spread']>): string {
  return `${minBytes}-${maxBytes} of ${runs}`;
}

/** Every letter once, in the order in which it is met. */
function legend(rows: readonly ChartRow[]): string {
  const names = new Map<string, Set<string>>();
  for (const { cost } of rows.flatMap((row) => partsOf(row))) {
    const letter = letterOf(cost.account);
    names.set(letter, (names.get(letter) ?? new Set()).add(nameOf(cost.account, letter)));
  }
  return [...names].map(([letter, of]) => `${letter} ${[...of].join('/')}`).join(', ');
}

/** `erofs` for the second one too: they have one letter. */
function nameOf({ kind, name }: Account, letter: string): string {
  if (kind !== 'overlay') return name.replace(/ \d+$/, '');
  return letter === '+' ? 'overlays from the tenth on' : name;
}
