/** `fathom stack`: what a kernel stack is made of. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { UsageError } from '../../vm/machine.ts';
import { stackDiffText } from '../report/stack-diff-text.ts';
import { diffReport, explainReport, type Named, type StackReport } from '../report/stack-results.ts';
import { stackText } from '../report/stack-text.ts';
import { tracerText } from '../report/stack-tracer.ts';
import { diff } from '../stack/diff.ts';
import { explain, THREAD_SIZE } from '../stack/explain.ts';
import { foundInstead } from '../stack/not-a-table.ts';
import { parseStackTables, type StackTable } from '../stack/table.ts';
import { chartFormat, chartRow, commandLine, writeChart } from './chart.ts';
import { measureCommand, measureHelp, measureOptions, type MeasureOptions } from './stack-measure.ts';
import type { Context } from './main.ts';
import { styleFor } from './style.ts';
import { version } from './version.ts';

interface ExplainOptions {
  readonly threadSize: number;
  readonly format: 'text' | 'tracer';
  readonly json?: true;
  readonly chart?: string;
}

interface DiffOptions {
  readonly threadSize: number;
  readonly json?: true;
}

interface Found {
  readonly file: string;
  readonly tables: readonly StackTable[];
}

export function register(program: Command, context: Context): void {
  // Options of its commands are theirs; else --json and --chart of `explain` would be taken for those of `stack`. It
  // needs both: without the program's, only what looks like an option is left when `stack` comes to look.
  program.enablePositionalOptions();
  const stack = measureOptions(program.command('stack'))
    .summary('measure how deep the kernel stack goes, and say what each layer costs')
    .description(
      "Boots each kernel, makes the mounts, and takes the table of the kernel's stack tracer while something is done to the topmost one.",
    )
    .enablePositionalOptions()
    .addOption(threadSize())
    .addHelpText('after', measureHelp())
    .action((options: MeasureOptions) => measureCommand(options, context));
  registerExplain(stack);
  registerDiff(stack);
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
        tables.map((table) => ({ file: labelOf(file), explanation: explain(table, options.threadSize) })),
      );
      process.stdout.write(
        options.json ? json(explainReport(named, version())) : stackText(named, styleFor(process.stdout)),
      );
    });
}

function registerDiff(stack: Command): void {
  stack
    .command('diff')
    .summary('compare two tables')
    .description(
      "Which frames two tables gained, lost and changed, what each layer costs, and which change is the path's own.",
    )
    .argument('<before>', 'a file with one table, FILE#2 is the second of several; - is standard input')
    .argument('<after>', 'another')
    .addOption(threadSize())
    .option('--json', 'print JSON, as docs/stack.schema.json says')
    .addHelpText(
      'after',
      `
Example:
  $ fathom stack diff before.txt after.txt`,
    )
    .action(async (before: string, after: string, options: DiffOptions) => {
      if (before === '-' && after === '-') throw new UsageError('standard input is one file: name the other one');
      const [a, b] = [await readOne(before), await readOne(after)];
      const found = diff(explain(a, options.threadSize), explain(b, options.threadSize));
      const names = [labelOf(before), labelOf(after)] as const;
      process.stdout.write(
        options.json
          ? json(diffReport(...names, found, version()))
          : stackDiffText(names, found, styleFor(process.stdout)),
      );
    });
}

async function draw(file: string, found: readonly Found[], threadSizeBytes: number): Promise<void> {
  const rows = found.flatMap(({ file: from, tables }) =>
    tables.map((table, n) =>
      chartRow(
        `${path.basename(labelOf(from))}${tables.length > 1 ? `#${n + 1}` : ''}`,
        explain(table, threadSizeBytes),
      ),
    ),
  );
  await writeChart(file, rows, {
    title: rows.length === 1 ? 'What a kernel stack is made of' : `What ${rows.length} kernel stacks are made of`,
    source: { date: new Date().toISOString().slice(0, 10), command: commandLine() },
  });
}

function threadSize(): Option {
  return new Option('--thread-size <bytes>', 'size of a kernel stack: 16384 on x86_64 and arm64, 8K on arm')
    .argParser(bytes)
    .default(THREAD_SIZE);
}

/** @throws UsageError naming every file without a table, and what was found in it */
async function readTables(files: readonly string[]): Promise<readonly Found[]> {
  if (files.filter((file) => file === '-').length > 1)
    throw new UsageError('standard input can be read once: - was given twice');
  const found: Found[] = [];
  const without: string[] = [];
  for (const file of files) {
    const text = await read(file);
    const tables = parseStackTables(text);
    if (tables.length === 0) without.push(`there is no stack table in ${labelOf(file)}: ${foundInstead(text)}`);
    found.push({ file, tables });
  }
  if (without.length > 0) throw new UsageError(without.join('\n  '));
  return found;
}

async function readOne(argument: string): Promise<StackTable> {
  const [, named, number] = existsSync(argument) ? [] : (/^(.+)#([1-9]\d*)$/.exec(argument) ?? []);
  const file = named ?? argument;
  const [{ tables }] = (await readTables([file])) as readonly [Found];
  if (number === undefined && tables.length > 1) {
    const lines = tables.map(({ line }, n) => `${labelOf(file)}#${n + 1} (line ${line})`);
    throw new UsageError(`${labelOf(file)} has ${tables.length} tables: which one? ${lines.join(', ')}`);
  }
  const table = tables[Number(number ?? 1) - 1];
  if (table === undefined)
    throw new UsageError(
      `${argument}: ${labelOf(file)} has ${tables.length === 1 ? '1 table' : `${tables.length} tables`}`,
    );
  return table;
}

async function read(file: string): Promise<string> {
  try {
    return file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`cannot read ${labelOf(file)}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function labelOf(file: string): string {
  return file === '-' ? 'standard input' : file;
}

function json(report: StackReport): string {
  return `${JSON.stringify(report, null, 1)}\n`;
}

function bytes(value: string): number {
  const [, number, unit] = /^(\d+) ?(k?)(?:i?b)?$/i.exec(value) ?? [];
  const size = Number(number) * (unit === '' ? 1 : 1024);
  if (number === undefined || size < 1024 || !Number.isInteger(Math.log2(size)))
    throw new InvalidArgumentError('it is a power of two, in bytes or as 16K');
  return size;
}
