/** `fathom stack diff` without files: two things are measured, and their most frequent paths compared. */
import path from 'node:path';
import { UsageError } from '../../vm/machine.ts';
import { exitStatusOf } from '../measure/exit-status.ts';
import type { Figure } from '../measure/figure.ts';
import { labelOf, type Subject } from '../measure/measurement.ts';
import { comparedRecord } from '../report/compared-figure.ts';
import { figureHead, measuredText } from '../report/measured-text.ts';
import { stackDiffText } from '../report/stack-diff-text.ts';
import { diffReport } from '../report/stack-results.ts';
import { diff } from '../stack/diff.ts';
import { chartFormat } from './chart.ts';
import type { Context } from './main.ts';
import { chartFigures, figureRows, measured, type Measured, type Measuring } from './stack-measuring.ts';
import { subjectsOf, type MeasureOptions } from './stack-subjects.ts';
import { styleFor } from './style.ts';
import { version } from '../run/version.ts';

/** One measuring of two subjects, or two of one; with what tells them apart where the subjects do not. */
type Sides =
  | { readonly kind: 'subjects'; readonly all: Measuring }
  | { readonly kind: 'modules'; readonly before: Measuring; readonly after: Measuring; readonly names: Names };
type Names = readonly [string, string];

export async function diffMeasured(options: MeasureOptions, { signal }: Context): Promise<void> {
  const sides = sidesOf(options);
  if (options.chart !== undefined) chartFormat(options.chart);
  const parts: Measured[] = [];
  for (const part of sides.kind === 'subjects' ? [sides.all] : [sides.before, sides.after]) {
    const one = await measured(part, options, signal);
    parts.push(one);
    await one.keep();
    if (one.failure !== undefined) throw one.failure.error;
  }
  const [before, after] = parts.flatMap(({ figures }) => figures) as [Figure, Figure];
  const labels: Names = [labelOf(before.measurement.subject), labelOf(after.measurement.subject)];
  const names: Names =
    sides.kind === 'subjects' ? labels : [`${labels[0]}, ${sides.names[0]}`, `${labels[1]}, ${sides.names[1]}`];
  const style = styleFor(process.stdout);
  if (before.distribution === undefined || after.distribution === undefined) {
    process.stderr.write(`there are no two tables to compare\n\n${measuredText([before, after], style)}`);
    process.exitCode = exitStatusOf([before, after]) || 125;
    return;
  }
  const found = diff(before.distribution.ways[0].example, after.distribution.ways[0].example);
  if (options.json) {
    const compared = { before: comparedRecord(before), after: comparedRecord(after) };
    process.stdout.write(`${JSON.stringify(diffReport(...names, found, version(), compared), null, 1)}\n`);
  } else {
    const heads = [before, after].map((figure, n) => `${figureHead(figure, style, names[n]).join('\n')}\n`);
    process.stdout.write(`${heads.join('\n')}\n${stackDiffText(['before', 'after'], found, style)}`);
  }
  if (options.chart !== undefined)
    await chartFigures(options.chart, figureRows([before, after], names), {
      figures: [before, after],
      report: parts[0]!.report,
    });
  process.exitCode = exitStatusOf([before, after]);
}

/** @throws UsageError unless there are two things to compare, saying what was understood */
function sidesOf(options: MeasureOptions): Sides {
  const subjects = subjectsOf(options);
  const { module: replace = {}, output } = options;
  const [only] = subjects;
  const replaced = Object.entries(replace);
  if (subjects.length === 2) return { kind: 'subjects', all: { subjects, replace, output } };
  if (subjects.length === 1 && replaced.length > 0) {
    const kept = (side: string): string | undefined => (output === undefined ? undefined : path.join(output, side));
    return {
      kind: 'modules',
      before: { subjects: [only!], replace: {}, output: kept('shipped') },
      after: { subjects: [only!], replace, output: kept('replaced') },
      names: ['as shipped', replaced.map(([name, file]) => `${name}=${file}`).join(', ')],
    };
  }
  throw new UsageError(
    subjects.length === 1
      ? `two things are compared, and these options name one: ${nameOf(only!)}; give --topology, --operation, --kernel, ` +
          '--pressure or --device a second time, or name two files with tables'
      : `two things are compared, and these options name ${subjects.length}:${subjects.map((subject) => `\n  ${nameOf(subject)}`).join('')}`,
  );
}

function nameOf(subject: Subject): string {
  return `${subject.kernel}: ${labelOf(subject)}`;
}
