/** Markdown, for a merge request or a mail: what came of it, a table of scenarios and kernels, and what does not agree, whole. */
import { knownTroubles, troubles } from './explain.ts';
import { knownLines } from './known.ts';
import { kernelLabels, labelKey } from './labels.ts';
import { outcomeOf } from './matrix.ts';
import type { Reporter, Style } from './reporter.ts';
import type { Report } from './results.ts';
import { summary } from './summary.ts';

const same = (text: string): string => text;
const PLAIN: Style = { bold: same, dim: same, good: same, bad: same, odd: same, columns: Infinity };

export const markdown: Reporter = {
  name: 'markdown',
  render(report) {
    const { kernels, results, fathom } = report;
    const labels = kernelLabels(kernels);
    const scenarios = [...new Set(results.map(({ scenario }) => scenario))];
    const rows = scenarios.map((scenario) => [
      scenario,
      ...kernels.map(({ spec }) => outcomeOf(report, spec, scenario)?.words ?? ''),
    ]);
    const trouble = [...troubles(report, labels, PLAIN), ...knownTroubles(report, labels), ...knownLines(report)];
    const key = labelKey(kernels, labels);
    return [
      ...summary(report, labels, PLAIN).flatMap((line) => [inline(line), '']),
      ...table(['', ...kernels.map(({ spec }) => labels.get(spec) ?? spec)], rows),
      '',
      ...(trouble.length === 0 ? [] : [...fenced(trouble), '']),
      ...key.flatMap((line) => [inline(line), '']),
      ...notesOf(report).flatMap((line) => [inline(line), '']),
      `fathom ${fathom}`,
      '',
    ].join('\n');
  },
};

function notesOf({ kernels }: Report): readonly string[] {
  return [...new Set(kernels.flatMap(({ notes }) => notes))];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(inline).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)];
}

/** Text that is only text: a kernel's message is no markup, and no end of a cell. */
function inline(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_{}[\]<>|~#]/g, '\\$&')
    .replaceAll('&', '&amp;');
}

/** The fence is longer than any run of backquotes within. */
function fenced(lines: readonly string[]): readonly string[] {
  const longest = Math.max(2, ...[...lines.join('\n').matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...lines.join('\n').trimEnd().split('\n'), fence];
}
