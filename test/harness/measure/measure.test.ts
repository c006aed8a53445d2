import t from 'tap';
import { TRACE } from '../../../harness/measure/measured-plan.ts';
import type { Failure } from '../../../harness/measure/measurement.ts';
import { BootFailure, HarnessError, UnsupportedError, UsageError, type StepResult } from '../../../vm/machine.ts';
import { read } from '../stack/tables.ts';
import { completed, measureFake, type Seen } from './fake-guests.ts';
import { ONE_OVERLAY, subjectOf, THREE_OVERLAYS, TWO_OVERLAYS } from './subjects.ts';

const two = subjectOf(TWO_OVERLAYS);

function failures({ measurements }: Seen): readonly Failure[] {
  return measurements?.flatMap((one) => one.failures) ?? [];
}

/** The results, that of one step changed. */
function changed(results: readonly StepResult[], step: string, change: Partial<StepResult>): readonly StepResult[] {
  if (!results.some((result) => result.step === step)) throw new Error(`the plan has no "${step}"`);
  return results.map((result) => (result.step === step ? { ...result, ...change } : result));
}

function endingIn(results: readonly StepResult[], step: string) {
  return {
    results: results.slice(
      0,
      results.findIndex((result) => result.step === step),
    ),
    transcript: [],
    step,
    consoleTail: 'the tail',
  };
}

t.test('given an honest kernel, then each clone gives a table, and the observer is told of each', async (t) => {
  const seen = await measureFake([two], {}, { repeat: 3 });
  t.equal(seen.error, undefined);
  t.match(seen.measurements, [{ subject: two, release: '6.18.9', accelerator: 'fake', failures: [] }]);
  t.strictSame(
    seen.measurements?.[0]?.samples.map(({ table, maxSizeBytes, performed }) => [table, maxSizeBytes, performed]),
    Array.from({ length: 3 }, () => [read, 5456, 1]),
  );
  t.strictSame(
    seen.clones.map(({ number }) => number),
    [1, 2, 3],
  );
  t.match(seen.clones[0]?.trace, {
    plan: { id: 'measured' },
    outcome: { kind: 'completed' },
    console: 'fake console\n',
  });
  t.equal(seen.told.get(two)?.samples.length, 3);
  t.strictSame([seen.made, seen.alive], [3, 0], 'a clone each, and none is left');
});

t.test('given a slow machine, then the deadline of every step is scaled', async (t) => {
  const { clones } = await measureFake([two], {}, { repeat: 1 });
  t.ok(clones[0]?.trace?.plan.steps.every(({ deadlineMs }) => deadlineMs === 20_000));
});

t.test('given several guests at once, then all repetitions are made all the same', async (t) => {
  const seen = await measureFake([two, subjectOf(ONE_OVERLAY)], {}, { repeat: 7, jobs: 3 });
  t.strictSame(
    seen.measurements?.map(({ subject, samples }) => [subject.topology, samples.length]),
    [
      [TWO_OVERLAYS, 7],
      [ONE_OVERLAY, 7],
    ],
    'in the order of the subjects',
  );
  t.strictSame([seen.made, seen.alive], [14, 0]);
});

t.test('given subjects that want the same guest, then one template is made, else one for each shape', async (t) => {
  const alike = [two, subjectOf(TWO_OVERLAYS, { cache: 'warm' }), subjectOf(ONE_OVERLAY, { operation: 'copy-up' })];
  const { shapes } = await measureFake(alike);
  t.equal(shapes.length, 1);
  t.match(shapes[0], { device: 'virtio-blk', cpus: 1, needsConfig: ['STACK_TRACER'] });
  t.match(shapes[0]?.prepare, [
    { op: 'sysctl', name: 'kernel/stack_tracer_enabled', value: '1' },
    { op: 'write-text' },
  ]);
  const others = await measureFake([
    two,
    subjectOf(TWO_OVERLAYS, { device: 'nvme' }),
    subjectOf(TWO_OVERLAYS, { pressure: 'memcg' }),
    subjectOf('erofs[file](btrfs)'),
  ]);
  t.equal(others.shapes.length, 4);
  t.strictSame(others.shapes[1]?.device, 'nvme');
  t.ok(others.shapes[2]?.needsConfig.includes('MEMCG'));
  t.ok(others.shapes[3]?.modules.includes('btrfs'));
  t.equal(others.alive, 0);
});

t.test(
  'given a kernel that warns while the operation goes on, then the sample says so, and not of noise',
  async (t) => {
    const message = { sequence: 1, facility: 0, timestampUs: 1 };
    const seen = await measureFake(
      [two],
      {
        answer: (_, results) =>
          completed(
            changed(results, TRACE, {
              messages: [
                { ...message, level: 4, text: 'WARNING: CPU: 0 PID: 7 at fs/overlayfs/copy_up.c:1' },
                { ...message, level: 6, text: 'all is well' },
                { ...message, level: 4, text: 'hrtimer: interrupt took 5000 ns' },
              ],
            }),
          ),
      },
      { repeat: 1 },
    );
    t.strictSame(seen.measurements?.[0]?.samples[0]?.warnings, ['WARNING: CPU: 0 PID: 7 at fs/overlayfs/copy_up.c:1']);
  },
);

