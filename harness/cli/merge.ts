/** `fathom merge`: the shards of a run as one report. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import * as z from 'zod';
import { UsageError } from '../../vm/machine.ts';
import { exitStatusWithKnown, withKnown } from '../report/known.ts';
import { merge, type ShardReport } from '../report/merge.ts';
import { report as reportSchema } from '../report/results.ts';
import { KNOWN_OPTION, readKnown } from './known-option.ts';
import { addReporterOption, planReports, type ReporterOptions } from './reporter-option.ts';

interface Options extends ReporterOptions {
  readonly known?: string;
}

export function register(program: Command): void {
  addReporterOption(program.command('merge'))
    .summary('join the reports of shards')
    .description('Joins what `fathom run --shard` left on several machines; a shard that is missing is an error.')
    .argument('<report...>', 'the directories of --output, or files of --reporter json, of all shards')
    .option('--known <file>', KNOWN_OPTION)
    .addHelpText(
      'after',
      `
The exit status is that of \`fathom run\`; 2 where a shard is missing, there twice, interrupted or of another run.

Example:
  $ fathom run --kernel deb:linux-image.deb --shard 1/2 --output one      # and 2/2 elsewhere
  $ fathom merge one two --reporter junit=report.xml`,
    )
    .action(mergeCommand);
}

async function mergeCommand(places: readonly string[], options: Options): Promise<void> {
  const reports = await planReports(options);
  const known = options.known === undefined ? undefined : await readKnown(options.known);
  const merged = merge(await Promise.all(places.map(readShard)));
  const report =
    known === undefined ? merged : withKnown(merged, known, merged.startedAt.slice(0, 'YYYY-MM-DD'.length));
  await reports.write(report);
  process.exitCode = exitStatusWithKnown(report);
}

async function readShard(place: string): Promise<ShardReport> {
  let text: string;
  let file = place;
  try {
    if ((await stat(place)).isDirectory()) file = path.join(place, 'report.json');
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`cannot read the shard ${place}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  try {
    return { file, report: reportSchema.parse(JSON.parse(text)) };
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new UsageError(`${file} is no report of this fathom: ${why}`, { cause });
  }
}
