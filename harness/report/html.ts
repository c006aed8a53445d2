/**
 * One file of HTML that needs no other: scenarios and kernels as a matrix, and behind each cell what was expected and seen
 * of every step. No script: a cell leads to its part of the page, which shows when it is led to.
 */
import { deviation } from './deviation.ts';
import { kernelLabels, labelKey } from './labels.ts';
import { outcomeOf, type Outcome } from './matrix.ts';
import type { Reporter, Style } from './reporter.ts';
import type { Report, StepRecord } from './results.ts';
import { cellText } from './step-tables.ts';
import { summary } from './summary.ts';
import { element, escapeXml } from './xml.ts';

const same = (text: string): string => text;
const PLAIN: Style = { bold: same, dim: same, good: same, bad: same, odd: same, columns: Infinity };
/** THREAD_SIZE of x86_64 and arm64, bytes: what a bar's whole length stands for. */
const STACK_BYTES = 16_384;

export const html: Reporter = {
  name: 'html',
  render(report) {
    const labels = kernelLabels(report.kernels);
    const names = report.kernels.map(({ spec }) => labels.get(spec) ?? spec);
    const lines = summary(report, labels, PLAIN);
    const notes = [...labelKey(report.kernels, labels), ...new Set(report.kernels.flatMap((one) => one.notes))];
    const body = [
      element('h1', {}, 'fathom'),
      ...lines.map((line) => element('p', { class: 'outcome' }, escapeXml(line))),
      element('div', { class: 'wide' }, matrix(report, names)),
      ...cellsOf(report).map(({ id, title, outcome }) => part(id, title, outcome)),
      notes.length === 0 ? '' : element('ul', {}, notes.map((note) => element('li', {}, escapeXml(note))).join('')),
      element('footer', {}, escapeXml(`fathom ${report.fathom}, ${report.startedAt}`)),
    ].join('\n');
    return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeXml(`fathom: ${lines.at(-1) ?? ''}`)}</title><style>${CSS}</style></head>\n<body>\n${body}\n</body></html>\n`;
  },
};

function matrix(report: Report, names: readonly string[]): string {
  const head = names.map((name) => element('th', { scope: 'col' }, escapeXml(name))).join('');
  const rows = scenariosOf(report).map((scenario, row) => {
    const cells = report.kernels.map(({ spec }, column) => {
      const outcome = outcomeOf(report, spec, scenario);
      if (outcome === undefined) return '<td></td>';
      const link = element('a', { href: `#${idOf(row, column)}` }, escapeXml(outcome.words));
      return element('td', { class: outcome.kind }, link);
    });
    return element('tr', {}, `${element('th', { scope: 'row' }, escapeXml(scenario))}${cells.join('')}`);
  });
  return element('table', {}, `<thead><tr><td></td>${head}</tr></thead><tbody>${rows.join('\n')}</tbody>`);
}

function scenariosOf({ results }: Report): readonly string[] {
  return [...new Set(results.map(({ scenario }) => scenario))];
}

function idOf(row: number, column: number): string {
  return `s${row}k${column}`;
}

function cellsOf(
  report: Report,
): readonly { readonly id: string; readonly title: string; readonly outcome: Outcome }[] {
  return scenariosOf(report).flatMap((scenario, row) =>
    report.kernels.flatMap(({ spec, release }, column) => {
      const outcome = outcomeOf(report, spec, scenario);
      if (outcome === undefined) return [];
      return [{ id: idOf(row, column), title: `${scenario} on ${spec} (${release})`, outcome }];
    }),
  );
}

function part(id: string, title: string, { kind, words, steps }: Outcome): string {
  const rows = steps.map(stepRow).join('\n');
  const head = '<thead><tr><th>step</th><th>expected</th><th>seen</th><th>verdict</th></tr></thead>';
  return element(
    'section',
    { id },
    [
      element('h2', {}, escapeXml(title)),
      element('p', { class: kind }, escapeXml(words)),
      element('div', { class: 'wide' }, element('table', {}, `${head}<tbody>${rows}</tbody>`)),
      element('p', {}, element('a', { href: '#' }, 'back to the matrix')),
    ].join('\n'),
  );
}

