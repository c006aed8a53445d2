/** A subject → the plan that measures it: the mounts, the pressure, then the operation with the tracer looking on. */
import type { Operation, Plan, PlanStep } from '../../vm/machine.ts';
import { mount, scenario, type Scenario } from '../scenario.ts';
import { lower, type LoweringOptions } from '../topology/lower.ts';
import { notationOf } from '../topology/notation.ts';
import { isImplicit, mountsUpTo, type Mount } from '../topology/topology.ts';
import type { Subject } from './measurement.ts';
import type { Exercise } from './operation.ts';

/** How the steps begin that are not the mounts. */
export const OURS = 'measure: ';
export const TRACE = 'measure: the operation';
const BEFORE = 'measure: counters before';
const AFTER = 'measure: counters after';
export const COUNTERS = { before: BEFORE, after: AFTER } as const;

/** A step's id has at most 127 bytes (vm/agent/protocol.ts), and may yet get a number. */
const LONGEST_NAME = 100;

/** The mounts of a topology as a scenario, a step each, so that the model judges them. */
export function scenarioOf(top: Mount): Scenario {
  const names = new Set<string>();
  const steps = mountsUpTo(top)
    .filter((each) => !isImplicit(each) || each === top)
    .map((each) => {
      const notation = notationOf(each);
      const words = notation.length <= LONGEST_NAME ? notation : `${notation.slice(0, LONGEST_NAME)}…`;
      let name = words;
      for (let n = 2; names.has(name); n++) name = `${words} (${n})`;
      names.add(name);
      return mount(name, each);
    });
  return scenario({ name: 'measured', shows: 'the stack of one operation', about: [], steps });
}

export type PlanOptions = Omit<LoweringOptions, 'id'>;

export function planOf(subject: Subject, options: PlanOptions): Plan {
  const { mount: top, operation, pressure, cache } = subject;
  const mounts = lower(scenarioOf(top), { id: 'measured', ...options });
  const { id: needed, operation: last } = mounts.steps.at(-1)!;
  const root = 'target' in last ? last.target : '/';
  const steps: PlanStep[] = [...mounts.steps];
  let before = needed;
  const then = (id: string, what: Operation): void => {
    steps.push({ id, needs: [before], deadlineMs: options.deadlineMs, operation: what });
    before = id;
  };
  const counted = pressure.setUp.length > 0;
  const exercise = (trace: boolean): Exercise => ({
    op: 'exercise',
    how: operation.how,
    path: join(root, operation.path),
    to: operation.to === undefined ? '' : join(root, operation.to),
    seed: 1,
    count: operation.count,
    processes: operation.processes,
    cgroup: trace ? pressure.cgroup : '',
    trace,
  });
  for (const [n, what] of pressure.setUp.entries()) then(`measure: pressure ${n + 1}`, what);
  // What writes cannot be done twice to the same file; its file is read instead, which fills the same caches.
  // A fresh clone is cold: nothing of these mounts was ever read.
  if (cache === 'warm') then('measure: warm up', operation.writes ? { op: 'tree', path: root } : exercise(false));
  if (counted) then(BEFORE, { op: 'counters', cgroup: pressure.cgroup });
  then(TRACE, exercise(true));
  if (counted) then(AFTER, { op: 'counters', cgroup: pressure.cgroup });
  return { ...mounts, steps };
}

function join(root: string, path: string): string {
  return path === '' ? root : `${root}/${path}`;
}
