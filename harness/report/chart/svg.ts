/** Bars of kernel stacks as a picture in SVG, for a mail, an issue or paper: it explains itself and needs nothing else. */
import { letterOf } from '../stack-bar.ts';
import { axisOf, type Axis } from './axis.ts';
import { largestStack, type ChartMeta, type ChartRow, type ChartSource } from './chart.ts';
import { termsOf } from './glossary.ts';
import { INK, LIMIT, OVERLAY_SHADES, paintOf } from './palette.ts';
import { drawRow, peakMark, whisker, type Drawn } from './row-svg.ts';
import { emptyBox, HATCH, swatch, unaccounted } from './segment.ts';
import { text } from './text.ts';
import { breakText, textWidth } from './text-width.ts';
import { element, escapeXml } from '../xml.ts';

const WIDTH = 960;
const LEFT = 24;
const RIGHT = WIDTH - 24;
const BETWEEN_ROWS = 16;
/** Width of what the legend explains. */
const BOX = 24;
const GREY = '#555555';
const HOW_TO_READ = [
  'Kernel stack in bytes, from the system call (left) to the deepest call (right).',
  'Each layer with what it makes the VFS and the page cache do for it.',
];

/** The same rows and meta give the same text. There must be a row. */
export function chartSvg(rows: readonly ChartRow[], { title, source }: ChartMeta): string {
  const axis = axisOf(rows, LEFT, RIGHT - LEFT);
  const head = drawHead(title);
  const plotTop = head.height + 30;
  let bottom = plotTop;
  // No text over the line that ends the stack.
  const limit = axis.x(largestStack(rows)) - 8;
  const bars = rows.map((row) => {
    const drawn = drawRow(row, axis, LEFT, limit, bottom);
    bottom += drawn.height + BETWEEN_ROWS;
    return element('g', {}, drawn.svg.join(''));
  });
  const legend = drawLegend(rows, bottom + 46);
  const foot = drawFoot(source, bottom + 46 + legend.height + 8);
  const height = bottom + 46 + legend.height + 8 + foot.height + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="sans-serif">`,
    element('title', {}, escapeXml(title)),
    element('desc', {}, escapeXml(rows.map(({ label, peakBytes }) => `${label}: peak ${peakBytes} bytes`).join('; '))),
    `<defs><pattern id="${HATCH}" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V7" stroke="#ffffff" stroke-width="5"/></pattern></defs>`,
    // Readers with a dark background would put it behind dark letters.
    element('rect', { width: WIDTH, height, fill: '#ffffff' }),
    ...head.svg,
    ...drawAxis(axis, rows, plotTop, bottom),
    ...bars,
    ...legend.svg,
    ...foot.svg,
    '</svg>\n',
  ].join('\n');
}

function drawHead(title: string): Drawn {
  const lines = breakText(title, 19, RIGHT - LEFT, true);
  const under = 26 + lines.length * 24;
  return {
    height: under + HOW_TO_READ.length * 18,
    svg: [
      ...lines.map((line, i) => text(line, LEFT, 34 + i * 24, 19, 'bold')),
      ...HOW_TO_READ.map((line, i) => text(line, LEFT, under + 6 + i * 18, 13, 'start', GREY)),
    ],
  };
}

