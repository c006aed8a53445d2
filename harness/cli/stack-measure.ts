/** `fathom stack` itself: boots kernels, makes the mounts, and measures the stack of what is done to them. */
import { Option, type Command } from 'commander';
import { UsageError } from '../../vm/machine.ts';
import { exitStatusOf } from '../measure/exit-status.ts';
import type { Figure } from '../measure/figure.ts';
import { barsText } from '../report/chart/bars.ts';
import { measuredText } from '../report/measured-text.ts';
import { tracerText } from '../report/stack-tracer.ts';
import { chartFormat } from './chart.ts';
import type { Context } from './main.ts';
import { chartFigures, figureLabels, figureRows, measured } from './stack-measuring.ts';
import { measureHelp, measureOptions, subjectsOf, type MeasureOptions } from './stack-subjects.ts';
import { styleFor } from './style.ts';

export interface PrintOptions extends MeasureOptions {
  readonly format: 'text' | 'tracer';
}

export function measuringCommand(command: Command): Command {
  return measureOptions(command)
    .addOption(
      new Option('--format <name>', 'text, or tracer: the most frequent table of each figure as the kernel prints it')
        .choices(['text', 'tracer'])
        .default('text'),
    )
    .option('--json', 'print JSON, as docs/measured.schema.json says')
    .addHelpText(
      'after',
      `${measureHelp()}

Examples:
  $ fathom stack -k debian:6.18.9 -t 'ovl(ovl(erofs[file](xfs)))' --operation copy-up --pressure memcg
  $ fathom stack explain /sys/kernel/tracing/stack_trace
  $ fathom stack diff before.txt after.txt`,
    );
}

export async function measureCommand(options: PrintOptions, { signal }: Context): Promise<void> {
  const subjects = subjectsOf(options);
  if (options.json && options.format === 'tracer')
    throw new UsageError('--format tracer and --json: which of the two?');
  if (options.chart !== undefined) chartFormat(options.chart);
  const all = await measured({ subjects, replace: options.module ?? {}, output: options.output }, options, signal);
  const { figures, report, failure } = all;
  const rows = figureRows(figures, figureLabels(figures));
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);
  else if (options.format === 'tracer') process.stdout.write(tracerText(typicalOf(figures)));
  else {
    const style = styleFor(process.stdout);
    process.stdout.write(`${rows.length === 0 ? '' : `${barsText(rows, style)}\n`}${measuredText(figures, style)}`);
  }
  if (options.chart !== undefined) await chartFigures(options.chart, rows, all);
  await all.keep();
  if (failure !== undefined) throw failure.error;
  process.exitCode = exitStatusOf(figures);
}

function typicalOf(figures: readonly Figure[]): Parameters<typeof tracerText>[0] {
  return figures.flatMap(({ distribution }) => distribution?.ways[0].example.table ?? []);
}
