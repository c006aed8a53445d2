/** `fathom stack` itself: boots kernels, makes the mounts, and measures the stack of what is done to them. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { UsageError } from '../../vm/machine.ts';
import { evidenceOf } from '../measure/evidence.ts';
import { figuresOf, type Figure } from '../measure/figure.ts';
import { measure } from '../measure/measure.ts';
import { labelOf, type Device, type Measurement, type Subject } from '../measure/measurement.ts';
import { OPERATIONS, operationNamed } from '../measure/operation.ts';
import { PRESSURES, pressureNamed } from '../measure/pressure.ts';
import { exitStatusOf } from '../measure/exit-status.ts';
import { barsText } from '../report/chart/bars.ts';
import type { ChartRow } from '../report/chart/chart.ts';
import { figureRecord, MEASURED_REPORT_VERSION, measuredReport } from '../report/measured-results.ts';
import { measuredText } from '../report/measured-text.ts';
import { progressOf } from '../report/progress.ts';
import { tracerText } from '../report/stack-tracer.ts';
import { qemu } from '../run/backend.ts';
import { notationOf } from '../topology/notation.ts';
import { parseTopology } from '../topology/parse-notation.ts';
import { chartFormat, chartRow, commandLine, writeChart } from './chart.ts';
import type { Context } from './main.ts';
import { makeOutput } from './output.ts';
import { styleFor } from './style.ts';
import { version } from './version.ts';

export interface MeasureOptions {
  readonly kernel?: readonly string[];
  readonly topology?: readonly string[];
  readonly operation?: readonly string[];
  readonly pressure?: readonly string[];
  readonly warm?: true;
  readonly device: Device;
  readonly repeat: number;
  readonly cpus: number;
  readonly jobs?: number;
  readonly accel: 'auto' | 'kvm' | 'tcg';
  readonly module?: Readonly<Record<string, string>>;
  readonly mirror?: string;
  readonly threadSize: number;
  readonly format: 'text' | 'tracer';
  readonly json?: true;
  readonly chart?: string;
  readonly output?: string;
}

export function measureOptions(command: Command): Command {
  return command
    .option('-k, --kernel <spec>', 'kernel to measure on, may be given again', collect)
    .option('-t, --topology <mounts>', "mounts, as in 'ovl(ovl(erofs[file](xfs)))', may be given again", collect)
    .option('--operation <name>', 'what is done to the topmost mount, may be given again (default: read)', collect)
    .option('--pressure <name>', 'under which pressure, may be given again (default: none)', collect)
    .option('--warm', 'with caches filled; otherwise they are dropped before')
    .addOption(
      new Option('--device <name>', 'how disks are attached')
        .choices(['virtio-blk', 'virtio-scsi', 'nvme'])
        .default('virtio-blk'),
    )
    .option('-n, --repeat <n>', 'clones for each figure', positive, 5)
    .option('--cpus <n>', 'CPUs of a guest', positive, 1)
    .option('-j, --jobs <n>', 'guests at once (default: what cores and memory allow)', positive)
    .addOption(new Option('--accel <name>', 'accelerator').choices(['auto', 'kvm', 'tcg']).default('auto'))
    .option('--mirror <url>', "Debian mirror (default: the machine's own apt sources)")
    .addOption(
      new Option('--format <name>', 'text, or tracer: the most frequent table of each figure as the kernel prints it')
        .choices(['text', 'tracer'])
        .default('text'),
    )
    .option('--json', 'print JSON, as docs/measured.schema.json says')
    .option('--chart <file>', 'draw the bars into a .svg or .png file')
    .option('-o, --output <dir>', 'keep every table there, with plan, transcript, kernel log and console');
}

export function measureHelp(): string {
  const list = (all: readonly { readonly name: string; readonly about: string }[]): string =>
    all.map(({ name, about }) => `  ${name.padEnd(20)}${about}`).join('\n');
  return `
Operations:
${list(OPERATIONS)}

Pressures:
${list(PRESSURES)}

Topologies: docs/topology.md.

Examples:
  $ fathom stack -k debian:6.18.9 -t 'ovl(ovl(erofs[file](xfs)))' --operation copy-up --pressure memcg
  $ fathom stack explain /sys/kernel/tracing/stack_trace
  $ fathom stack diff before.txt after.txt`;
}

export async function measureCommand(options: MeasureOptions, { signal }: Context): Promise<void> {
  const subjects = subjectsOf(options);
  if (options.json && options.format === 'tracer')
    throw new UsageError('--format tracer and --json: which of the two?');
  if (options.chart !== undefined) chartFormat(options.chart);
  if (options.output !== undefined) await makeOutput(options.output);
  const evidence = evidenceOf(options.output);
  const startedAt = new Date();
  const kernels = [...new Set(subjects.map(({ kernel }) => kernel))];
  const progress = progressOf(kernels, (subjects.length / kernels.length) * options.repeat, process.stderr, 'clones');
  const partial = new Map<Subject, Measurement>();
  let failure: { readonly error: unknown } | undefined;
  let measured: readonly Measurement[] = [];
  try {
    measured = await measure({
      subjects,
      repeat: options.repeat,
      replace: {},
      accelerator: options.accel,
      cpus: options.cpus,
      jobs: options.jobs,
      mirror: options.mirror,
      backend: qemu,
      signal,
      observer: {
        onPhase: (subject, text) => progress.phase(subject.kernel, `${labelOf(subject)}: ${text}`),
        onClone: async (subject, number, result, trace) => {
          await evidence.keep(subject, number, result, trace);
          progress.step(subject.kernel, labelOf(subject), !('kind' in result));
        },
        onMeasurement: (measurement) => partial.set(measurement.subject, measurement),
      },
    });
  } catch (error) {
    measured = subjects.flatMap((subject) => partial.get(subject) ?? []);
    if (measured.every(({ samples }) => samples.length === 0)) throw error;
    failure = { error };
  } finally {
    for (const kernel of kernels) progress.done(kernel, failure === undefined);
    await progress.close();
  }
  const figures = figuresOf(measured, options.threadSize);
  const report = measuredReport.parse({
    v: MEASURED_REPORT_VERSION,
    fathom: version(),
    kind: 'measured',
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    interrupted: failure !== undefined,
    figures: figures.map(figureRecord),
  });
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);
  else if (options.format === 'tracer') process.stdout.write(tracerText(typicalOf(figures)));
  else {
    const style = styleFor(process.stdout);
    const rows = chartRows(figures);
    process.stdout.write(`${rows.length === 0 ? '' : `${barsText(rows, style)}\n`}${measuredText(figures, style)}`);
  }
  if (options.chart !== undefined)
    await writeChart(options.chart, chartRows(figures), {
      title: 'Kernel stack depth',
      source: {
        kernel: [...new Set(measured.map(({ release }) => release))].join(', '),
        date: startedAt.toISOString().slice(0, 10),
        command: commandLine(),
      },
    });
  await evidence.close(report);
  if (failure !== undefined) throw failure.error;
  process.exitCode = exitStatusOf(figures);
}

/** Kernels × topologies × operations × pressures. Throws UsageError for what cannot be meant. */
function subjectsOf(options: MeasureOptions): readonly Subject[] {
  const { kernel: kernels, topology: topologies } = options;
  if (kernels === undefined || topologies === undefined)
    throw new UsageError(
      `${kernels === undefined ? 'which kernel? --kernel debian:6.18.9' : "which mounts? --topology 'ovl(ovl(erofs[file](xfs)))'"}, say; \`fathom stack --help\` shows more`,
    );
  const mounts = [...new Set(topologies)].map((text) => parseTopology(text));
  const operations = [...new Set(options.operation ?? ['read'])].map(operationNamed);
  const pressures = [...new Set(options.pressure ?? ['none'])].map(pressureNamed);
  return [...new Set(kernels)].flatMap((kernel) =>
    mounts.flatMap((mount) =>
      operations.flatMap((operation) =>
        pressures.map((pressure): Subject => ({
          kernel,
          topology: notationOf(mount),
          mount,
          operation,
          pressure,
          cache: options.warm ? 'warm' : 'cold',
          device: options.device,
        })),
      ),
    ),
  );
}

/** The most frequent path of each figure, with the spread of all its peaks. */
function chartRows(figures: readonly Figure[]): readonly ChartRow[] {
  const kernels = new Set(figures.map(({ measurement }) => measurement.subject.kernel)).size;
  return figures.flatMap(({ measurement: { subject }, distribution }) => {
    if (distribution === undefined) return [];
    const { runs, peak, ways } = distribution;
    const label = kernels > 1 ? `${subject.kernel}, ${labelOf(subject)}` : labelOf(subject);
    return { ...chartRow(label, ways[0].example), spread: { minBytes: peak.min, maxBytes: peak.max, runs } };
  });
}

function typicalOf(figures: readonly Figure[]): Parameters<typeof tracerText>[0] {
  return figures.flatMap(({ distribution }) => distribution?.ways[0].example.table ?? []);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('it is a whole number of at least 1');
  return number;
}
