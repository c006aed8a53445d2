/** For people: kernels side by side, a row a step, then what differs and why, and the outcome last. */
import { knownTroubles, refusals, troubles } from './explain.ts';
import { knownLines } from './known.ts';
import { inOneBreath, kernelLabels, labelKey, type Labels } from './labels.ts';
import type { Reporter } from './reporter.ts';
import type { Report } from './results.ts';
import { stepTables } from './step-tables.ts';
import { summary } from './summary.ts';
import { wrap } from './wrap.ts';

export const pretty: Reporter = {
  name: 'pretty',
  render(report, style) {
    const labels = kernelLabels(report.kernels);
    const prose = [
      ...refusals(report, labels),
      ...troubles(report, labels, style),
      ...paragraph([...knownTroubles(report, labels), ...knownLines(report).map(style.bad)]),
      ...notes(report, labels),
      ...summary(report, labels, style),
    ];
    const lines = [...stepTables(report, labels, style), ...prose.flatMap((line) => wrap(line, style.columns))];
    return `${lines.join('\n')}\n`;
  },
};

function paragraph(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [...lines, ''];
}

/** What is to be known of a kernel; what holds of several is said once. */
function notes({ kernels }: Report, labels: Labels): string[] {
  const told = new Map<string, string[]>();
  for (const { spec, notes: all, replaced } of kernels)
    for (const note of [...replaced.map((module) => `module replaced: ${module}`), ...all])
      told.set(note, [...(told.get(note) ?? []), labels.get(spec) ?? spec]);
  const lines = [
    ...labelKey(kernels, labels),
    ...[...told].map(([note, names]) => `${inOneBreath(names, kernels.length)}: ${note}`),
  ];
  return lines.length === 0 ? [] : [...lines, ''];
}
