/** What the tables of one subject say together, and what other topologies say of it. */
import t from 'tap';
import { figuresOf } from '../../../harness/measure/figure.ts';
import { copyUp, read, tableText } from '../stack/tables.ts';
import { measured, only, sampleOf, subjectOf, TWO_OVERLAYS, type Words } from './subjects.ts';

const THREAD = 16_384;
const THREE = 'ovl(ovl(ovl(erofs[file](xfs))))';
const two = subjectOf(TWO_OVERLAYS);

/** The mail's table without what the scheduler put on it. */
const quiet = read
  .split('\n')
  .filter((line) => !/ [0-7]\) /.test(line))
  .join('\n');

t.test(
  'given tables of several clones, then peaks and paths are spread, and the most frequent path is typical',
  async (t) => {
    const { distribution } = only(
      figuresOf([measured(two, [sampleOf(copyUp), sampleOf(read), sampleOf(read)])], THREAD),
    );
    t.match(distribution, {
      runs: 3,
      peak: { min: 5456, median: 5456, max: 6688 },
      path: { min: 4456, median: 4456, max: 6688 },
      ways: [
        { runs: 2, pathBytes: 4456 },
        { runs: 1, pathBytes: 6688 },
      ],
    });
    t.equal(distribution?.deepest.peakBytes, 6688);
  },
);

t.test('given tables whose paths are one, with and without what came by chance, then that is one way', async (t) => {
  const { distribution } = only(figuresOf([measured(two, [sampleOf(read), sampleOf(quiet)])], THREAD));
  t.match(distribution, { peak: { min: 4456, max: 5456 }, path: { min: 4456, max: 4456 } });
  t.strictSame(
    distribution?.ways.map(({ runs }) => runs),
    [2],
  );
});

t.test('given another size of stack, then the headroom is of that', async (t) => {
  const { distribution } = only(figuresOf([measured(two, [sampleOf(read)])], 2 * THREAD));
  t.equal(distribution?.deepest.headroomBytes, 2 * THREAD - 5456);
});

t.test('given no table, then there is no distribution, and no prediction without one beside it', async (t) => {
  t.match(only(figuresOf([measured(two, [], [{ kind: 'broken', why: '' }])], THREAD)), {
    distribution: undefined,
    reclaimTables: 0,
    predicted: { kind: 'not-asked' },
  });
});

t.test('given a pressure, then it is reached when a counter that proves it rose in any clone', async (t) => {
  const pressed = subjectOf(TWO_OVERLAYS, { pressure: 'memcg' });
  const [proof = ''] = pressed.pressure.proof;
  const reached = (subject: typeof two, ...counters: readonly Readonly<Record<string, number>>[]) =>
    only(
      figuresOf(
        [
          measured(
            subject,
            counters.map((each) => sampleOf(read, { counters: each })),
          ),
        ],
        THREAD,
      ),
    ).reached;
  t.equal(reached(pressed, { [proof]: 0 }, { [proof]: 2 }), true);
  t.equal(reached(pressed, { [proof]: 0 }, { another: 2 }), false);
  t.equal(reached(two, {}), true, 'nothing has to be proved of none');
});

t.test('given tables with frames of reclaim, then they are counted', async (t) => {
  const reclaiming = tableText('vfs_read', 'filemap_read', '__alloc_pages_noprof', 'try_to_free_pages', 'shrink_node');
  t.equal(only(figuresOf([measured(two, [sampleOf(reclaiming), sampleOf(read)])], THREAD)).reclaimTables, 1);
});

t.test('given another topology under the same conditions, then the path is predicted from it alone', async (t) => {
  const [, three] = figuresOf([measured(two, [sampleOf(read)]), measured(subjectOf(THREE), [])], THREAD);
  t.match(three?.predicted, { kind: 'predicted', bytes: 4456 + 248 });
  if (three?.predicted.kind !== 'predicted') return;
  t.ok(three.predicted.parts.every(({ from }) => from === `${TWO_OVERLAYS}, read`));
  const [first] = figuresOf([measured(two, [sampleOf(read)]), measured(subjectOf(THREE), [])], THREAD);
  t.strictSame(first?.predicted, { kind: 'not-asked' }, 'and not from one without a table');
});

t.test(
  'given another kernel, pressure, cache, device or operation, or the same topology, then nothing is predicted',
  async (t) => {
    const others: readonly Words[] = [
      { kernel: 'debian:6.17.8' },
      { pressure: 'writeback' },
      { cache: 'warm' },
      { device: 'nvme' },
      { operation: 'pread' },
    ];
    for (const words of others) {
      const [, three] = figuresOf(
        [measured(subjectOf(TWO_OVERLAYS, words), [sampleOf(read)]), measured(subjectOf(THREE), [])],
        THREAD,
      );
      t.strictSame(three?.predicted, { kind: 'not-asked' }, JSON.stringify(words));
    }
    const itself = figuresOf([measured(two, [sampleOf(read)]), measured(subjectOf(TWO_OVERLAYS), [])], THREAD);
    t.ok(itself.every(({ predicted }) => predicted.kind === 'not-asked'));
  },
);

t.test('given a filesystem that was not measured, then what is missing is named', async (t) => {
  const [, other] = figuresOf(
    [measured(two, [sampleOf(read)]), measured(subjectOf('ovl(erofs[file](ext4))'), [])],
    THREAD,
  );
  t.match(other?.predicted, { kind: 'unknown', part: /ext4/ });
});

t.test('given a topology that the agent cannot mount, then nothing is predicted of it', async (t) => {
  const [, fuse] = figuresOf([measured(two, [sampleOf(read)]), measured(subjectOf('ovl(fuse(xfs))'), [])], THREAD);
  t.strictSame(fuse?.predicted, { kind: 'not-asked' });
});

t.test(
  'given a path that does not pass a mount, then that is told, and it neither predicts nor is predicted',
  async (t) => {
    const shallow = sampleOf(tableText('entry_SYSCALL_64_after_hwframe', 'vfs_read', 'ovl_read_iter 56 [overlay]'));
    const [passing, missing, third] = figuresOf(
      [
        measured(two, [sampleOf(read)]),
        measured(subjectOf('ovl(erofs[file](xfs))'), [shallow]),
        measured(subjectOf(THREE), []),
      ],
      THREAD,
    );
    t.strictSame(passing?.notPassed, []);
    t.strictSame(missing?.notPassed, ['erofs', 'xfs']);
    t.strictSame(missing?.predicted, { kind: 'not-asked' });
    t.match(third?.predicted, { kind: 'predicted', bytes: 4456 + 248 });
  },
);