function stepRow(record: StepRecord): string {
  const { step, verdict, predicted, known } = record;
  const kind = known === undefined ? verdict.kind : 'known';
  const inside = details(record);
  const agrees = verdict.kind === 'agrees';
  const name = escapeXml(step);
  const cells = [
    element(
      'th',
      { scope: 'row' },
      agrees && inside !== '' ? `<details><summary>${name}</summary>${inside}</details>` : name,
    ),
    element('td', {}, escapeXml(expected(predicted))),
    element('td', {}, escapeXml(cellText(record))),
    element('td', { class: kind }, escapeXml(kind)),
  ];
  const more = agrees || inside === '' ? '' : element('tr', {}, element('td', { colspan: 4 }, inside));
  return `${element('tr', {}, cells.join(''))}${more}`;
}

function expected({ ok, errno, depth, unreachable }: StepRecord['predicted']): string {
  if (unreachable !== undefined) return '-';
  return ok ? (depth === undefined ? 'ok' : `ok d${depth}`) : (errno ?? '-');
}

/** Why, and what was said: behind the name of a step that agrees, below any other. */
function details(record: StepRecord): string {
  const { why, expected: wanted, observed, remedy, messages, chain, consoleTail } = deviation(record);
  const { stack, known } = record;
  const text = (words: string): string => element('p', {}, escapeXml(words));
  const block = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [text(title), element('pre', {}, escapeXml(lines.join('\n')))];
  return [
    ...(why === '' ? [] : [text(why)]),
    ...(wanted === undefined ? [] : [text(`expected ${wanted}, observed ${observed ?? '?'}`)]),
    ...(known === undefined ? [] : [text(`known: ${known.reason}`), ...link(known.link)]),
    ...(remedy === undefined ? [] : block('what would help', [remedy])),
    ...(stack === undefined ? [] : [stackBars(stack)]),
    ...block('messages', messages),
    ...block('call chain, deepest first', chain),
    ...block('end of the console', consoleTail),
  ].join('');
}

function link(target: string | undefined): readonly string[] {
  return target === undefined ? [] : [element('p', {}, element('a', { href: target }, escapeXml(target)))];
}

function stackBars({ pathBytes, predictedBytes, peakBytes }: NonNullable<StepRecord['stack']>): string {
  const bar = (name: string, bytes: number | undefined): string =>
    bytes === undefined
      ? ''
      : element(
          'div',
          { class: 'bar' },
          `${element('span', { style: `width:${Math.min(100, (bytes / STACK_BYTES) * 100).toFixed(1)}%` }, '')}${escapeXml(`${name} ${bytes} of ${STACK_BYTES} bytes`)}`,
        );
  return bar('path', pathBytes) + bar('predicted', predictedBytes) + bar('peak', peakBytes);
}

const CSS = `
:root{color-scheme:light dark;--back:#fff;--text:#1a1a1a;--line:#ccc;--good:#e2f4e4;--bad:#fbd9d6;--odd:#fdf0cf;--known:#e3e8f7;--bar:#7aa2d8;--link:#0b57a4}
@media(prefers-color-scheme:dark){:root{--back:#16181b;--text:#e4e4e4;--line:#444;--good:#17361c;--bad:#521d1a;--odd:#463a12;--known:#232c4a;--bar:#3d6aa6;--link:#8ab8f0}}
body{font:15px/1.45 system-ui,sans-serif;margin:1rem auto;max-width:75rem;padding:0 1rem;background:var(--back);color:var(--text)}
h1{font-size:1.4rem}h2{font-size:1.1rem}a{color:var(--link)}
.outcome{margin:.2rem 0}
.wide{overflow-x:auto}
table{border-collapse:collapse;margin:.7rem 0}
th,td{border:1px solid var(--line);padding:.25rem .5rem;text-align:left;vertical-align:top}
tbody th{font-weight:normal}
td[colspan]{border-left-width:4px}
.agrees{background:var(--good)}.disagrees,.crashed,.hung{background:var(--bad)}.unsupported,.broken{background:var(--odd)}.known{background:var(--known)}
section{display:none;border-top:2px solid var(--line);margin-top:1rem}
section:target{display:block}
section>p{padding:.2rem .5rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);padding:.4rem;margin:.3rem 0;font-size:.85rem}
td p,details p{margin:.3rem 0;overflow-wrap:anywhere}summary{cursor:pointer}
.bar{position:relative;isolation:isolate;border:1px solid var(--line);margin:.2rem 0;padding:0 .4rem;max-width:30rem}
.bar span{position:absolute;z-index:-1;inset:0 auto 0 0;background:var(--bar);opacity:.5}
footer{margin-top:2rem;font-size:.85rem;opacity:.8}
@media(max-width:480px){body{padding:.5rem}th,td{padding:.15rem .25rem}}
@media print{section{display:block}}
`;