function drawAxis(axis: Axis, rows: readonly ChartRow[], top: number, bottom: number): readonly string[] {
  const grid = axis.marks.map(({ bytes, major }) =>
    element('path', {
      d: `M${axis.x(bytes).toFixed(2)} ${top - 8}V${bottom + (major ? 6 : 0)}`,
      stroke: major ? '#bbbbbb' : '#e2e2e2',
      'stroke-width': 1,
    }),
  );
  const labels = axis.marks
    .filter(({ major }) => major)
    .flatMap(({ bytes }) => {
      const role = bytes === 0 ? 'start' : axis.x(bytes) > RIGHT - 30 ? 'end' : 'middle';
      const x = role === 'end' ? RIGHT : axis.x(bytes);
      return bytes === 0
        ? [text('0 bytes', x, bottom + 19, 11, role)]
        : [
            text(String(bytes), x, bottom + 19, 11, role),
            text(bytes % 1024 === 0 ? `${bytes / 1024} KB` : '', x, bottom + 32, 10, role, GREY),
          ];
    });
  const limits = [...new Set(rows.map(({ threadSizeBytes }) => threadSizeBytes))].flatMap((bytes) => [
    element('path', {
      d: `M${axis.x(bytes).toFixed(2)} ${top - 8}V${bottom}`,
      stroke: LIMIT,
      'stroke-width': 1.5,
      'stroke-dasharray': '6 4',
    }),
    text(`the stack ends here: ${bytes} bytes (THREAD_SIZE)`, axis.x(bytes), top - 13, 11, 'end', LIMIT),
  ]);
  return [
    ...grid,
    element('path', { d: `M${LEFT} ${bottom}H${RIGHT}`, stroke: INK, 'stroke-width': 1 }),
    ...labels,
    ...limits,
  ];
}

/** In two columns, read downwards. */
function drawLegend(rows: readonly ChartRow[], top: number): Drawn {
  const [line, column] = [22, (RIGHT - LEFT) / 2];
  const terms = termsOf(rows, OVERLAY_SHADES);
  const entries = [
    ...terms.map(({ account, name, gloss, incidental }) => ({
      draw: (x: number, y: number) =>
        swatch(account, incidental, { x, y, width: BOX, height: 16 }) +
        text(letterOf(account), x + BOX / 2, y + 12, 11, 'segment', paintOf(account).ink),
      name,
      what: gloss,
    })),
    ...[...symbolsOf(rows)].map((symbol) => ({ ...symbol, name: '' })),
  ];
  const perColumn = Math.ceil(entries.length / 2);
  return {
    height: perColumn * line,
    svg: entries.map(({ draw, name, what }, i) => {
      const x = LEFT + Math.floor(i / perColumn) * column;
      const y = top + (i % perColumn) * line;
      const after = name === '' ? 0 : textWidth(name, 12, true) + 8;
      return (
        draw(x, y) +
        (name === '' ? '' : text(name, x + BOX + 8, y + 12, 12, 'bold')) +
        text(what, x + BOX + 8 + after, y + 12, 12, 'start', GREY)
      );
    }),
  };
}

interface Symbol {
  readonly draw: (x: number, y: number) => string;
  readonly what: string;
}

/** Of what is in this picture. */
function* symbolsOf(rows: readonly ChartRow[]): Generator<Symbol> {
  const stripes = rows.flatMap(({ incidental }) => incidental)[0];
  if (stripes !== undefined)
    yield {
      draw: (x, y) => swatch(stripes.account, true, { x, y, width: BOX, height: 16 }),
      what: 'striped: came by chance, and would upon another path',
    };
  if (rows.some((row) => unaccounted(row) > 0))
    yield { draw: (x, y) => emptyBox({ x, y, width: BOX, height: 16 }), what: 'in no line of the table' };
  yield {
    draw: (x, y) => element('path', { d: peakMark(x + BOX / 2, y + 13), fill: INK }),
    what: 'peak: the deepest that the tracer saw',
  };
  if (rows.some(({ spread }) => spread !== undefined))
    yield { draw: (x, y) => whisker(x, x + BOX, y + 8), what: 'lowest to highest peak of the runs' };
}

function drawFoot({ kernel, date, command }: ChartSource, top: number): Drawn {
  const said = [
    `${kernel === undefined ? 'Kernel not told by the tables' : `Kernel ${kernel}`}, ${date}`,
    `$ ${command}`,
  ];
  const lines = said.flatMap((one) => breakText(one, 11, RIGHT - LEFT));
  return {
    height: 12 + lines.length * 15,
    svg: [
      element('path', { d: `M${LEFT} ${top}H${RIGHT}`, stroke: '#bbbbbb', 'stroke-width': 1 }),
      ...lines.map((line, i) => text(line, LEFT, top + 17 + i * 15, 11, 'start', GREY)),
    ],
  };
}
