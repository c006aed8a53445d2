/** `fathom replay`: recorded evidence judged again, without a kernel. */
import { Option, type Command } from 'commander';
import { UsageError } from '../../vm/machine.ts';
import { PROFILE_NAMES, type ProfileName } from '../model/profile.ts';
import { exitStatusWithKnown, withKnown } from '../report/known.ts';
import { differenceLines } from '../report/replayed.ts';
import { report as reportSchema, type KernelRecord, type Report } from '../report/results.ts';
import { readBundle } from '../run/bundle.ts';
import { findBundles, replay, type Replayed } from '../run/replay.ts';
import { version } from '../run/version.ts';
import { KNOWN_OPTION, readKnown } from './known-option.ts';
import type { Context } from './main.ts';
import { addReporterOption, planReports } from './reporter-option.ts';

interface Options {
  readonly profile?: ProfileName | 'recorded';
  readonly reporter?: readonly string[];
  readonly known?: string;
}

export function register(program: Command, context: Context): void {
  addReporterOption(program.command('replay'))
    .summary('judge recorded evidence again, without a kernel')
    .description(
      'Reads what `fathom run --output DIR` kept and judges it by the model as it is now. Says where the verdict is another one.',
    )
    .argument('<bundle...>', 'DIR/KERNEL/SCENARIO, or a directory above: then all bundles below')
    .addOption(
      new Option(
        '--profile <name>',
        'judge erofs stacking by this profile; recorded: every behaviour as it was when it was recorded (default: as the run was told)',
      ).choices([...PROFILE_NAMES, 'recorded']),
    )
    .option('--known <file>', KNOWN_OPTION)
    .addHelpText(
      'after',
      `
On stderr stands how long the judging took, and each step of which something else is said than when it was recorded.
The exit status is that of \`fathom run\`, by the verdicts of now.

Example:
  $ fathom run fedora-coreos-2087 --kernel debian:6.17.13 --output evidence
  $ fathom replay evidence`,
    )
    .action((places: string[], options: Options) => replayCommand(places, options, context));
}

async function replayCommand(places: readonly string[], options: Options, { signal }: Context): Promise<void> {
  const startedAt = new Date();
  const reports = await planReports(options);
  const known = options.known === undefined ? undefined : await readKnown(options.known);
  const directories = await findBundles(places);
  const all: Replayed[] = [];
  for (const directory of directories) {
    signal.throwIfAborted();
    all.push(replay(await readBundle(directory), options.profile));
  }
  refuseTwice(all);
  const results = all.flatMap(({ records }) => records);
  const durationMs = Date.now() - startedAt.getTime();
  const judged: Report = reportSchema.parse({
    v: 1,
    fathom: version(),
    startedAt: startedAt.toISOString(),
    durationMs,
    interrupted: false,
    kernels: kernelsOf(all),
    results,
  });
  const report =
    known === undefined ? judged : withKnown(judged, known, startedAt.toISOString().slice(0, 'YYYY-MM-DD'.length));
  await reports.write(report);
  const lines = differenceLines(
    all.flatMap(({ differences }) => differences),
    all.length,
  );
  process.stderr.write(
    [...lines, `${all.length} ${all.length === 1 ? 'bundle' : 'bundles'} read and judged in ${durationMs} ms`, ''].join(
      '\n',
    ),
  );
  process.exitCode = exitStatusWithKnown(report);
}

/** A report has one verdict a step. */
function refuseTwice(all: readonly Replayed[]): void {
  const seen = new Set<string>();
  for (const { records } of all) {
    const [first] = records;
    const name = `${first?.scenario ?? ''} on ${first?.kernel ?? ''}`;
    if (seen.has(name)) throw new UsageError(`two bundles are of ${name}: replay the one and then the other`);
    seen.add(name);
  }
}

/** Each kernel once. */
function kernelsOf(all: readonly Replayed[]): readonly KernelRecord[] {
  return [...new Map(all.map(({ kernel }) => [kernel.spec, kernel])).values()];
}
