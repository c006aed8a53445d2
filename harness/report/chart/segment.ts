/** One account's share of a bar, with what there is room for in it. */
import type { AccountCost } from '../../stack/cost.ts';
import type { Account } from '../../stack/layers.ts';
import { letterOf } from '../stack-bar.ts';
import type { Axis } from './axis.ts';
import { partsOf, type ChartRow, type Part } from './chart.ts';
import { INK, paintOf } from './palette.ts';
import { text } from './text.ts';
import { textWidth } from './text-width.ts';
import { element, escapeXml } from '../xml.ts';

export const BAR = 42;
/** Id of the pattern over all that is not of the path. */
export const HATCH = 'fathom-hatch';
const [NAME, FIGURE, UPRIGHT] = [11, 10.5, 9.5];

export function segment({ cost, fromBytes, incidental }: Part, axis: Axis, top: number): string {
  const { account, bytes } = cost;
  const { ink } = paintOf(account);
  const [x, end] = [axis.x(fromBytes), axis.x(fromBytes + bytes)];
  const { name, figure } = inside(cost, end - x);
  const middle = (x + end) / 2;
  const upright = figure === 'upright' ? { transform: `rotate(-90 ${middle.toFixed(2)} ${top + 29})` } : {};
  return element(
    'g',
    {},
    element('title', {}, escapeXml(`${account.name}: ${bytes} bytes${incidental ? ', by chance' : ''}`)) +
      swatch(account, incidental, { x, y: top, width: end - x, height: BAR }) +
      (name === undefined ? '' : text(name, middle, top + (figure === 'upright' ? 12 : 18), NAME, 'segment', ink)) +
      (figure === 'level' ? text(String(bytes), middle, top + 32, FIGURE, 'segment', ink) : '') +
      (figure === 'upright'
        ? element('g', upright, text(String(bytes), middle, top + 32.5, UPRIGHT, 'segment', ink))
        : ''),
  );
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function swatch(account: Account, incidental: boolean, box: Box): string {
  return (
    element('rect', { ...box, fill: paintOf(account).fill }) +
    element('rect', { ...box, fill: incidental ? `url(#${HATCH})` : 'none', stroke: INK, 'stroke-width': 0.75 })
  );
}

interface Inside {
  readonly name?: string;
  readonly figure: 'level' | 'upright' | 'none';
}

/** The name or else the letter, and the bytes, if need be turned by a quarter. */
export function inside({ account, bytes }: AccountCost, width: number): Inside {
  const fits = (what: string, size: number, margin: number): boolean => textWidth(what, size) + margin <= width;
  const letter = letterOf(account);
  const name = fits(account.name, NAME, 6) ? account.name : fits(letter, NAME, 1) ? letter : undefined;
  if (name === undefined) return { figure: 'none' };
  return { name, figure: fits(String(bytes), FIGURE, 2) ? 'level' : bytes < 10_000 ? 'upright' : 'none' };
}

/** Bytes of the peak that no line of the table has. */
export function unaccounted(row: ChartRow): number {
  const last = partsOf(row).at(-1);
  return row.peakBytes - (last === undefined ? 0 : last.fromBytes + last.cost.bytes);
}

export function gap(row: ChartRow, axis: Axis, top: number): readonly string[] {
  const bytes = unaccounted(row);
  if (bytes <= 0) return [];
  const [x, end] = [axis.x(row.peakBytes - bytes), axis.x(row.peakBytes)];
  const title = element('title', {}, `${bytes} bytes that are in no line of the table`);
  return [element('g', {}, title + emptyBox({ x, y: top, width: end - x, height: BAR }))];
}

export function emptyBox(box: Box): string {
  return element('rect', { ...box, fill: '#ffffff', stroke: INK, 'stroke-width': 0.75, 'stroke-dasharray': '3 2' });
}