t.test('given a mount that the kernel refuses as predicted, then it is refused, and not tried again', async (t) => {
  const seen = await measureFake([subjectOf(THREE_OVERLAYS), two], {}, { repeat: 5 });
  t.match(failures(seen), [{ kind: 'refused', why: /^ovl\(ovl\(ovl\(xfs\)\)\): .*3/ }]);
  t.equal(failures(seen).length, 1);
  t.equal(seen.made, 1 + 5, 'and the other is measured');
});

t.test('given a kernel that does not do as the model says, then it disagrees, either way', async (t) => {
  const refused = await measureFake([two], {
    answer: (_, results) => completed(changed(results, ONE_OVERLAY, { ok: false, errno: 'EIO', call: 'mount' })),
  });
  t.match(failures(refused), [{ kind: 'disagrees', why: /^ovl\(erofs\[file\]\(xfs\)\): .*mount gave EIO/ }]);
  const done = await measureFake([subjectOf(THREE_OVERLAYS)], {
    answer: (_, results) => completed(changed(results, THREE_OVERLAYS, { ok: true, messages: [] })),
  });
  t.match(failures(done), [{ kind: 'disagrees', why: /rule D3 refuses it/ }]);
});

t.test('given a set-up that fails or a guest that leaves a mount, then whose fault it is is told apart', async (t) => {
  const setUp = await measureFake([two], {
    answer: (_, results) => {
      const step = results.find((result) => result.step.startsWith('set-up: upper and work'))!.step;
      const failed = changed(results, step, { ok: false, errno: 'ENOSPC', call: 'mkdir' });
      return completed(
        failed.map((result) => (result.step === ONE_OVERLAY ? { ...result, ok: false, skipped: step } : result)),
      );
    },
  });
  t.match(failures(setUp), [{ kind: 'broken', why: /mkdir gave ENOSPC/ }], 'the kernel does not disagree');
  const left = await measureFake([two], {
    answer: (_, results) => ({ ...completed(results), leftovers: ['/fathom/1-overlay'] }) as never,
  });
  t.match(failures(left), [{ kind: 'disagrees', why: /left of the plan: \/fathom\/1-overlay/ }]);
});

t.test('given a guest that dies, hangs or is lost, then that is told, with what the console says', async (t) => {
  const crashed = await measureFake([two], {
    answer: (_, results) => ({ kind: 'crashed', title: 'BUG: guard page', ...endingIn(results, TRACE) }),
  });
  t.match(failures(crashed), [
    { kind: 'crashed', title: 'BUG: guard page', why: /measure: the operation/, console: 'fake console\n' },
  ]);
  t.match(crashed.clones[0]?.trace?.outcome, { kind: 'crashed' }, 'and its evidence is handed over');
  const hung = await measureFake([two], {
    answer: (_, results) => ({ kind: 'hung', where: 'in folio_wait', ...endingIn(results, TRACE) }),
  });
  t.match(failures(hung), [{ kind: 'hung', why: /measure: the operation.*folio_wait/, console: 'fake console\n' }]);
  const lost = await measureFake([two], {
    answer: (_, results) => ({ kind: 'lost', reason: 'QEMU is gone', ...endingIn(results, TRACE) }),
  });
  t.match(failures(lost), [{ kind: 'broken', why: 'QEMU is gone' }]);
  for (const seen of [crashed, hung, lost]) t.strictSame([seen.made, seen.alive], [1, 0], 'once, and nothing is left');
});

t.test('given one clone of five that crashes, then the others count, and both are kept', async (t) => {
  const seen = await measureFake(
    [two],
    {
      answer: (clone, results) =>
        clone === 3 ? { kind: 'crashed', title: 'BUG: now and then', ...endingIn(results, TRACE) } : undefined,
    },
    { repeat: 5 },
  );
  t.match(seen.measurements, [{ failures: [{ kind: 'crashed' }] }]);
  t.equal(seen.measurements?.[0]?.samples.length, 4);
  t.equal(seen.clones.length, 5);
});

