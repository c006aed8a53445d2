/** `fathom stack`: what a kernel stack is made of. */
import { Option, type Command } from 'commander';
import path from 'node:path';
import { UsageError } from '../../vm/machine.ts';
import { explainReport, type Named } from '../report/stack-results.ts';
import { stackText } from '../report/stack-text.ts';
import { tracerText } from '../report/stack-tracer.ts';
import { explain } from '../stack/explain.ts';
import { chartFormat, chartRow, commandLine, writeChart } from './chart.ts';
import type { Context } from './main.ts';
import { registerDiff } from './stack-diff.ts';
import { fileLabel, readTables, type Found } from './stack-files.ts';
import { measureCommand, measuringCommand, type PrintOptions } from './stack-measure.ts';
import { styleFor } from './style.ts';
import { threadSize } from './thread-size.ts';
import { version } from '../run/version.ts';

interface ExplainOptions {
  readonly threadSize: number;
  readonly format: 'text' | 'tracer';
  readonly json?: true;
  readonly chart?: string;
}

export function register(program: Command, context: Context): void {
  // Options of its commands are theirs; else --json and --chart of `explain` would be taken for those of `stack`. It
  // needs both: without the program's, only what looks like an option is left when `stack` comes to look.
  program.enablePositionalOptions();
  const stack = program
    .command('stack')
    .summary('measure how deep the kernel stack goes, and say what each layer costs')
    .description(
      "Boots each kernel, makes the mounts, and takes the table of the kernel's stack tracer while something is done to the topmost one.",
    )
    .enablePositionalOptions()
    .addOption(threadSize())
    // What is no command of it would be told to be one argument too many.
    .allowExcessArguments()
    .action((options: PrintOptions, { args: [word], commands }: Command) => {
      if (word !== undefined)
        throw new UsageError(
          `unknown command '${word}'; there are ${commands.map((one) => one.name()).join(', ')}, and to measure takes options alone`,
        );
      return measureCommand(options, context);
    });
  measuringCommand(stack);
  registerExplain(stack);
  registerDiff(stack, context);
}

function registerExplain(stack: Command): void {
  stack
    .command('explain')
    .summary('say of each table what its path costs, layer by layer')
    .description(
      'Explains every table in the files: pasted from a mail or dmesg, quoted, wrapped, without its header. Lines that ' +
        'do not add up are named.',
    )
    .argument('<file...>', 'files with tables; - is standard input')
    .addOption(threadSize())
    .addOption(
      new Option('--format <name>', 'text, or tracer: the tables again as the kernel prints them')
        .choices(['text', 'tracer'])
        .default('text'),
    )
    .option('--json', 'print JSON, as docs/stack.schema.json says')
    .option('--chart <file>', 'draw the tables as bars too, into a file that ends in .svg or .png')
    .addHelpText(
      'after',
      `
An account is the mount whose price a frame is: what would go from the stack together with it.

Examples:
  $ fathom stack explain /sys/kernel/tracing/stack_trace
  $ dmesg | fathom stack explain -
  $ fathom stack explain --chart stacks.png before.txt after.txt`,
    )
    .action(async (files: string[], options: ExplainOptions) => {
      if (options.chart !== undefined) chartFormat(options.chart);
      const found = await readTables(files);
      if (options.format === 'tracer' && options.json)
        throw new UsageError('--format tracer and --json: which of the two?');
      if (options.chart !== undefined) await draw(options.chart, found, options.threadSize);
      if (options.format === 'tracer') {
        process.stdout.write(tracerText(found.flatMap(({ tables }) => tables)));
        return;
      }
      const named: readonly Named[] = found.flatMap(({ file, tables }) =>
        tables.map((table) => ({ file: fileLabel(file), explanation: explain(table, options.threadSize) })),
      );
      process.stdout.write(
        options.json
          ? `${JSON.stringify(explainReport(named, version()), null, 1)}\n`
          : stackText(named, styleFor(process.stdout)),
      );
    });
}

async function draw(file: string, found: readonly Found[], threadSizeBytes: number): Promise<void> {
  const rows = found.flatMap(({ file: from, tables }) =>
    tables.map((table, n) =>
      chartRow(
        `${path.basename(fileLabel(from))}${tables.length > 1 ? `#${n + 1}` : ''}`,
        explain(table, threadSizeBytes),
      ),
    ),
  );
  await writeChart(file, rows, {
    title: rows.length === 1 ? 'What a kernel stack is made of' : `What ${rows.length} kernel stacks are made of`,
    source: { date: new Date().toISOString().slice(0, 10), command: commandLine() },
  });
}
