/** One row of the picture: its label and figures, the peak's mark, the bar, and below it what had no room in the bar. */
import { letterOf } from '../stack-bar.ts';
import type { Axis } from './axis.ts';
import { partsOf, type ChartRow, type Part } from './chart.ts';
import { INK, paintOf } from './palette.ts';
import { breakText, textWidth } from './text-width.ts';
import { element, escapeXml } from './xml.ts';

export const HATCH = 'fathom-hatch';
export const LIMIT = '#b00020';
const LABEL_LINE = 18;
const MARKS = 14;
const BAR = 36;
const CALLOUT_LINE = 13;
const CALLOUT_LINES = 2;
/** How far a figure may stand from what it belongs to. */
const FARTHEST = 70;

export interface Drawn {
  readonly height: number;
  readonly svg: readonly string[];
}

export function drawRow(row: ChartRow, axis: Axis, left: number, right: number, top: number): Drawn {
  const figures = figuresOf(row);
  const lines = breakText(row.label, 13, right - left - textWidth(figures, 12, true) - 16, true);
  const barTop = top + Math.max(1, lines.length) * LABEL_LINE + MARKS;
  const parts = partsOf(row);
  const below = callouts(parts, axis, barTop + BAR, right);
  return {
    height: barTop + BAR - top + below.lines * CALLOUT_LINE,
    svg: [
      ...lines.map((line, i) => text(line, left, top + 13 + i * LABEL_LINE, 13, 'bold')),
      text(figures, right, top + 13, 12, row.peakBytes > row.threadSizeBytes ? 'over' : 'end'),
      ...marks(row, axis, barTop),
      ...parts.flatMap((part) => segment(part, axis, barTop)),
      ...gap(row, parts, axis, barTop),
      ...below.svg,
      element('path', {
        d: `M${axis.x(row.threadSizeBytes).toFixed(2)} ${barTop - 5}v${BAR + 10}`,
        stroke: LIMIT,
        'stroke-width': 3,
      }),
    ],
  };
}

function figuresOf({ peakBytes, pathBytes, threadSizeBytes, spread }: ChartRow): string {
  const left = threadSizeBytes - peakBytes;
  const runs = spread === undefined ? '' : ` (${spread.minBytes} to ${spread.maxBytes} in ${spread.runs} runs)`;
  const chance = pathBytes === peakBytes ? '' : `, of it the path ${pathBytes}`;
  return `peak ${peakBytes}${runs}${chance}, ${left < 0 ? `${-left} more than there is` : `${left} left`}`;
}

/** A triangle over the peak, and from the lowest to the highest one a line with ends. */
function marks({ peakBytes, spread }: ChartRow, axis: Axis, barTop: number): readonly string[] {
  const tip = axis.x(peakBytes);
  const triangle = element('path', { d: peakMark(tip, barTop - 1), fill: INK });
  if (spread === undefined) return [triangle];
  return [whisker(axis.x(spread.minBytes), axis.x(spread.maxBytes), barTop - 6), triangle];
}

export function peakMark(x: number, y: number): string {
  return `M${x.toFixed(2)} ${y}l-5 -9h10z`;
}

export function whisker(from: number, to: number, y: number): string {
  const [a, b] = [from.toFixed(2), to.toFixed(2)];
  return element('path', {
    d: `M${a} ${y}H${b}M${a} ${y - 4}v8M${b} ${y - 4}v8`,
    stroke: INK,
    'stroke-width': 1.5,
    fill: 'none',
  });
}

function segment({ cost, fromBytes, incidental }: Part, axis: Axis, top: number): readonly string[] {
  const { account, bytes } = cost;
  const { ink } = paintOf(account);
  const [x, end] = [axis.x(fromBytes), axis.x(fromBytes + bytes)];
  const { name, figure } = inside(cost, end - x);
  const middle = (x + end) / 2;
  return [
    element(
      'g',
      {},
      element('title', {}, escapeXml(`${account.name}: ${bytes} bytes${incidental ? ', by chance' : ''}`)) +
        swatch(cost.account, incidental, x, top, end - x, BAR) +
        (name === undefined ? '' : text(name, middle, top + (figure ? 15 : 22), 11, 'segment', ink)) +
        (figure ? text(String(bytes), middle, top + 29, 11, 'segment', ink) : ''),
    ),
  ];
}

