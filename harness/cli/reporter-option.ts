/** `--reporter NAME[=FILE]`, any number of times: the forms of a run's report, and where each goes. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../../vm/machine.ts';
import { makeDirectory } from '../../vm/make-directory.ts';
import { html } from '../report/html.ts';
import { json } from '../report/json.ts';
import { junit } from '../report/junit.ts';
import { markdown } from '../report/markdown.ts';
import { pretty } from '../report/pretty.ts';
import type { Reporter, Style } from '../report/reporter.ts';
import type { Report } from '../report/results.ts';
import { tap } from '../report/tap.ts';
import { styleFor } from './style.ts';

const REPORTERS: Readonly<Record<string, Reporter>> = { pretty, json, tap, junit, markdown, html };

export interface ReporterOptions {
  readonly reporter?: readonly string[];
}

export function addReporterOption(command: Command): Command {
  return command.option(
    '-r, --reporter <name[=file]>',
    `form of the report: ${Object.keys(REPORTERS).join(', ')}; into a file, or one of them on stdout; may be given again (default: pretty)`,
    (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
  );
}

export interface ReportPlan {
  /** Writes every report. Throws HarnessError for a file that cannot be written, after all others were. */
  write(report: Report): Promise<void>;
}

/** Throws UsageError for what there is not, and for a file that cannot be written: before anything is run. */
export async function planReports({ reporter: wanted = ['pretty'] }: ReporterOptions): Promise<ReportPlan> {
  const choices = wanted.map((text) => {
    const [, name = '', file] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
    const reporter = Object.hasOwn(REPORTERS, name) ? REPORTERS[name] : undefined;
    if (reporter === undefined)
      throw new UsageError(`there is no reporter '${name}'; there are: ${Object.keys(REPORTERS).join(', ')}`);
    if (file === '') throw new UsageError(`--reporter ${text}: the file has no name`);
    return { reporter, file };
  });
  const onStdout = choices.filter(({ file }) => file === undefined);
  if (onStdout.length > 1)
    throw new UsageError(
      `only one report can go to stdout: ${onStdout.map(({ reporter }) => reporter.name).join(' or ')}; name a file for the others, --reporter ${onStdout[1]!.reporter.name}=FILE`,
    );
  for (const { file } of choices) if (file !== undefined) await touch(file);
  return {
    write: async (report) => {
      for (const { reporter, file } of choices) {
        if (file === undefined) process.stdout.write(reporter.render(report, styleFor(process.stdout)));
        else await writeFile(file, reporter.render(report, PLAIN));
      }
    },
  };
}

const same = (text: string): string => text;
const PLAIN: Style = { bold: same, dim: same, good: same, bad: same, odd: same, columns: Infinity };

async function touch(file: string): Promise<void> {
  try {
    await makeDirectory(path.dirname(path.resolve(file)));
    await writeFile(file, '', { flag: 'a' });
  } catch (cause) {
    throw new UsageError(
      `the report cannot be written to ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}