t.test('given an operation that fails, or of which nothing was traced, then it is broken and says which', async (t) => {
  const failed = await measureFake([two], {
    answer: (_, results) => completed(changed(results, TRACE, { ok: false, errno: 'EIO', call: 'read' })),
  });
  t.match(failures(failed), [{ kind: 'broken', why: 'the operation failed: read gave EIO' }]);
  for (const [operation, errno, kind] of [
    ['direct', 'EINVAL', 'refused'],
    ['copy_file_range', 'EXDEV', 'refused'],
    ['getxattr', 'EOPNOTSUPP', 'refused'],
    ['read', 'EINVAL', 'broken'],
    ['copy-up', 'EXDEV', 'broken'],
    ['copy-up', 'EROFS', 'broken'],
  ] as const) {
    const seen = await measureFake([subjectOf(TWO_OVERLAYS, { operation })], {
      answer: (_, results) => completed(changed(results, TRACE, { ok: false, errno, call: 'open' })),
    });
    t.match(failures(seen), [{ kind }], `${operation} ${errno}: only what cannot be done there is no fault`);
  }
  const tracer = await measureFake([two], {
    answer: (_, results) => completed(changed(results, TRACE, { ok: false, errno: 'EINVAL', call: 'stack tracer' })),
  });
  t.match(failures(tracer), [{ kind: 'broken', why: /stack tracer gave EINVAL/ }], 'but measuring has to work');
  const untraced = await measureFake([two], {
    answer: (_, results) =>
      completed(
        results.map((result) => {
          if (result.step !== TRACE) return result;
          const { trace: _none, ...rest } = result;
          return rest;
        }),
      ),
  });
  t.match(failures(untraced), [{ kind: 'broken', why: /traced nothing/ }]);
  const thrown = await measureFake([two], { answer: () => new HarnessError('the socket is closed') });
  t.match(failures(thrown), [{ kind: 'broken', why: 'the socket is closed' }]);
  t.equal(thrown.alive, 0);
});

t.test(
  'given a kernel without what is needed, then it is unsupported, for the pressure that needs it alone',
  async (t) => {
    const seen = await measureFake([two, subjectOf(TWO_OVERLAYS, { pressure: 'memcg' })], {
      prepare: ({ needsConfig }) =>
        needsConfig.includes('MEMCG')
          ? new UnsupportedError('CONFIG_MEMCG', { message: 'this kernel has no CONFIG_MEMCG' })
          : undefined,
    });
    t.match(seen.measurements, [
      { failures: [] },
      { release: '6.18.9', samples: [], failures: [{ kind: 'unsupported' }] },
    ]);
    t.match(failures(seen), [{ why: 'this kernel has no CONFIG_MEMCG' }]);
    const module = await measureFake([two], { refusedModule: 'overlay' });
    t.match(failures(module), [{ kind: 'unsupported', why: /refused module overlay \(EKEYREJECTED\)/ }]);
  },
);

t.test('given a kernel that does not come up, then each subject crashed or hung at boot', async (t) => {
  for (const kind of ['crashed', 'hung'] as const) {
    const subjects = [two, subjectOf(ONE_OVERLAY)];
    const seen = await measureFake(subjects, { prepare: () => new BootFailure(kind, 'no init', 'the tail') });
    t.match(
      failures(seen),
      subjects.map(() => ({ kind, console: 'the tail' })),
    );
    t.equal(seen.made, 0);
  }
});

t.test('given a kernel that cannot be had, then it is unsupported, and the others are measured', async (t) => {
  const seen = await measureFake([subjectOf(TWO_OVERLAYS, { kernel: 'offline' }), two]);
  t.match(seen.measurements, [
    { release: 'unknown', accelerator: 'none', samples: [], failures: [{ kind: 'unsupported' }] },
    { release: '6.18.9', failures: [] },
  ]);
  t.equal(seen.clones[0]?.trace, undefined);
});

t.test('given a kernel that cannot be meant, then all ends with that, and no guest is left', async (t) => {
  const seen = await measureFake([two, subjectOf(TWO_OVERLAYS, { kernel: 'nonsense' })], {}, { repeat: 50 });
  t.type(seen.error, UsageError);
  t.match(seen.error, { message: 'no kernel nonsense' });
  t.ok(seen.made < 50, 'then the rest is not measured');
  t.equal(seen.alive, 0);
});

t.test('given an interruption after two clones, then the observer has both, and no guest is left', async (t) => {
  for (const jobs of [1, 3]) {
    const interrupt = new AbortController();
    const seen = await measureFake(
      [two, subjectOf(ONE_OVERLAY)],
      {
        answer: (clone) => {
          if (clone === 3) interrupt.abort(new Error('ctrl-c'));
          return undefined;
        },
      },
      { repeat: 10, jobs, signal: interrupt.signal },
    );
    t.match(seen.error, { message: 'ctrl-c' });
    t.equal(seen.measurements, undefined);
    const kept = seen.told.get(two)!;
    t.equal(kept.samples.length, 2, `with ${jobs} at once`);
    t.strictSame(kept.failures, [], 'what was interrupted is no failure');
    t.equal(seen.clones.length, 2);
    t.equal(seen.alive, 0);
  }
});

t.test(
  'given evidence that cannot be written, then measuring ends with that: nothing is lost in silence',
  async (t) => {
    const seen = await measureFake(
      [two],
      {},
      { repeat: 5, onClone: () => Promise.reject(new HarnessError('evidence cannot be written')) },
    );
    t.match(seen.error, { name: 'HarnessError', message: 'evidence cannot be written' });
    t.equal(seen.alive, 0);
  },
);
