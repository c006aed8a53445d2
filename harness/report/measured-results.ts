/** What `fathom stack` measured, as data, version 1: what `--json` prints and `report.json` keeps. Bytes, ms. */
import * as z from 'zod';
import type { Figure, Predicted } from '../measure/figure.ts';
import { labelOf } from '../measure/measurement.ts';
import { spread, spreadRecord } from './spread.ts';
import { subjectFields, subjectRecord } from './subject-record.ts';
import { explained, tableRecord } from './stack-results.ts';

export const MEASURED_REPORT_VERSION = 1;

const bytes = z.number().int();

const figure = z.strictObject({
  ...subjectFields,
  /** One for each clone that gave a table. */
  samples: z.array(
    z.strictObject({
      table: z.string(),
      maxSizeBytes: bytes,
      performed: z.number().int(),
      counters: z.record(z.string(), z.number().int()),
      /** What the kernel said at warning level or above. */
      warnings: z.array(z.string()),
      durationMs: z.number().int(),
    }),
  ),
  failures: z.array(
    z.strictObject({
      kind: z.enum(['refused', 'disagrees', 'crashed', 'hung', 'unsupported', 'broken']),
      why: z.string(),
      title: z.string().optional(),
      console: z.string().optional(),
    }),
  ),
  /** Absent when no clone gave a table. */
  distribution: z
    .strictObject({
      peak: spread,
      path: spread,
      pathWithoutMemory: spread,
      /** Most frequent first: runs whose path has the same functions. */
      ways: z.array(z.strictObject({ runs: z.number().int(), pathBytes: bytes })),
      /** Whether the pressure arrived: its counters rose, and how many tables have frames of reclaim. */
      pressure: z.strictObject({ reached: z.boolean(), reclaimTables: z.number().int() }),
    })
    .optional(),
  /** Of the most frequent path. */
  typical: explained.optional(),
  /** Mounts of the topology that the most frequent path does not pass: its depth is not theirs, and predicts nothing. */
  notPassed: z.array(z.string()),
  /** What the other topologies of this run say of this one's path, and how far that is from what was measured. */
  prediction: z
    .strictObject({
      /** Of the path without the allocator and reclaim at its top, and how far that is from what was measured. */
      bytes,
      errorBytes: bytes.optional(),
      parts: z.array(z.strictObject({ name: z.string(), bytes, from: z.string() })),
    })
    .optional(),
  notPredicted: z.string().optional(),
});

export const measuredReport = z.strictObject({
  v: z.literal(MEASURED_REPORT_VERSION),
  fathom: z.string(),
  kind: z.literal('measured'),
  startedAt: z.string(),
  durationMs: z.number().int(),
  interrupted: z.boolean(),
  figures: z.array(figure),
});
export type MeasuredReport = z.infer<typeof measuredReport>;

export function figureRecord(one: Figure): z.infer<typeof figure> {
  const { measurement, distribution, reclaimTables, reached, notPassed, predicted } = one;
  const { subject, samples, failures } = measurement;
  return {
    ...subjectRecord(measurement),
    samples: samples.map((sample) => ({ ...sample, counters: { ...sample.counters }, warnings: [...sample.warnings] })),
    failures: failures.map((failure) => ({ ...failure })),
    ...(distribution === undefined
      ? {}
      : {
          distribution: {
            peak: spreadRecord(distribution.peak),
            path: spreadRecord(distribution.path),
            pathWithoutMemory: spreadRecord(distribution.withoutMemory),
            ways: distribution.ways.map(({ runs, pathBytes }) => ({ runs, pathBytes })),
            pressure: { reached, reclaimTables },
          },
          typical: tableRecord({ file: labelOf(subject), explanation: distribution.ways[0].example }),
        }),
    notPassed: [...notPassed],
    ...predictionRecord(predicted, distribution?.ways[0].example.withoutMemoryBytes),
  };
}

function predictionRecord(
  predicted: Predicted,
  measured: number | undefined,
): Pick<z.infer<typeof figure>, 'prediction' | 'notPredicted'> {
  switch (predicted.kind) {
    case 'not-asked':
      return {};
    case 'unknown':
      return { notPredicted: predicted.part };
    case 'predicted':
      return {
        prediction: {
          bytes: predicted.bytes,
          ...(measured === undefined ? {} : { errorBytes: predicted.bytes - measured }),
          parts: predicted.parts.map((part) => ({ ...part })),
        },
      };
  }
  return predicted satisfies never;
}
