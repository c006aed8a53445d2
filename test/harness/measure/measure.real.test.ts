/** A real kernel's tables: the path passes what was mounted, and one measurement predicts the next. */
import t from 'tap';
import { figuresOf } from '../../../harness/measure/figure.ts';
import { measure } from '../../../harness/measure/measure.ts';
import { qemu } from '../../../harness/run/backend.ts';
import { THREAD_SIZE } from '../../../harness/stack/explain.ts';
import { ONE_OVERLAY, subjectOf, TWO_OVERLAYS } from './subjects.ts';

t.test(
  'given erofs in a file on XFS under one overlay and under two, when each is read in two clones, then the path passes all of them, and the first predicts the second',
  async (t) => {
    const measurements = await measure({
      subjects: [ONE_OVERLAY, TWO_OVERLAYS].map((topology) => subjectOf(topology)),
      repeat: 2,
      replace: {},
      accelerator: 'auto',
      cpus: 1,
      jobs: 1,
      mirror: undefined,
      backend: qemu,
      signal: new AbortController().signal,
      observer: { onPhase: () => undefined, onClone: () => Promise.resolve(), onMeasurement: () => undefined },
    });
    const [one, two] = figuresOf(measurements, THREAD_SIZE);
    for (const { measurement } of [one!, two!]) {
      t.strictSame(measurement.failures, []);
      t.equal(measurement.samples.length, 2);
      t.match(measurement.release, /^6\.18\.9/);
    }
    const passed = (figure: typeof one): readonly string[] =>
      figure!
        .distribution!.ways[0].example.accounts.filter(
          ({ account: { kind } }) => kind === 'overlay' || kind === 'erofs' || kind === 'backing',
        )
        .map(({ account: { name } }) => name);
    t.strictSame(passed(one), ['overlay 1', 'erofs', 'xfs']);
    t.strictSame(passed(two), ['overlay 1', 'overlay 2', 'erofs', 'xfs']);
    const { bytes = 0 } = two!.distribution!.ways[0].example.oneMoreOverlay ?? {};
    t.ok(bytes > 150 && bytes < 400, `then one more overlay costs ${bytes} bytes`);
    t.equal(two!.predicted.kind, 'predicted');
    if (two!.predicted.kind !== 'predicted') return;
    const path = two!.distribution!.ways[0].example.withoutMemoryBytes;
    const error = (two!.predicted.bytes - path) / path;
    t.comment(`path ${path}, predicted ${two!.predicted.bytes}`);
    t.ok(Math.abs(error) <= 0.03, `then ${two!.predicted.bytes} is within 3 % of ${path}`);
    t.ok(two!.predicted.parts.every(({ from }) => from === `${ONE_OVERLAY}, read`));
  },
);
