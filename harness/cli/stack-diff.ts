/** `fathom stack diff`: two tables side by side, from files or measured now. */
import { Option, type Command } from 'commander';
import { UsageError } from '../../vm/machine.ts';
import { stackDiffText } from '../report/stack-diff-text.ts';
import { diffReport } from '../report/stack-results.ts';
import { diff } from '../stack/diff.ts';
import { explain } from '../stack/explain.ts';
import type { Context } from './main.ts';
import { fileLabel, readOne } from './stack-files.ts';
import { diffMeasured } from './stack-diff-measured.ts';
import { measureHelp, measureOptions, type MeasureOptions } from './stack-subjects.ts';
import { styleFor } from './style.ts';
import { threadSize } from './thread-size.ts';
import { version } from '../run/version.ts';

/** What says how a diff is printed, and nothing of what is measured. */
const OF_BOTH = new Set(['threadSize', 'json']);

export function registerDiff(stack: Command, context: Context): void {
  measureOptions(
    stack
      .command('diff')
      .summary('compare two tables, or two things measured now')
      .description(
        "Which frames two tables gained, lost and changed, what each layer costs, and which change is the path's own. " +
          'Without files two things are measured, and their most frequent paths are compared: two topologies, ' +
          'operations, kernels, pressures or devices, or one of these with the kernel as shipped and with --module.',
      )
      .argument('[before]', 'a file with one table, FILE#2 is the second of several; - is standard input')
      .argument('[after]', 'another')
      .addOption(threadSize()),
  )
    .addOption(new Option('--json', 'print JSON, as docs/stack.schema.json says'))
    .addHelpText(
      'after',
      `${measureHelp()}

Examples:
  $ fathom stack diff before.txt after.txt
  $ fathom stack diff -k debian:6.18.9 -t 'ovl(erofs[file](xfs))' -t 'ovl(ovl(erofs[file](xfs)))' --operation read
  $ fathom stack diff -k debian:6.18.9 -t 'ovl(erofs[file](xfs))' --module overlay=./overlay.ko`,
    )
    .action(
      async (before: string | undefined, after: string | undefined, options: MeasureOptions, command: Command) => {
        if (before === undefined) return diffMeasured(options, context);
        const measuring = command.options
          .filter((option) => !OF_BOTH.has(option.attributeName()))
          .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
          .map(({ long }) => long);
        if (measuring.length > 0)
          throw new UsageError(
            `${[before, after].flatMap((file) => (file === undefined ? [] : fileLabel(file))).join(' and ')} would be ` +
              `read, and ${measuring.join(', ')} ${measuring.length === 1 ? 'is' : 'are'} for measuring: which of the two?`,
          );
        if (after === undefined)
          throw new UsageError(`${fileLabel(before)} is to be compared with what? Name a second file`);
        await diffFiles(before, after, options);
      },
    );
}

async function diffFiles(before: string, after: string, options: MeasureOptions): Promise<void> {
  if (before === '-' && after === '-') throw new UsageError('standard input is one file: name the other one');
  const [a, b] = [await readOne(before), await readOne(after)];
  const found = diff(explain(a, options.threadSize), explain(b, options.threadSize));
  const names = [fileLabel(before), fileLabel(after)] as const;
  process.stdout.write(
    options.json
      ? `${JSON.stringify(diffReport(...names, found, version()), null, 1)}\n`
      : stackDiffText(names, found, styleFor(process.stdout)),
  );
}
