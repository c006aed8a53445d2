/** What a few operations cost on the stack of two kernels. */
import type { Pair } from '../diff/compare.ts';
import { compareCosts } from '../diff/stack.ts';
import { stagesOf } from '../judge/stages.ts';
import { measure } from '../measure/measure.ts';
import { labelOf, type Measurement, type Subject } from '../measure/measurement.ts';
import { operationNamed } from '../measure/operation.ts';
import { pressureNamed } from '../measure/pressure.ts';
import { stackRecord, type StackCostRecord } from '../report/diff-results.ts';
import { progressOf } from '../report/progress.ts';
import { qemu } from '../run/backend.ts';
import type { SideRequest } from '../run/diff.ts';
import { explain, type Explanation } from '../stack/explain.ts';
import { notPassed } from '../stack/passage.ts';
import { parseStackTables } from '../stack/table.ts';
import { parseTopology } from '../topology/parse-notation.ts';
import type { DiffOptions } from './diff.ts';

/** The report's stack, and one overlay less, for kernels that refuse that. */
const TOPOLOGIES = ['ovl(erofs[file](xfs))', 'ovl(ovl(erofs[file](xfs)))'] as const;
const OPERATIONS = ['read', 'copy-up'] as const;

export async function stackCosts(
  sides: Pair<SideRequest>,
  options: DiffOptions,
  signal: AbortSignal,
): Promise<readonly StackCostRecord[]> {
  const measured: (readonly Measurement[])[] = [];
  for (const side of sides) measured.push(await measureSide(side, options, signal));
  const [before, after] = measured as [readonly Measurement[], readonly Measurement[]];
  return before.map((one, index) => {
    const other = after[index]!;
    const tables = [tablesOf(one), tablesOf(other)] as const;
    const { topology, operation } = one.subject;
    const compared = tables.every(({ length }) => length > 0) ? compareCosts(...tables) : undefined;
    return stackRecord(topology, operation.name, compared, whyNot(one, tables[0]) ?? whyNot(other, tables[1]));
  });
}

async function measureSide(
  { spec, replace }: SideRequest,
  { repeat, accel, jobs, mirror }: DiffOptions,
  signal: AbortSignal,
): Promise<readonly Measurement[]> {
  const subjects = TOPOLOGIES.flatMap((topology) =>
    OPERATIONS.map((operation): Subject => ({
      kernel: spec,
      topology,
      mount: parseTopology(topology),
      operation: operationNamed(operation),
      pressure: pressureNamed('none'),
      cache: 'cold',
      device: 'virtio-blk',
    })),
  );
  const progress = progressOf([spec], subjects.length * repeat, process.stderr, 'stacks');
  try {
    return await measure({
      subjects,
      repeat,
      replace,
      accelerator: accel,
      cpus: 1,
      jobs,
      mirror,
      backend: qemu,
      signal,
      observer: {
        onPhase: (subject, text) => progress.phase(spec, `${labelOf(subject)}: ${text}`),
        onClone: (subject, _, result) => {
          progress.step(spec, labelOf(subject), !('kind' in result));
          return Promise.resolve();
        },
        onMeasurement: () => undefined,
      },
    });
  } finally {
    await progress.close();
  }
}

/** Of the runs whose deepest stack is that of the operation: it passes every mount. */
function tablesOf({ subject, samples }: Measurement): readonly Explanation[] {
  const stages = stagesOf(subject.mount);
  return samples
    .flatMap(({ table }) => parseStackTables(table).map((one) => explain(one)))
    .filter((explanation) => notPassed(stages, explanation).length === 0);
}

/** Why there is nothing to compare; that a kernel refuses the mounts is told among the steps. */
function whyNot(
  { subject, release, samples, failures }: Measurement,
  tables: readonly Explanation[],
): { readonly why: string; readonly refused: boolean } | undefined {
  if (tables.length > 0) return undefined;
  const [failure] = failures;
  if (failure !== undefined && samples.length === 0)
    return { why: `${subject.kernel} (${release}): ${failure.why}`, refused: failure.kind === 'refused' };
  return { why: `${subject.kernel} (${release}): no run's deepest stack was the operation's own`, refused: false };
}
