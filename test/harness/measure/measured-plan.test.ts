import t from 'tap';
import { COUNTERS, planOf, scenarioOf, TRACE } from '../../../harness/measure/measured-plan.ts';
import type { Subject } from '../../../harness/measure/measurement.ts';
import { PRESSURES } from '../../../harness/measure/pressure.ts';
import { parseTopology } from '../../../harness/topology/parse-notation.ts';
import type { Operation, PlanStep } from '../../../vm/machine.ts';
import { plan as planSchema } from '../../../vm/agent/protocol.ts';
import { ONE_OVERLAY, subjectOf, TWO_OVERLAYS } from './subjects.ts';

function stepsOf(subject: Subject): readonly PlanStep[] {
  return planOf(subject, { device: (index) => `/dev/vd${'abcdefgh'[index]!}`, deadlineMs: 1000 }).steps;
}

/** Of the measuring itself, without the mounts. */
function measuring(subject: Subject): readonly PlanStep[] {
  return stepsOf(subject).filter(({ id }) => id.startsWith('measure: '));
}

function operation(subject: Subject, id: string): Operation | undefined {
  return stepsOf(subject).find((step) => step.id === id)?.operation;
}

t.test(
  'given two overlays on erofs, then each mount is a step, and the operation is done on the topmost',
  async (t) => {
    const subject = subjectOf(TWO_OVERLAYS);
    t.strictSame(
      scenarioOf(subject.mount).steps.map(({ name }) => name),
      ['erofs[file](xfs)', ONE_OVERLAY, TWO_OVERLAYS],
    );
    const mounted = stepsOf(subject).find(({ id }) => id === TWO_OVERLAYS)?.operation;
    t.equal(mounted?.op, 'mount');
    const root = mounted?.op === 'mount' ? mounted.target : '';
    t.strictSame(operation(subject, TRACE), {
      op: 'exercise',
      how: 'read',
      path: `${root}/big`,
      to: '',
      seed: 1,
      count: 1,
      processes: 1,
      cgroup: '',
      trace: true,
    });
  },
);

t.test('given a bare backing filesystem, then it is a step of its own, for the model judges it', async (t) => {
  t.strictSame(
    scenarioOf(parseTopology('xfs')).steps.map(({ name }) => name),
    ['xfs'],
  );
});

t.test(
  'given cold caches and no pressure, then the operation is done in the fresh clone at once, and nothing is counted',
  async (t) => {
    t.strictSame(
      measuring(subjectOf(TWO_OVERLAYS)).map(({ id }) => id),
      [TRACE],
    );
  },
);

t.test('given warm caches, then the operation is done once before, untraced; what writes only reads', async (t) => {
  const warm = 'measure: warm up';
  t.strictSame(
    measuring(subjectOf(TWO_OVERLAYS, { cache: 'warm' })).map(({ id }) => id),
    [warm, TRACE],
  );
  t.match(operation(subjectOf(TWO_OVERLAYS, { cache: 'warm' }), warm), { op: 'exercise', how: 'read', trace: false });
  const writes = subjectOf(TWO_OVERLAYS, { cache: 'warm', operation: 'copy-up' });
  t.match(operation(writes, warm), { op: 'tree' }, 'a copy-up cannot be done twice');
  t.match(operation(writes, TRACE), { op: 'exercise', how: 'open-write', trace: true });
});

t.test('given a pressure, then it stands before the operation, which runs in its group', async (t) => {
  for (const { name, setUp, cgroup } of PRESSURES.filter((pressure) => pressure.name !== 'none')) {
    const subject = subjectOf(TWO_OVERLAYS, { pressure: name });
    t.strictSame(
      measuring(subject).map(({ id }) => id),
      [...setUp.map((_, n) => `measure: pressure ${n + 1}`), COUNTERS.before, TRACE, COUNTERS.after],
      name,
    );
    t.strictSame(
      measuring(subject)
        .slice(0, setUp.length)
        .map((step) => step.operation),
      setUp,
    );
    t.match(operation(subject, TRACE), { cgroup });
    t.match(operation(subject, COUNTERS.before), { op: 'counters', cgroup });
  }
});

t.test(
  'given an operation that makes a new name or works on the whole tree, then its paths are in the mount',
  async (t) => {
    t.match(operation(subjectOf(TWO_OVERLAYS, { operation: 'copy-up-rename' }), TRACE), {
      path: /^\/fathom\/\d-overlay\/big$/,
      to: /^\/fathom\/\d-overlay\/renamed$/,
    });
    t.match(operation(subjectOf(TWO_OVERLAYS, { operation: 'churn' }), TRACE), {
      path: /^\/fathom\/\d-overlay$/,
      processes: 4,
    });
  },
);

t.test(
  'given any of it, then each step needs the one before, so that nothing is measured on less than was asked',
  async (t) => {
    const steps = stepsOf(subjectOf(TWO_OVERLAYS, { pressure: 'memcg' }));
    const from = steps.findIndex(({ id }) => id.startsWith('measure: '));
    for (const [n, step] of steps.entries()) if (n >= from) t.strictSame(step.needs, [steps[n - 1]!.id], step.id);
  },
);

t.test('given a topology with a long name, then the steps have names that the agent takes, each its own', async (t) => {
  const long = (depth: number): string =>
    depth === 0 ? 'xfs' : `ovl[metacopy,redirect_dir,index,xino,volatile](${long(depth - 1)})`;
  const subject = subjectOf(long(4));
  t.ok(subject.topology.length > 127);
  const plan = planOf(subject, { device: () => '/dev/vda', deadlineMs: 1000 });
  t.ok(plan.steps.every(({ id }) => Buffer.byteLength(id) <= 127));
  t.equal(new Set(plan.steps.map(({ id }) => id)).size, plan.steps.length);
  t.ok(planSchema.safeParse(plan).success);
});
