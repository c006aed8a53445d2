/** Measurements → figures: what the tables of one subject say together, and what the other topologies say of it. */
import { UnsupportedError } from '../../vm/machine.ts';
import { distributionOf, type Distribution } from '../stack/distribution.ts';
import { explain, type Explanation } from '../stack/explain.ts';
import { notPassed } from '../stack/passage.ts';
import { predictPath, type Known, type PathPrediction } from '../stack/predict.ts';
import { parseStackTables } from '../stack/table.ts';
import type { Measurement, Subject } from './measurement.ts';
import { stagesOf } from '../judge/stages.ts';

export interface Figure {
  readonly measurement: Measurement;
  /** Undefined when no clone gave a table. */
  readonly distribution: Distribution | undefined;
  /** Whether a counter that proves the pressure rose in any run; true where nothing has to be proved. */
  readonly reached: boolean;
  /** Tables with frames of reclaim. */
  readonly reclaimTables: number;
  /**
   * Mounts of the topology that the most frequent path does not pass, as `overlay 1`: it is the depth of something else
   * that happened meanwhile, or of a way around them. Such a figure neither predicts nor is predicted.
   */
  readonly notPassed: readonly string[];
  /** From the other topologies on the same kernel. */
  readonly predicted: Predicted;
}

export type Predicted = PathPrediction | { readonly kind: 'not-asked' };

export function figuresOf(measurements: readonly Measurement[], threadSizeBytes: number): readonly Figure[] {
  const withTables = measurements.map((measurement) => ({
    measurement,
    tables: explained(measurement, threadSizeBytes),
  }));
  return withTables.map(({ measurement, tables }) => {
    const [first, ...others] = tables;
    const { subject, samples } = measurement;
    const distribution = first === undefined ? undefined : distributionOf([first, ...others]);
    const missed = distribution === undefined ? [] : missedBy(subject, distribution.ways[0].example);
    return {
      measurement,
      distribution,
      reached:
        subject.pressure.proof.length === 0 ||
        samples.some(({ counters }) => subject.pressure.proof.some((name) => (counters[name] ?? 0) > 0)),
      reclaimTables: tables.filter(({ frames }) => frames.some(({ layer }) => layer === 'reclaim')).length,
      notPassed: missed,
      predicted: missed.length > 0 ? { kind: 'not-asked' } : predictionOf(subject, withTables),
    };
  });
}

function explained({ samples }: Measurement, threadSizeBytes: number): readonly Explanation[] {
  return samples.flatMap(({ table }) => parseStackTables(table).map((one) => explain(one, threadSizeBytes)));
}

function missedBy({ mount }: Subject, explanation: Explanation): readonly string[] {
  try {
    return notPassed(stagesOf(mount), explanation);
  } catch (error) {
    if (error instanceof UnsupportedError) return [];
    throw error;
  }
}

interface WithTables {
  readonly measurement: Measurement;
  readonly tables: readonly Explanation[];
}

/** Only where another topology was measured under the same conditions. */
function predictionOf(subject: Subject, all: readonly WithTables[]): Predicted {
  const alike = all.filter(
    ({ measurement: { subject: other } }) =>
      other.kernel === subject.kernel &&
      other.topology !== subject.topology &&
      other.pressure === subject.pressure &&
      other.cache === subject.cache &&
      other.device === subject.device,
  );
  if (
    !alike.some(({ measurement, tables }) => measurement.subject.operation === subject.operation && tables.length > 0)
  )
    return { kind: 'not-asked' };
  try {
    return predictPath(stagesOf(subject.mount), subject.operation.name, alike.flatMap(knownOf));
  } catch (error) {
    if (error instanceof UnsupportedError) return { kind: 'not-asked' };
    throw error;
  }
}

/** The most frequent path of one measurement. */
function knownOf({ measurement: { subject }, tables }: WithTables): readonly Known[] {
  const [first, ...others] = tables;
  if (first === undefined) return [];
  const explanation = distributionOf([first, ...others]).ways[0].example;
  const stages = stagesOf(subject.mount);
  if (notPassed(stages, explanation).length > 0) return [];
  return [{ label: subject.topology, operation: subject.operation.name, stages, explanation }];
}
