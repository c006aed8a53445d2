/** What is measured, for tests: topologies in a line, and samples from the mail's tables or made-up ones. */
import type { Figure } from '../../../harness/measure/figure.ts';
import type { Failure, Measurement, Sample, Subject } from '../../../harness/measure/measurement.ts';
import { operationNamed } from '../../../harness/measure/operation.ts';
import { pressureNamed } from '../../../harness/measure/pressure.ts';
import { notationOf } from '../../../harness/topology/notation.ts';
import { parseTopology } from '../../../harness/topology/parse-notation.ts';
import { read } from '../stack/tables.ts';

export const ONE_OVERLAY = 'ovl(erofs[file](xfs))';
/** What the mail's tables were taken on. */
export const TWO_OVERLAYS = 'ovl(ovl(erofs[file](xfs)))';
/** Refused by rule D3. */
export const THREE_OVERLAYS = 'ovl(ovl(ovl(xfs)))';

export interface Words {
  readonly kernel?: string;
  readonly operation?: string;
  readonly pressure?: string;
  readonly cache?: Subject['cache'];
  readonly device?: Subject['device'];
}

export function subjectOf(topology: string, words: Words = {}): Subject {
  const mount = parseTopology(topology);
  return {
    kernel: words.kernel ?? 'debian:6.18.9',
    topology: notationOf(mount),
    mount,
    operation: operationNamed(words.operation ?? 'read'),
    pressure: pressureNamed(words.pressure ?? 'none'),
    cache: words.cache ?? 'cold',
    device: words.device ?? 'virtio-blk',
  };
}

export function sampleOf(table: string = read, extra: Partial<Sample> = {}): Sample {
  return { table, maxSizeBytes: 5456, performed: 1, counters: {}, warnings: [], durationMs: 900, ...extra };
}

export function measured(subject: Subject, samples: readonly Sample[], failures: readonly Failure[] = []): Measurement {
  return { subject, release: '6.18.9', accelerator: 'tcg', samples, failures };
}

export function only(figures: readonly Figure[]): Figure {
  if (figures.length !== 1) throw new Error(`${figures.length} figures`);
  return figures[0]!;
}
