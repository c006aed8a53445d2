import t from 'tap';
import { exitStatusOf } from '../../../harness/measure/exit-status.ts';
import { figuresOf } from '../../../harness/measure/figure.ts';
import type { Failure, Measurement } from '../../../harness/measure/measurement.ts';
import { measured, sampleOf, subjectOf, TWO_OVERLAYS } from './subjects.ts';

const two = subjectOf(TWO_OVERLAYS);
const good = measured(two, [sampleOf()]);
const FAILURES: Readonly<Record<Failure['kind'], Failure>> = {
  refused: { kind: 'refused', why: 'rule D3' },
  disagrees: { kind: 'disagrees', why: '' },
  crashed: { kind: 'crashed', title: 'BUG', why: '', console: '' },
  hung: { kind: 'hung', why: '', console: '' },
  unsupported: { kind: 'unsupported', why: '' },
  broken: { kind: 'broken', why: '' },
};

const status = (...measurements: readonly Measurement[]) => exitStatusOf(figuresOf(measurements, 16_384));

t.test('given what was measured, or refused as predicted, then it is 0', async (t) => {
  t.equal(status(good), 0);
  t.equal(status(good, measured(two, [], [FAILURES.refused])), 0);
});

t.test('given a kernel that crashed, hung or disagrees, be it in one clone of many, then it is 1', async (t) => {
  for (const kind of ['crashed', 'hung', 'disagrees'] as const) {
    t.equal(status(measured(two, [], [FAILURES[kind]])), 1, kind);
    t.equal(status(good, measured(two, [sampleOf(), sampleOf()], [FAILURES[kind]])), 1, kind);
    t.equal(status(measured(two, [], [FAILURES.broken, FAILURES[kind]])), 1, 'the kernel comes first');
  }
});

t.test('given something that could not be measured, then it is 125', async (t) => {
  for (const kind of ['unsupported', 'broken'] as const) {
    t.equal(status(good, measured(two, [], [FAILURES[kind]])), 125, kind);
    t.equal(status(measured(two, [sampleOf()], [FAILURES[kind]])), 125, kind);
  }
  t.equal(status(good, measured(two, [])), 125, 'nothing at all');
});

t.test(
  'given a pressure that did not arrive, then it is 125, and 0 where it did or where nothing was measured',
  async (t) => {
    const pressed = subjectOf(TWO_OVERLAYS, { pressure: 'memcg' });
    const [proof = ''] = pressed.pressure.proof;
    t.equal(status(measured(pressed, [sampleOf()])), 125);
    t.equal(status(measured(pressed, [sampleOf(undefined, { counters: { [proof]: 0 } })])), 125);
    t.equal(status(measured(pressed, [sampleOf(undefined, { counters: { [proof]: 3 } })])), 0);
    t.equal(status(measured(pressed, [], [FAILURES.refused])), 0);
  },
);

t.test(
  'given a kernel that warns of itself while it is measured, then it is 1, and 0 where memory was to run out',
  async (t) => {
    const said = (...warnings: readonly string[]) => measured(two, [sampleOf(), sampleOf(undefined, { warnings })]);
    t.equal(status(said('WARNING: CPU: 0 PID: 7 at fs/overlayfs/copy_up.c:1 ovl_copy_up_one+0x1/0x2 [overlay]')), 1);
    t.equal(status(said('BUG: kernel NULL pointer dereference, address: 0000000000000010')), 1);
    t.equal(status(said('Out of memory: Killed process 7 (init) total-vm:1kB, anon-rss:1kB')), 0);
    t.equal(status(said('XFS (vda): something to know')), 0);
  },
);
