/** `fathom diff`: what changed in behaviour between two kernels, or one with and without a replaced module. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { differencesOf, diffStatus, KERNEL_DIFF_VERSION, kernelDiffReport, kernelsOf } from '../report/diff-results.ts';
import { diffText } from '../report/diff-text.ts';
import { progressOf } from '../report/progress.ts';
import { qemu } from '../run/backend.ts';
import { diffKernels } from '../run/diff.ts';
import { loadScenarios } from '../run/load-scenarios.ts';
import { BUILD_OPTION, buildTrees } from './build-option.ts';
import { prepareSides } from './diff-sides.ts';
import { stackCosts } from './diff-stack.ts';
import type { Context } from './main.ts';
import { collectModule } from './module-option.ts';
import { styleFor } from './style.ts';
import { version } from '../run/version.ts';

export interface DiffOptions {
  readonly scenario?: readonly string[];
  readonly module?: Readonly<Record<string, string>>;
  readonly patch?: string;
  readonly tree?: string;
  readonly build?: true;
  readonly stack: boolean;
  readonly repeat: number;
  readonly accel: 'auto' | 'kvm' | 'tcg';
  readonly jobs?: number;
  readonly fresh?: true;
  readonly reporter: 'pretty' | 'json';
  readonly mirror?: string;
}

export function register(program: Command, context: Context): void {
  program
    .command('diff')
    .summary('compare two kernels, or one with and without a replaced module or a patch')
    .description(
      'Runs the same scenarios on both, compares what each did step by step, and explains each difference by the model; ' +
        'then compares what a read and a copy-up cost on the stack.',
    )
    .argument('[before]', 'kernel spec: debian:6.17.8, deb:FILE, tree:DIR ...')
    .argument('[after]', 'another; without it, the same kernel with --module')
    .option('-p, --patch <file>', 'instead of two kernels: the tree of --tree without and with this patch or mbox')
    .option('-t, --tree <dir>', 'a configured kernel tree, for --patch; afterwards it is as it was')
    .option('--build', BUILD_OPTION)
    .option(
      '-m, --module <name=file>',
      'put FILE.ko in place of a module of the kernel after, may be given again',
      collectModule,
    )
    .option('-s, --scenario <name>', 'only this scenario or group, may be given again (default: all)', collect)
    .option('--no-stack', 'leave out what it costs on the stack')
    .option('-n, --repeat <n>', 'clones for each stack cost', positive, 5)
    .addOption(new Option('--accel <name>', 'accelerator').choices(['auto', 'kvm', 'tcg']).default('auto'))
    .option('-j, --jobs <n>', 'guests at once (default: what cores and memory allow)', positive)
    .option('--fresh', 'boot every guest instead of cloning a frozen one')
    .addOption(new Option('-r, --reporter <name>', 'form of the report').choices(['pretty', 'json']).default('pretty'))
    .option('--mirror <url>', "Debian mirror (default: the machine's own apt sources)")
    .addHelpText(
      'after',
      `
Exit status: 0 nothing differs; 1 something does; 125 it cannot be said, with what could be.

Examples:
  $ fathom diff debian:6.17.8 debian:6.17.13
  $ fathom diff debian:6.18.9 --module overlay=fs/overlayfs/overlay.ko
  $ fathom diff debian:6.18.9 tree:. --scenario oracle --no-stack
  $ fathom diff --patch 0001-erofs.patch --tree ~/linux`,
    )
    .action((before: string | undefined, after: string | undefined, options: DiffOptions) =>
      diffCommand(before, after, options, context),
    );
}

async function diffCommand(
  before: string | undefined,
  after: string | undefined,
  options: DiffOptions,
  { signal }: Context,
): Promise<void> {
  await using prepared = await prepareSides(before, after, options, signal);
  const { sides } = prepared;
  const scenarios = await loadScenarios(options.scenario ?? [], signal);
  const startedAt = new Date();
  const specs = [...new Set(sides.map(({ spec }) => spec))];
  const progress = progressOf(specs, (scenarios.length * 2) / specs.length, process.stderr);
  let compared;
  try {
    if (options.build) await buildTrees(specs, signal, (spec, text) => progress.phase(spec, text));
    compared = await diffKernels({
      scenarios,
      sides,
      accelerator: options.accel,
      jobs: options.jobs,
      fresh: options.fresh ?? false,
      mirror: options.mirror,
      backend: qemu,
      signal,
      onPhase: (spec, text) => progress.phase(spec, text),
      onScenario: (spec, name) => progress.step(spec, name, true),
    });
  } finally {
    await progress.close();
  }
  const stack = options.stack ? await stackCosts(sides, options, signal) : [];
  const report = kernelDiffReport.parse({
    v: KERNEL_DIFF_VERSION,
    kind: 'kernel-diff',
    fathom: version(),
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    ...kernelsOf(compared.kernels, compared.behaviours),
    ...differencesOf(compared.comparison),
    stack,
  });
  process.stdout.write(
    options.reporter === 'json' ? `${JSON.stringify(report, null, 1)}\n` : diffText(report, styleFor(process.stdout)),
  );
  process.exitCode = diffStatus(report);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('it is a whole number of at least 1');
  return number;
}
