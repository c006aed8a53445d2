/** One row of the picture: its label, the peak's mark, the bar with the figures beside it, and what is below the bar. */
import type { Axis } from './axis.ts';
import { callouts } from './callouts.ts';
import { partsOf, type ChartRow, type ChartSpread } from './chart.ts';
import { INK, LIMIT } from './palette.ts';
import { BAR, gap, segment } from './segment.ts';
import { text } from './text.ts';
import { breakText, textWidth } from './text-width.ts';
import { element } from '../xml.ts';

const LABEL_LINE = 18;
const MARKS = 14;

export interface Drawn {
  readonly height: number;
  readonly svg: readonly string[];
}

export function drawRow(row: ChartRow, axis: Axis, left: number, right: number, top: number): Drawn {
  const lines = breakText(row.label, 13, right - left, true);
  const figures = figuresOf(row);
  const beside = axis.x(Math.max(row.peakBytes, row.spread?.maxBytes ?? 0)) + 10;
  const fit = beside + Math.max(...figures.map((line) => textWidth(line, 12, true))) <= axis.x(row.threadSizeBytes) - 6;
  // Above the bar where there is no room beside it.
  const above = fit ? 0 : figures.length;
  const barTop = top + (lines.length + above) * LABEL_LINE + MARKS;
  const figuresTop = fit ? barTop + BAR / 2 - (figures.length - 1) * 8 - 9 : top + lines.length * LABEL_LINE;
  const parts = partsOf(row);
  const below = callouts(parts, axis, barTop + BAR, left, right);
  const over = row.peakBytes > row.threadSizeBytes;
  return {
    height: barTop + BAR - top + below.height,
    svg: [
      ...lines.map((line, i) => text(line, left, top + 13 + i * LABEL_LINE, 13, 'bold')),
      ...figures.map((line, i) =>
        text(line, fit ? beside : left, figuresTop + 13 + i * 16, 12, i > 0 ? 'start' : over ? 'over' : 'bold'),
      ),
      ...marks(row, axis, barTop),
      ...parts.map((part) => segment(part, axis, barTop)),
      ...gap(row, axis, barTop),
      ...below.svg,
      element('path', {
        d: `M${axis.x(row.threadSizeBytes).toFixed(2)} ${barTop - 5}v${BAR + 10}`,
        stroke: LIMIT,
        'stroke-width': 3,
      }),
    ],
  };
}

function figuresOf({ peakBytes, pathBytes, incidental, threadSizeBytes, spread }: ChartRow): readonly string[] {
  const left = threadSizeBytes - peakBytes;
  const chance = incidental.reduce((sum, { bytes }) => sum + bytes, 0);
  const more = [
    ...(pathBytes === peakBytes ? [] : [`path ${pathBytes}${chance === 0 ? '' : `, by chance ${chance}`}`]),
    ...(spread === undefined ? [] : [spreadText(spread)]),
  ];
  return [
    `peak ${peakBytes}, ${left < 0 ? `${-left} more than there is` : `${left} left`}`,
    ...(more.length === 0 ? [] : [more.join('; ')]),
  ];
}

/** A triangle over the peak, and from the lowest to the highest one a line with ends. */
function marks({ peakBytes, spread }: ChartRow, axis: Axis, barTop: number): readonly string[] {
  const triangle = element('path', { d: peakMark(axis.x(peakBytes), barTop - 1), fill: INK });
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

function spreadText({ minBytes, maxBytes, runs }: ChartSpread): string {
  return minBytes === maxBytes ? `the same in ${runs} runs` : `peaks ${minBytes} to ${maxBytes} in ${runs} runs`;
}
