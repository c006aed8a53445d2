/** `fathom identify`: a kernel's behaviours by experiment. */
import { Option, type Command } from 'commander';
import { UsageError } from '../../vm/machine.ts';
import { exitStatusOf } from '../judge/verdict.ts';
import { BATTERY } from '../identify/battery.ts';
import {
  IDENTIFIED_VERSION,
  identifiedRecord,
  identifiedReport,
  type IdentifiedKernelRecord,
} from '../report/identified-results.ts';
import { identifiedText } from '../report/identified-text.ts';
import { progressOf } from '../report/progress.ts';
import { qemu } from '../run/backend.ts';
import { identifyKernels } from '../run/identify.ts';
import type { Context } from './main.ts';
import { collectModule } from './module-option.ts';
import { styleFor } from './style.ts';
import { version } from '../run/version.ts';

interface Options {
  readonly kernel?: readonly string[];
  readonly module?: Readonly<Record<string, string>>;
  readonly accel: 'auto' | 'kvm' | 'tcg';
  readonly fresh?: true;
  readonly reporter: 'pretty' | 'json';
  readonly mirror?: string;
}

export function register(program: Command, context: Context): void {
  program
    .command('identify')
    .summary("find a kernel's behaviours by experiment")
    .description(
      'Runs a short battery of scenarios whose outcomes tell the values of behaviours apart, and says what was found, by which step, ' +
        'and where it departs from what the version suggests: a backport shows.',
    )
    .option('-k, --kernel <spec>', 'kernel to identify, may be given again', collect)
    .option('-m, --module <name=file>', 'put FILE.ko in place of a module, may be given again', collectModule)
    .addOption(new Option('--accel <name>', 'accelerator').choices(['auto', 'kvm', 'tcg']).default('auto'))
    .option('--fresh', 'boot every guest instead of cloning a frozen one')
    .addOption(new Option('-r, --reporter <name>', 'form of the report').choices(['pretty', 'json']).default('pretty'))
    .option('--mirror <url>', "Debian mirror (default: the machine's own apt sources)")
    .addHelpText(
      'after',
      `
Exit status: 0 told; 1 the kernel behaves in no known way, crashed or hung; 125 nothing can be said of a step.

Examples:
  $ fathom identify --kernel debian:6.17.13
  $ fathom identify --kernel deb:linux-image-vendor.deb --reporter json`,
    )
    .action((options: Options) => identifyCommand(options, context));
}

async function identifyCommand(options: Options, { signal }: Context): Promise<void> {
  if (options.kernel === undefined)
    throw new UsageError('which kernel? --kernel debian:6.17.13, say; `fathom kernels` lists what can be had');
  const kernels = [...new Set(options.kernel)];
  const startedAt = new Date();
  const found = new Map<string, IdentifiedKernelRecord>();
  const progress = progressOf(kernels, BATTERY.length, process.stderr);
  try {
    await identifyKernels(
      {
        kernels,
        replace: options.module ?? {},
        accelerator: options.accel,
        fresh: options.fresh ?? false,
        mirror: options.mirror,
        backend: qemu,
        signal,
        onPhase: (kernel, text) => progress.phase(kernel, text),
      },
      ({ kernel, identification, steps }) => {
        found.set(kernel.spec, identifiedRecord(kernel, identification, steps));
        progress.done(
          kernel.spec,
          steps.every(({ verdict }) => verdict.kind === 'agrees'),
        );
      },
    );
  } finally {
    await progress.close();
  }
  const report = identifiedReport.parse({
    v: IDENTIFIED_VERSION,
    kind: 'identified',
    fathom: version(),
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    kernels: kernels.flatMap((spec) => found.get(spec) ?? []),
  });
  process.stdout.write(
    options.reporter === 'json'
      ? `${JSON.stringify(report, null, 1)}\n`
      : identifiedText(report, styleFor(process.stdout)),
  );
  process.exitCode = exitStatusOf(report.kernels.flatMap(({ steps }) => steps.map(({ verdict }) => verdict.kind)));
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
