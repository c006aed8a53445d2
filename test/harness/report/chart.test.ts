import t from 'tap';
import type { ChartMeta } from '../../../harness/report/chart/chart.ts';
import { chartPng } from '../../../harness/report/chart/png.ts';
import { chartSvg } from '../../../harness/report/chart/svg.ts';
import { textWidth } from '../../../harness/report/chart/text-width.ts';
import { copyUpRow, cost, nested, readRow, row } from './chart-rows.ts';

const meta: ChartMeta = {
  title: 'Reads & copy-ups',
  source: { kernel: '6.18.9', date: '2026-11-21', command: "fathom stack '<x>'" },
};
const textsIn = (svg: string): readonly string[] =>
  [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);
/** Of the first polygon that has this title. */
const boxOf = (svg: string, title: string): { x: number; width: number } => {
  const [, x, width] = new RegExp(`<title>${title}</title><rect x="([\\d.]+)" y="[\\d.]+" width="([\\d.]+)"`).exec(
    svg,
  )!;
  return { x: Number(x), width: Number(width) };
};

t.test("given the mail's tables, then bytes, names, peaks, the stack's end and the source are in the picture", (t) => {
  const svg = chartSvg([copyUpRow, readRow], meta);
  const texts = textsIn(svg);
  for (const text of [
    'Reads &#38; copy-ups',
    'Kernel stack in bytes, from the system call (left) to the deepest call (right).',
    'copy-up',
    'peak 6688, 9696 left',
    'peak 5456, 10928 left',
    'path 4456, by chance 1000',
    'the stack ends here: 16384 bytes (THREAD_SIZE)',
    'memory 104',
    '1624',
    '176',
    'overlay 1',
    'overlayfs, the lowest',
    'Kernel 6.18.9, 2026-11-21',
    "$ fathom stack '&#60;x&#62;'",
  ])
    t.ok(texts.includes(text), text);
  t.notMatch(svg, /href|url\((?!#fathom-hatch)|<style|<image|@import/, 'nothing is fetched');
  t.match(svg, /<rect width="960" height="\d+" fill="#ffffff"\/>/, 'white, whatever the reader is');
  t.equal(svg, chartSvg([copyUpRow, readRow], meta), 'the same again');
  t.end();
});

t.test('given segments, then each begins where the one before ends, and is as wide as its bytes', (t) => {
  const svg = chartSvg([copyUpRow], meta);
  const overlay = boxOf(svg, 'overlay 1: 1280 bytes');
  const below = boxOf(svg, 'overlay 2: 176 bytes');
  t.ok(Math.abs(overlay.x + overlay.width - below.x) < 0.02);
  t.ok(Math.abs(overlay.width / below.width - 1280 / 176) < 0.02);
  t.end();
});

t.test('given what came by chance, then it is striped and explained, and else there are no stripes', (t) => {
  const stripes = /fill="url\(#fathom-hatch\)"/;
  t.match(chartSvg([readRow], meta), stripes);
  t.match(chartSvg([readRow], meta), /striped: came by chance/);
  t.notMatch(chartSvg([copyUpRow], meta), stripes);
  t.notMatch(chartSvg([copyUpRow], meta), /striped/);
  t.end();
});

t.test('given runs, then their peaks are told and the line is explained, and else it is not', (t) => {
  const spread = { minBytes: 6600, maxBytes: 7184, runs: 100 };
  const svg = chartSvg([{ ...copyUpRow, spread }], meta);
  t.ok(textsIn(svg).includes('peaks 6600 to 7184 in 100 runs'));
  t.match(svg, /lowest to highest peak/);
  const same = { minBytes: 6688, maxBytes: 6688, runs: 3 };
  t.ok(textsIn(chartSvg([{ ...copyUpRow, spread: same }], meta)).includes('the same in 3 runs'));
  t.notMatch(chartSvg([copyUpRow], meta), /lowest to highest/);
  t.end();
});

t.test('given a table with lines missing, then the hole is drawn and explained', (t) => {
  t.match(chartSvg([{ ...copyUpRow, peakBytes: 7000 }], meta), /312 bytes that are in no line of the table/);
  t.notMatch(chartSvg([copyUpRow], meta), /in no line/);
  t.end();
});

t.test('given more narrow segments than have room below the bar, then they are listed', (t) => {
  const small = { ...nested(9), threadSizeBytes: 32_768 };
  t.ok(textsIn(chartSvg([small], meta)).includes('Narrow ones: entry 120, 18 × overlay 248'));
  t.ok(textsIn(chartSvg([small], meta)).includes('overlays 1 to 18'));
  t.notMatch(chartSvg([copyUpRow], meta), /Narrow ones/);
  t.end();
});

t.test('given a peak beyond the stack, then the picture is as wide as the peak and says so', (t) => {
  const svg = chartSvg([nested(12)], meta);
  t.ok(textsIn(svg).includes('peak 18552, 2168 more than there is'));
  const { x, width } = boxOf(svg, 'erofs 12: 1040 bytes');
  t.ok(x + width < 960);
  t.end();
});

t.test('given stacks of 8, 16 and 32 KB, then marks are at round numbers up to the end', (t) => {
  for (const [threadSizeBytes, marks] of [
    [8192, ['4096', '8192']],
    [16_384, ['4096', '8192', '12288', '16384']],
    [32_768, ['8192', '16384', '24576', '32768']],
  ] as const) {
    const texts = textsIn(chartSvg([{ ...row('one', cost('vfs', 1000)), threadSizeBytes }], meta));
    t.strictSame(
      texts.filter((text) => /^\d{4,5}$/.test(text) && text !== '1000'),
      marks,
    );
  }
  t.end();
});

t.test(
  'given a long label, then it is broken and whole; given one that no XML can hold, then the picture is XML',
  (t) => {
    const label = 'ovl(erofs[file](xfs)) '.repeat(12).trim();
    t.ok(
      textsIn(chartSvg([{ ...copyUpRow, label }], meta))
        .join(' ')
        .includes(label),
    );
    const odd = chartSvg([{ ...copyUpRow, label: 'a\0b\x1b"<&\ud800c' }], meta);
    t.ok(textsIn(odd).includes('a\ufffdb\ufffd&#34;&#60;&#38;\ufffdc'));
    t.notMatch(odd, /[\0\x1b\ud800-\udfff]/u);
    t.ok(textWidth('i', 10) < textWidth('m', 10));
    t.end();
  },
);

t.test(
  'given a machine whose fonts nobody asks for, then the PNG has twice the size, and text that can be seen',
  async (t) => {
    const pixels = (png: Uint8Array): readonly number[] => {
      const view = Buffer.from(png);
      t.equal(view.subarray(1, 4).toString(), 'PNG');
      return [view.readUInt32BE(16), view.readUInt32BE(20)];
    };
    const svg = chartSvg([copyUpRow, readRow], meta);
    const height = Number(/ height="(\d+)"/.exec(svg)![1]);
    t.strictSame(pixels(await chartPng(svg)), [1920, 2 * height]);
    const written = (text: string): string =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="20" font-family="sans-serif"><text y="15">${text}</text></svg>`;
    const [one, other, blank] = await Promise.all(['6688', '5456', ''].map(async (text) => chartPng(written(text))));
    t.notSame(one, blank);
    t.notSame(one, other, 'and not an empty box for each letter');
    t.same(one, await chartPng(written('6688')));
  },
);
