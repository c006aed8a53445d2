/** The agent's words in the judge's terms, and what of the kernel's is noise. */
import t from 'tap';
import { isNoise } from '../../../harness/observe/noise.ts';
import { observe } from '../../../harness/observe/observation.ts';
import { failed, ok, said, skipped } from '../judge/results.ts';
import { read } from '../stack/tables.ts';

t.test('given a result, then it is ok, failed or skipped, with its messages behind those of its set-up', (t) => {
  const setUp = [ok('set-up: 1', { messages: [said('first', 6)] }), ok('set-up: 2', { messages: [said('second', 6)] })];
  t.match(observe(ok('a', { messages: [said('third', 6)], context: ['e x'] }), setUp), {
    kind: 'ok',
    context: ['e x'],
    messages: [{ text: 'first' }, { text: 'second' }, { text: 'third' }],
  });
  t.match(observe(failed('a', 'EINVAL', [], 'fsconfig(create)'), []), {
    kind: 'failed',
    errno: 'EINVAL',
    call: 'fsconfig(create)',
    context: [],
  });
  t.match(observe(skipped('a', 'b'), []), { kind: 'skipped', needed: 'b', messages: [] });
  t.match(observe(ok('a', { sha256: 'f'.repeat(64), sizeBytes: 3 }), []), {
    kind: 'ok',
    sha256: 'f'.repeat(64),
    sizeBytes: 3,
  });
  t.end();
});

t.test('given a result with a stack, then its table is there as the kernel printed it; else none is', (t) => {
  const trace = { maxSizeBytes: 5456, table: read };
  t.match(observe(ok('a', { trace }), []), { kind: 'ok', stackTable: read });
  t.match(observe(ok('a'), []), { kind: 'ok', stackTable: undefined });
  t.end();
});

t.test('given a failure that names neither errno nor call, then there is a place for both', (t) => {
  t.match(observe(ok('a', { ok: false }), []), { kind: 'failed', errno: 'E?', call: '?' });
  t.end();
});

/** Recorded, or as the sources print them (kernel/time, kernel/workqueue.c, kernel/events, kernel/module). */
const NOISE = [
  'clocksource: Long readout interval, skipping watchdog check: cs_nsec: 1000000000 wd_nsec: 1000000001',
  "TSC found unstable after boot, most likely due to broken BIOS. Use 'tsc=unstable'.",
  'sched_clock: Marking unstable (1000, 2000)<-(3000, 4000)',
  'hrtimer: interrupt took 1234567 ns',
  'perf: interrupt took too long (2510 > 2500), lowering kernel.perf_event_max_sample_rate to 79500',
  'workqueue: blk_mq_run_work_fn hogged CPU for >10000us 4 times, consider switching to WQ_UNBOUND',
  'sched: RT throttling activated',
  'sched: DL replenish lagged too much',
  'overlay: loading out-of-tree module taints kernel.',
  'overlay: module verification failed: signature and/or required key missing - tainting kernel',
  'device-mapper: core: CONFIG_IMA_DISABLE_HTABLE is disabled. Duplicate IMA measurements will not be recorded in the IMA log.',
];

/** Each near to something above, or to what a filesystem says. */
const SIGNAL = [
  'overlayfs: maximum fs stacking depth exceeded',
  'WARNING: CPU: 0 PID: 1 at kernel/workqueue.c:1 x',
  'watchdog: BUG: soft lockup - CPU#0 stuck for 22s!',
  'INFO: task mount:70 blocked for more than 120 seconds.',
  'workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 30s!',
  'erofs (device erofs): hrtimer: interrupt took 1 ns',
  'loop: module verification succeeded',
  'random: crng init done',
  'device-mapper: verity: sha256 using implementation "sha256-generic"',
  'device-mapper: verity: 253:0: data block 1 is corrupted',
];

t.test('given a slow machine’s own complaints, then they are noise; given a filesystem’s, they are not', (t) => {
  for (const text of NOISE) t.ok(isNoise(text), text);
  for (const text of SIGNAL) t.notOk(isNoise(text), text);
  t.end();
});