export function swatch(
  account: Part['cost']['account'],
  incidental: boolean,
  x: number,
  y: number,
  width: number,
  height: number,
): string {
  const place = { x, y, width, height };
  return (
    element('rect', { ...place, fill: paintOf(account).fill, stroke: INK, 'stroke-width': 0.75 }) +
    (incidental ? element('rect', { ...place, fill: `url(#${HATCH})` }) : '')
  );
}

/** What there is room for: the name or else the letter, and the bytes. */
function inside({ account, bytes }: Part['cost'], width: number): { readonly name?: string; readonly figure: boolean } {
  const fits = (what: string, margin: number): boolean => textWidth(what, 11) + margin <= width;
  const name = fits(account.name, 6) ? account.name : fits(letterOf(account), 1) ? letterOf(account) : undefined;
  return name === undefined ? { figure: false } : { name, figure: fits(String(bytes), 1) };
}

/** Bytes of the peak that no line of the table has. */
function gap({ peakBytes }: ChartRow, parts: readonly Part[], axis: Axis, top: number): readonly string[] {
  const last = parts.at(-1);
  const from = last === undefined ? 0 : last.fromBytes + last.cost.bytes;
  if (from >= peakBytes) return [];
  const [x, end] = [axis.x(from), axis.x(peakBytes)];
  const place = { x, y: top, width: end - x, height: BAR };
  return [
    element(
      'g',
      {},
      [
        element('title', {}, `${peakBytes - from} bytes that are in no line of the table`),
        element('rect', { ...place, fill: '#ffffff', stroke: INK, 'stroke-width': 0.75, 'stroke-dasharray': '3 2' }),
      ].join(''),
    ),
  ];
}

function callouts(
  parts: readonly Part[],
  axis: Axis,
  top: number,
  right: number,
): { readonly svg: readonly string[]; readonly lines: number } {
  const svg: string[] = [];
  const taken: number[] = [];
  for (const { cost, fromBytes } of parts) {
    const { name, figure } = inside(cost, axis.x(fromBytes + cost.bytes) - axis.x(fromBytes));
    if (figure) continue;
    const what = name === undefined ? `${cost.account.name} ${cost.bytes}` : String(cost.bytes);
    const width = textWidth(what, 10);
    const middle = axis.x(fromBytes + cost.bytes / 2);
    for (let line = 0; line < CALLOUT_LINES; line++) {
      const x = Math.max(middle - width / 2, (taken[line] ?? -Infinity) + 5);
      if (x + width > right || x + width / 2 - middle > FARTHEST / (CALLOUT_LINES - line)) continue;
      taken[line] = x + width;
      const down = top + 3 + line * CALLOUT_LINE;
      const to = Math.min(Math.max(middle, x + 2), x + width - 2).toFixed(2);
      svg.push(
        element('path', { d: `M${middle.toFixed(2)} ${top}L${to} ${down}`, stroke: INK, 'stroke-width': 0.75 }),
        text(what, x + width / 2, down + 10, 10, 'middle'),
      );
      break;
    }
  }
  return { svg, lines: taken.length };
}

type Role = 'start' | 'bold' | 'end' | 'over' | 'middle' | 'segment';

/** `over` is of a peak that has no room in its stack. */
export function text(what: string, x: number, y: number, size: number, role: Role, ink = INK): string {
  const anchor =
    role === 'end' || role === 'over' ? 'end' : role === 'middle' || role === 'segment' ? 'middle' : 'start';
  return element(
    'text',
    {
      x,
      y,
      'font-size': size,
      fill: role === 'over' ? LIMIT : ink,
      ...(anchor === 'start' ? {} : { 'text-anchor': anchor }),
      ...(role === 'bold' || role === 'over' ? { 'font-weight': 'bold' } : {}),
    },
    escapeXml(what),
  );
}
