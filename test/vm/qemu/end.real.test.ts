/** Every way in which a guest can end, on real guests. */
import t, { type Test } from 'tap';
import { prepareTemplate } from '../../../vm/qemu/template.ts';
import type { QemuGuest } from '../../../vm/qemu/guest.ts';
import type { Operation, RunOutcome } from '../../../vm/machine.ts';
import { kernel, planOf, shape, signal, tidyTest } from './machine.ts';

const template = await prepareTemplate({ kernel, shape, accelerator: 'auto', fresh: false, signal });
t.teardown(() => template[Symbol.asyncDispose]());
const before: Operation = { op: 'mkdir', paths: ['/before'], mode: 0o755 };
const after: Operation = { op: 'mkdir', paths: ['/after'], mode: 0o755 };

async function ending(t: Test, operation: Operation, meanwhile?: (machine: QemuGuest) => void): Promise<RunOutcome> {
  await using machine = await template.clone([], { signal });
  const run = machine.run(planOf(before, operation, after), { signal, onResult: () => meanwhile?.(machine) });
  const outcome = await run;
  await t.rejects(machine.run(planOf(before), { signal }), { name: 'HarnessError' }, 'the machine is spent');
  return outcome;
}

await tidyTest(
  t,
  'given a step until which is waited, then what comes after is not, and the machine is spent',
  async (t) => {
    await using machine = await template.clone([], { signal });
    const hangs: Operation = { op: 'misbehave', how: 'stop' };
    const outcome = await machine.run(planOf(before, hangs), { signal, until: 'step0' });
    t.match(outcome, { kind: 'completed', results: [{ step: 'step0', ok: true }] });
    t.equal(outcome.results.length, 1);
    await t.rejects(machine.run(planOf(before), { signal }), { name: 'HarnessError' });
  },
);

await tidyTest(t, 'given a guest that panics, then the run crashed in its step, with title and console', async (t) => {
  const outcome = await ending(t, { op: 'sysrq', key: 'c' });
  t.match(outcome, {
    kind: 'crashed',
    step: 'step1',
    title: 'Kernel panic - not syncing: sysrq triggered crash',
    results: [{ step: 'step0', ok: true }],
  });
  t.match(outcome.kind === 'crashed' && outcome.consoleTail, /Call Trace:/);
});

await tidyTest(
  t,
  'given a step that spins in user space, then it hung, and the way out of the kernel is said',
  async (t) => {
    t.match(await ending(t, { op: 'misbehave', how: 'spin' }), {
      kind: 'hung',
      step: 'step1',
      where: /user/,
      results: [{ step: 'step0' }],
    });
  },
);

await tidyTest(
  t,
  'given an agent that no longer answers, then the host sees it hang and says where the CPU is',
  async (t) => {
    t.match(await ending(t, { op: 'misbehave', how: 'stop' }), {
      kind: 'hung',
      step: 'step1',
      where: /no answer for \d+ ms; cpu0 idle in (0x[0-9a-f]+|\w+\+0x)/,
    });
  },
);

await tidyTest(t, 'given an agent that talks nonsense, then it is lost, with what it said', async (t) => {
  t.match(await ending(t, { op: 'misbehave', how: 'garbage' }), {
    kind: 'lost',
    step: 'step1',
    reason: /nonsense.*res/,
  });
});

await tidyTest(t, 'given an agent that ends and takes the kernel along, then it is lost, not crashed', async (t) => {
  t.match(await ending(t, { op: 'misbehave', how: 'exit' }), {
    kind: 'lost',
    step: 'step1',
    reason: /the agent ended: .*Attempted to kill init/,
  });
});

await tidyTest(t, 'given a QEMU that is killed from outside, then it is lost, and by what', async (t) => {
  const outcome = await ending(t, { op: 'misbehave', how: 'spin' }, ({ pid }) => process.kill(pid, 'SIGKILL'));
  t.match(outcome, { kind: 'lost', step: 'step1', reason: /SIGKILL/ });
});

await tidyTest(t, 'given a run that is aborted, then it rejects with the reason', async (t) => {
  const abort = new AbortController();
  await using machine = await template.clone([], { signal });
  const run = machine.run(planOf(before, { op: 'misbehave', how: 'spin' }), {
    signal: abort.signal,
    onResult: () => abort.abort(new Error('enough')),
  });
  await t.rejects(run, { message: 'enough' });
});

await tidyTest(t, 'given a clone that is aborted while it wakes, then it rejects with the reason', async (t) => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error('enough')), 40);
  await t.rejects(template.clone([], { signal: abort.signal }), { message: 'enough' });
});
