/** FUSE and eCryptfs in the stack on a real kernel, and that a daemon which declares another depth is noticed. */
import t from 'tap';
import type { StepRecord } from '../../../harness/report/results.ts';
import { qemu, type Backend } from '../../../harness/run/backend.ts';
import { noEvidence } from '../../../harness/run/evidence.ts';
import { loadScenarios } from '../../../harness/run/load-scenarios.ts';
import { run } from '../../../harness/run/run.ts';
import type { Machine, Plan, Template } from '../../../vm/machine.ts';

async function recordsOf(names: readonly string[], backend: Backend, kernel: string): Promise<readonly StepRecord[]> {
  const records: StepRecord[] = [];
  await run({
    scenarios: await loadScenarios(names),
    kernels: [kernel],
    replace: {},
    profile: undefined,
    accelerator: 'auto',
    jobs: 1,
    fresh: false,
    share: false,
    mirror: undefined,
    backend,
    evidence: noEvidence,
    signal: new AbortController().signal,
    observer: {
      onPhase: (_, text) => t.comment(text),
      onKernel: () => undefined,
      onScenario: (_, __, steps) => records.push(...steps),
    },
  });
  return records;
}

/** Guests whose FUSE daemons declare a depth of 1 where the plan says 2. */
const declaring1: Backend = {
  ...qemu,
  prepareTemplate: async (request) => {
    const template = await qemu.prepareTemplate(request);
    const clone: Template['clone'] = async (disks, options) => withPlan(await template.clone(disks, options), lowered);
    return { ...template, clone, [Symbol.asyncDispose]: () => template[Symbol.asyncDispose]() };
  },
};

function withPlan(machine: Machine, alter: (plan: Plan) => Plan): Machine {
  return {
    ...machine,
    run: (plan, options) => machine.run(alter(plan), options),
    console: () => machine.console(),
    [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
  };
}

function lowered(plan: Plan): Plan {
  return {
    ...plan,
    steps: plan.steps.map((step) => ({
      ...step,
      operation: step.operation.op === 'fuse' ? { ...step.operation, maxStackDepth: 1 } : step.operation,
    })),
  };
}

t.test('given FUSE and eCryptfs on the full flavour of 6.18.9, then every step is as predicted', async (t) => {
  const records = await recordsOf(['fuse-passthrough', 'ecryptfs'], qemu, 'debian:6.18.9/amd64');
  for (const { scenario, step, verdict } of records)
    t.equal(verdict.kind, 'agrees', `${scenario}: ${step}: ${verdict.why ?? ''}`);
  const errnoOf = (name: string) => records.find(({ step }) => step === name)?.observed.errno;
  t.equal(errnoOf('a file of depth 1, where 1 is declared'), 'ELOOP');
  t.equal(errnoOf('eCryptfs over two overlays'), 'EINVAL');
  t.equal(errnoOf('file-backed erofs, its image encrypted'), 'ENOTBLK');
});

t.test('given a daemon that declares less than the model was told, then its depth disagrees, by rule', async (t) => {
  const records = await recordsOf(['fuse-passthrough'], declaring1, 'debian:6.18.9');
  const verdictOf = (name: string) => records.find(({ step }) => step === name)?.verdict;
  t.match(verdictOf('overlay on 2'), { kind: 'disagrees', expected: 'EINVAL', observed: 'ok', why: /^rule D3 / });
  t.match(verdictOf('a file of depth 1, where 2 is declared'), { kind: 'disagrees', observed: 'ELOOP' });
  t.match(verdictOf('a file of depth 2, where 2 is declared'), { kind: 'agrees' });
  t.match(verdictOf('overlay on 1'), { kind: 'agrees' }, 'where nothing was altered');
});
