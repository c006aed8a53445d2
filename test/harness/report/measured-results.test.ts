/** What was measured as JSON: whole, and as the type of the report says. */
import t from 'tap';
import { figuresOf } from '../../../harness/measure/figure.ts';
import type { Failure, Measurement } from '../../../harness/measure/measurement.ts';
import {
  figureRecord,
  MEASURED_REPORT_VERSION,
  measuredReport,
  type MeasuredReport,
} from '../../../harness/report/measured-results.ts';
import { measured, sampleOf, subjectOf, TWO_OVERLAYS } from '../measure/subjects.ts';
import { copyUp, read } from '../stack/tables.ts';

const THREE = 'ovl(ovl(ovl(erofs[file](xfs))))';
const two = subjectOf(TWO_OVERLAYS);

function reportOf(...measurements: readonly Measurement[]): MeasuredReport {
  return {
    v: MEASURED_REPORT_VERSION,
    fathom: '0.1.0',
    kind: 'measured',
    startedAt: '2026-11-21T05:00:00.000Z',
    durationMs: 1000,
    interrupted: false,
    figures: figuresOf(measurements, 16_384).map(figureRecord),
  };
}

t.test(
  'given samples, failures and predictions, then all of it goes through JSON and the type unchanged',
  async (t) => {
    const failures: readonly Failure[] = [
      { kind: 'crashed', title: 'BUG', why: 'in "x"', console: 'the console' },
      { kind: 'hung', why: 'in folio_wait', console: '' },
      { kind: 'broken', why: 'the socket is closed' },
    ];
    const report = reportOf(
      measured(two, [sampleOf(read, { counters: { pgscan_direct: 7 } }), sampleOf(copyUp)], failures),
      measured(subjectOf(THREE), [sampleOf(read)]),
      measured(subjectOf('ovl(erofs[file](ext4))'), [], [{ kind: 'refused', why: 'rule D3' }]),
      measured(subjectOf(TWO_OVERLAYS, { pressure: 'memcg', cache: 'warm', device: 'nvme' }), []),
    );
    t.strictSame(measuredReport.parse(JSON.parse(JSON.stringify(report))), report);
  },
);

t.test('given tables, then each is there as the kernel printed it, with the figures of all', async (t) => {
  const [figure] = reportOf(measured(two, [sampleOf(read), sampleOf(read), sampleOf(copyUp)])).figures;
  t.match(figure, {
    kernel: 'debian:6.18.9',
    release: '6.18.9',
    accelerator: 'tcg',
    topology: TWO_OVERLAYS,
    operation: 'read',
    pressure: 'none',
    cache: 'cold',
    device: 'virtio-blk',
    distribution: {
      peak: { min: 5456, median: 5456, max: 6688 },
      path: { min: 4456, median: 4456, max: 6688 },
      ways: [
        { runs: 2, pathBytes: 4456 },
        { runs: 1, pathBytes: 6688 },
      ],
      pressure: { reached: true, reclaimTables: 0 },
    },
    typical: { pathBytes: 4456, peakBytes: 5456 },
  });
  t.strictSame(
    figure?.samples.map(({ table }) => table),
    [read, read, copyUp],
  );
});

t.test('given no table, then there is neither distribution nor typical path', async (t) => {
  const [figure] = reportOf(measured(two, [], [{ kind: 'broken', why: '' }])).figures;
  t.notOk('distribution' in figure! || 'typical' in figure! || 'prediction' in figure!);
});

t.test('given a prediction, then its error is there where the path was measured; else what is missing', async (t) => {
  const [, unmeasured] = reportOf(measured(two, [sampleOf(read)]), measured(subjectOf(THREE), [])).figures;
  t.match(unmeasured?.prediction, { bytes: 4704 });
  t.notOk('errorBytes' in unmeasured!.prediction!);
  t.equal(
    unmeasured?.prediction?.parts.reduce((sum, { bytes }) => sum + bytes, 0),
    4704,
  );
  const [itself] = reportOf(
    measured(two, [sampleOf(read)]),
    measured(subjectOf('ovl[metacopy](ovl(erofs[file](xfs)))'), [sampleOf(read)]),
  ).figures;
  t.equal(itself?.prediction?.errorBytes, 0);
  const [, unknown] = reportOf(
    measured(two, [sampleOf(read)]),
    measured(subjectOf('ovl(erofs[file](ext4))'), []),
  ).figures;
  t.match(unknown?.notPredicted, /ext4/);
  t.notOk('prediction' in unknown!);
});

t.test('given what the type does not know, then it is refused', async (t) => {
  const report = reportOf(measured(two, [sampleOf(read)]));
  t.equal(measuredReport.safeParse({ ...report, v: 2 }).success, false);
  t.equal(measuredReport.safeParse({ ...report, more: 1 }).success, false);
  t.equal(measuredReport.safeParse({ ...report, kind: 'explained' }).success, false);
});
