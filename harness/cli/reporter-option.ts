/** `--reporter NAME[=FILE]`, any number of times: the forms of a run's report, and where each goes. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../../vm/machine.ts';
import { makeDirectory } from '../../vm/make-directory.ts';
import type { Reporter, Style } from '../report/reporter.ts';
import type { Report } from '../report/results.ts';
import { styleFor } from './style.ts';

/** Each with what it is made of (TAP brings a YAML library) is loaded when it is asked for: every run starts here. */
const REPORTERS: Readonly<Record<string, () => Promise<Reporter>>> = {
  pretty: async () => (await import('../report/pretty.ts')).pretty,
  json: async () => (await import('../report/json.ts')).json,
  tap: async () => (await import('../report/tap.ts')).tap,
  junit: async () => (await import('../report/junit.ts')).junit,
  markdown: async () => (await import('../report/markdown.ts')).markdown,
  html: async () => (await import('../report/html.ts')).html,
};

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
    const load = Object.hasOwn(REPORTERS, name) ? REPORTERS[name] : undefined;
    if (load === undefined)
      throw new UsageError(`there is no reporter '${name}'; there are: ${Object.keys(REPORTERS).join(', ')}`);
    if (file === '') throw new UsageError(`--reporter ${text}: the file has no name`);
    return { name, load, file };
  });
  const onStdout = choices.filter(({ file }) => file === undefined);
  if (onStdout.length > 1)
    throw new UsageError(
      `only one report can go to stdout: ${onStdout.map(({ name }) => name).join(' or ')}; name a file for the others, --reporter ${onStdout[1]!.name}=FILE`,
    );
  for (const { file } of choices) if (file !== undefined) await touch(file);
  const reporters = await Promise.all(choices.map(async ({ load, file }) => ({ reporter: await load(), file })));
  return {
    write: async (report) => {
      for (const { reporter, file } of reporters) {
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
