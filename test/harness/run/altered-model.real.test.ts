/**
 * A model that is wrong about a kernel must be told so, in each group of its rules: what a real kernel did is judged by
 * the model as it is, and by the model with one behaviour changed.
 */
import t from 'tap';
import { judgeRun } from '../../../harness/judge/judge.ts';
import type { Behaviours } from '../../../harness/model/behaviour.ts';
import { predict } from '../../../harness/model/predict.ts';
import { profileOf } from '../../../harness/model/profile.ts';
import { qemu } from '../../../harness/run/backend.ts';
import { digest } from '../../../harness/run/digest.ts';
import { loadScenarios } from '../../../harness/run/load-scenarios.ts';
import { run } from '../../../harness/run/run.ts';
import { resolveKernel } from '../../../vm/kernel/resolve.ts';
import type { RunOutcome } from '../../../vm/machine.ts';

const KERNEL = 'debian:6.18.9';
const { signal } = new AbortController();

/** Group of rules → the scenario that has to see it, and the change. */
const ALTERATIONS: Readonly<Record<string, readonly [scenario: string, change: Partial<Behaviours>]>> = {
  D: ['depth', { maxStackDepth: 3 }],
  E: ['erofs-stacking', { erofsStacking: 'counted' }],
  CH: ['erofs-stacking', { erofsMessages: 'with-function' }],
  L: ['loop-devices', { tmpfsDirectIo: false }],
  O: ['overlay-paths', { overlayOptions: 'fill-super' }],
  T: ['xattr-escapes', { overlayXattrEscapes: false }],
  I: ['erofs-damaged-data', { erofsDecompressErrno: 'EIO' }],
};

const names = [...new Set(Object.values(ALTERATIONS).map(([scenario]) => scenario))];
const scenarios = new Map((await loadScenarios(names)).map((scenario) => [scenario.name, scenario]));
const { behaviours } = profileOf(await resolveKernel(KERNEL, { signal }));
const outcomes = new Map<string, RunOutcome>();
await run({
  scenarios: [...scenarios.values()],
  kernels: [KERNEL],
  replace: {},
  profile: undefined,
  accelerator: 'auto',
  jobs: undefined,
  fresh: false,
  share: false,
  mirror: undefined,
  backend: qemu,
  evidence: {
    keep: (_kernel, scenario, _results, traces) => {
      if (traces !== undefined) outcomes.set(scenario, traces.outcome);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  },
  signal,
  observer: { onPhase: () => undefined, onKernel: () => undefined, onScenario: () => undefined },
});

for (const [group, [name, change]] of Object.entries(ALTERATIONS))
  t.test(`given a model that is wrong about a rule of ${group}, then the kernel does not agree with it`, async (t) => {
    const outcome = outcomes.get(name)!;
    const disagreeing = (by: Behaviours) =>
      judgeRun(predict(scenarios.get(name)!, by), outcome, digest).filter(({ verdict }) => verdict.kind !== 'agrees');
    t.same(disagreeing(behaviours), [], 'as it is, all agrees');
    const wrong = disagreeing({ ...behaviours, ...change });
    t.ok(
      wrong.some(({ verdict }) => verdict.kind === 'disagrees'),
      `${JSON.stringify(change)}: ${wrong[0]?.step}: ${wrong[0]?.verdict.why}`,
    );
  });
