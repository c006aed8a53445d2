/** `fathom run`: scenarios on kernels, a verdict a step. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { UsageError } from '../../vm/machine.ts';
import { PROFILE_NAMES, type ProfileName } from '../model/profile.ts';
import { exitStatusWithKnown, withKnown } from '../report/known.ts';
import { progressOf } from '../report/progress.ts';
import { report as reportSchema, type Report, type StepRecord } from '../report/results.ts';
import { evidenceIn, noEvidence } from '../run/evidence.ts';
import { loadScenarios } from '../run/load-scenarios.ts';
import { run } from '../run/run.ts';
import { BUILD_OPTION, buildTrees } from './build-option.ts';
import { collectRun } from './collect-run.ts';
import type { Context } from './main.ts';
import { chooseMachine, MACHINE_OPTION } from './machine-option.ts';
import { collectModule } from './module-option.ts';
import { KNOWN_OPTION, readKnown } from './known-option.ts';
import { makeOutput } from './output.ts';
import { addReporterOption, planReports } from './reporter-option.ts';
import { parseShard, partOf, type Shard } from './shard-option.ts';
import { version } from '../run/version.ts';

interface Options {
  readonly kernel?: readonly string[];
  readonly module?: Readonly<Record<string, string>>;
  readonly profile?: ProfileName | 'auto';
  readonly accel: 'auto' | 'kvm' | 'tcg';
  readonly jobs?: number;
  readonly fresh?: true;
  readonly share?: true;
  readonly build?: true;
  readonly machine: string;
  readonly disposableHost?: true;
  readonly sshConfig?: string;
  readonly reporter?: readonly string[];
  readonly known?: string;
  readonly shard?: Shard;
  readonly output?: string;
  readonly mirror?: string;
}

export function register(program: Command, context: Context): void {
  addReporterOption(program.command('run'))
    .summary('run scenarios on kernels and judge each step')
    .description(
      'Boots each kernel, makes the mounts of each scenario, and compares what the kernel did with the model.',
    )
    .argument('[scenario...]', 'names, or groups (reports, layouts, oracle, rules); none: all of them')
    .option(
      '-k, --kernel <spec>',
      'kernel to run on, may be given again: debian:6.17.13, deb:FILE, rpm:FILE, tree:DIR, image:FILE,modules=DIR,config=FILE, host',
      collect,
    )
    .option('--build', BUILD_OPTION)
    .option('--machine <where>', MACHINE_OPTION, 'qemu')
    .option('--ssh-config <file>', "with --machine ssh: a configuration of ssh in place of the user's own")
    .option('--disposable-host', 'this machine may be spoilt: --machine host needs it')
    .option('-m, --module <name=file>', 'put FILE.ko in place of a module, may be given again', collectModule)
    .addOption(
      new Option(
        '--profile <name>',
        'judge erofs stacking by this profile instead of the one the version suggests; auto: by the behaviours that an experiment finds',
      ).choices([...PROFILE_NAMES, 'auto']),
    )
    .addOption(new Option('--accel <name>', 'accelerator').choices(['auto', 'kvm', 'tcg']).default('auto'))
    .option('-j, --jobs <n>', 'guests at once (default: what cores and memory allow)', positive)
    .option('--fresh', 'boot every guest instead of cloning a frozen one')
    .option('--share', 'several scenarios in one guest, one after the other; what does not agree is repeated alone')
    .option('--known <file>', KNOWN_OPTION)
    .option(
      '--shard <i/n>',
      'only this part of the scenarios, from 1/N to N/N; `fathom merge` joins their reports',
      parseShard,
    )
    .option('-o, --output <dir>', 'keep the evidence there: console, transcript, kernel log, plan, JSON')
    .option('--mirror <url>', "Debian mirror (default: the machine's own apt sources)")
    .addHelpText(
      'after',
      `
In the report: "ok d1" worked, and the model gives it depth 1; an errno is what the kernel refused it with; "-" was not
tried, since what it stands on was refused. "!" marks what disagrees with the model, "?" what nothing can be said of.

Examples:
  $ fathom run fedora-coreos-2087 --kernel debian:6.17.8 --kernel debian:6.17.13
  $ fathom run fedora-coreos-2087 --machine ssh:root@lab
  $ git bisect run fathom run fedora-coreos-2087 --kernel tree:. --build`,
    )
    .action((names: string[], options: Options) => runCommand(names, options, context));
}

async function runCommand(names: readonly string[], options: Options, { signal }: Context): Promise<void> {
  if (options.kernel === undefined && options.machine === 'qemu')
    throw new UsageError('which kernel? --kernel debian:6.17.13, say; `fathom kernels` lists what can be had');
  const all = await loadScenarios(names, signal);
  const scenarios = options.shard === undefined ? all : partOf(all, options.shard);
  const reports = await planReports(options);
  const known = options.known === undefined ? undefined : await readKnown(options.known);
  await using machine = await chooseMachine(options, scenarios, signal);
  const kernels = [...new Set(options.kernel ?? [machine.kernel!])];
  if (options.output !== undefined) await makeOutput(options.output);
  const startedAt = new Date();
  const progress = progressOf(kernels, scenarios.length, process.stderr);
  const { results, records, observer } = collectRun(progress);
  const evidence = options.output === undefined ? noEvidence : evidenceIn(options.output);
  let failure: { readonly error: unknown } | undefined;
  try {
    if (options.build) await buildTrees(kernels, signal, (spec, text) => progress.phase(spec, text));
    await run({
      scenarios,
      kernels,
      replace: options.module ?? {},
      profile: options.profile,
      accelerator: options.accel,
      // Plans of two agents on one machine would meet.
      jobs: machine.kernel === undefined ? options.jobs : 1,
      fresh: options.fresh ?? false,
      share: options.share ?? false,
      mirror: options.mirror,
      backend: machine.backend,
      evidence,
      signal,
      observer,
    });
  } catch (error) {
    if (results.length === 0) throw error;
    failure = { error };
  } finally {
    await progress.close();
  }
  const order = new Map(scenarios.map(({ name }, index) => [name, index]));
  // The battery of `--profile auto` is there only where it does not agree, and comes first.
  const rank = ({ kernel, scenario }: StepRecord) =>
    (order.get(scenario) ?? -1) * kernels.length + kernels.indexOf(kernel);
  const measured: Report = reportSchema.parse({
    v: 1,
    fathom: version(),
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    interrupted: failure !== undefined,
    ...(options.shard === undefined ? {} : { shard: { ...options.shard, scenarios: all.map(({ name }) => name) } }),
    kernels: kernels.flatMap((spec) => records.get(spec) ?? []),
    results: results.sort((a, b) => rank(a) - rank(b)),
  });
  const report =
    known === undefined ? measured : withKnown(measured, known, startedAt.toISOString().slice(0, 'YYYY-MM-DD'.length));
  await reports.write(report);
  if (failure !== undefined) throw failure.error;
  await evidence.close(report);
  process.exitCode = exitStatusWithKnown(report);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('it is a whole number of at least 1');
  return number;
}
