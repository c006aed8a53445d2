/** Measuring for a command: progress on standard error, evidence in `--output`, and the figures. */
import { evidenceOf } from '../measure/evidence.ts';
import { figuresOf, type Figure } from '../measure/figure.ts';
import { measure } from '../measure/measure.ts';
import { labelOf, type Measurement, type Subject } from '../measure/measurement.ts';
import type { ChartRow } from '../report/chart/chart.ts';
import {
  figureRecord,
  MEASURED_REPORT_VERSION,
  measuredReport,
  type MeasuredReport,
} from '../report/measured-results.ts';
import { progressOf } from '../report/progress.ts';
import { qemu } from '../run/backend.ts';
import { chartRow, commandLine, writeChart } from './chart.ts';
import { makeOutput } from './output.ts';
import type { MeasureOptions } from './stack-subjects.ts';
import { version } from '../run/version.ts';

export interface Measured {
  readonly figures: readonly Figure[];
  readonly report: MeasuredReport;
  /** Why there are fewer figures than were asked for: an interruption, or wrong use that turned up late. */
  readonly failure: { readonly error: unknown } | undefined;
  /** Writes the report to `--output`. */
  readonly keep: () => Promise<void>;
}

export interface Measuring {
  readonly subjects: readonly Subject[];
  /** Module name → file that replaces it. */
  readonly replace: Readonly<Record<string, string>>;
  /** Where to keep the evidence; undefined to keep none. */
  readonly output: string | undefined;
}

/** @throws what ended the measuring, where nothing had been measured by then */
export async function measured(
  { subjects, replace, output }: Measuring,
  options: MeasureOptions,
  signal: AbortSignal,
): Promise<Measured> {
  if (output !== undefined) await makeOutput(output);
  const evidence = evidenceOf(output);
  const startedAt = new Date();
  const kernels = [...new Set(subjects.map(({ kernel }) => kernel))];
  const progress = progressOf(kernels, (subjects.length / kernels.length) * options.repeat, process.stderr, 'clones');
  const partial = new Map<Subject, Measurement>();
  let failure: Measured['failure'];
  let measurements: readonly Measurement[] = [];
  try {
    measurements = await measure({
      subjects,
      repeat: options.repeat,
      replace,
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
    measurements = subjects.flatMap((subject) => partial.get(subject) ?? []);
    if (measurements.every(({ samples }) => samples.length === 0)) throw error;
    failure = { error };
  } finally {
    for (const kernel of kernels) progress.done(kernel, failure === undefined);
    await progress.close();
  }
  const figures = figuresOf(measurements, options.threadSize);
  const report = measuredReport.parse({
    v: MEASURED_REPORT_VERSION,
    fathom: version(),
    kind: 'measured',
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    interrupted: failure !== undefined,
    figures: figures.map(figureRecord),
  });
  return { figures, report, failure, keep: () => evidence.close(report) };
}

/** The most frequent path of each figure, with the spread of all its peaks. */
export function figureRows(figures: readonly Figure[], labels: readonly string[]): readonly ChartRow[] {
  return figures.flatMap(({ distribution }, n) => {
    if (distribution === undefined) return [];
    const { runs, peak, ways } = distribution;
    return { ...chartRow(labels[n]!, ways[0].example), spread: { minBytes: peak.min, maxBytes: peak.max, runs } };
  });
}

/** With its kernel where there are several. */
export function figureLabels(figures: readonly Figure[]): readonly string[] {
  const subjects = figures.map(({ measurement: { subject } }) => subject);
  const several = new Set(subjects.map(({ kernel }) => kernel)).size > 1;
  return subjects.map((subject) => (several ? `${subject.kernel}, ${labelOf(subject)}` : labelOf(subject)));
}

export async function chartFigures(
  file: string,
  rows: readonly ChartRow[],
  { figures, report }: Pick<Measured, 'figures' | 'report'>,
): Promise<void> {
  await writeChart(file, rows, {
    title: 'Kernel stack depth',
    source: {
      kernel: [...new Set(figures.map(({ measurement: { release } }) => release))].join(', '),
      date: report.startedAt.slice(0, 10),
      command: commandLine(),
    },
  });
}
