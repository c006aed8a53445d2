/** What the host makes of the agent's lines, one after the other; no machine. */
import { Duplex, PassThrough } from 'node:stream';
import t from 'tap';
import { HarnessError, type Kernel, type Plan, type RunOutcome } from '../../../vm/machine.ts';
import { connectAgent } from '../../../vm/agent/connection.ts';
import type { Qemu } from '../../../vm/qemu/process.ts';
import { runPlan } from '../../../vm/qemu/run-plan.ts';

const signal = AbortSignal.timeout(20_000);
const step = (id: string) => ({ id, needs: [], deadlineMs: 500, operation: { op: 'drop-caches' as const } });
const plan: Plan = { v: 1, type: 'plan', id: 'p', steps: [step('a'), step('b')] };
const result = (id: string, extra: object = {}) => ({
  v: 1,
  type: 'result',
  plan: 'p',
  step: id,
  ok: true,
  messages: [],
  durationUs: 1,
  ...extra,
});
const done = { v: 1, type: 'done', plan: 'p', leftovers: [], messages: [] };
const stuck = {
  v: 1,
  type: 'stuck',
  plan: 'p',
  step: 'b',
  how: 'deadline',
  stack: 'state D\n[<0>] xfs_wait+0x1\n',
  messages: [],
};

async function outcomeOf(lines: readonly object[], console = '', qmp: object = {}): Promise<RunOutcome> {
  const [a, b] = [new PassThrough(), new PassThrough()];
  const agent = connectAgent(Duplex.from({ readable: a, writable: b }));
  for (const line of lines) a.write(`${JSON.stringify(line)}\n`);
  const qemu = { agent, qmp, console: () => Promise.resolve(console) } as unknown as Qemu;
  return runPlan(qemu, {} as Kernel, 1, plan, { signal });
}

t.test('given each step answered once and in order, then the plan is completed', async (t) => {
  t.match(await outcomeOf([result('a'), result('b'), done]), {
    kind: 'completed',
    results: [{ step: 'a' }, { step: 'b' }],
  });
});

const LOST: readonly [title: string, lines: readonly object[]][] = [
  ['a step answered twice', [result('a'), result('a'), result('b'), done]],
  ['steps answered out of order', [result('b'), result('a'), done]],
  ['a step of another plan', [result('a', { plan: 'q' }), result('b'), done]],
  ['a plan that is done before its last step', [result('a'), done]],
  ['the end of another plan', [result('a'), result('b'), { ...done, plan: 'q' }]],
  [
    'a second hello: the agent was started anew',
    [result('a'), { v: 1, type: 'hello', agent: 'x', release: 'x', machine: 'x', modules: [], commandLine: '' }],
  ],
  ['a fault in the clean-up', [result('a'), result('b'), { v: 1, type: 'fault', reason: 'the clean-up died' }, done]],
];
for (const [title, lines] of LOST)
  t.test(`given ${title}, then nothing is believed of it`, async (t) => {
    t.match(await outcomeOf(lines), { kind: 'lost', reason: /nonsense/ });
  });

t.test('given a kernel that does not let go of the mounts after the last step, then it hung', async (t) => {
  t.match(await outcomeOf([result('a'), result('b'), stuck, { ...done, leftovers: ['the worker hangs'] }]), {
    kind: 'hung',
    where: 'in xfs_wait+0x1',
  });
});

t.test(
  'given no answer from the guest, then it hung where QEMU answers, and where QEMU is silent too nobody is blamed',
  async (t) => {
    const answering = { execute: () => Promise.resolve('CPU#0\nRIP=ffffffff81000000 RFL=00000246 CPL=0 HLT=1\n') };
    t.match(await outcomeOf([result('a')], '', answering), { kind: 'hung', step: 'b', where: /cpu0 idle in/ });
    const silent = {
      execute: () => Promise.reject(new HarnessError('no answer to human-monitor-command within 5000 ms')),
    };
    t.match(await outcomeOf([result('a')], '', silent), {
      kind: 'lost',
      step: 'b',
      reason: /QEMU does not answer either/,
    });
  },
);

t.test('given a FUSE daemon of the agent that died, then it is not the kernel that hung', async (t) => {
  const reason = 'the FUSE daemon of /fathom/1-fuse has died';
  t.match(await outcomeOf([result('a'), { ...stuck, how: 'daemon', stack: reason }, done]), {
    kind: 'lost',
    step: 'b',
    reason,
  });
});

t.test('given a panic on the console when the agent falls silent, then the kernel crashed', async (t) => {
  t.match(await outcomeOf([result('a'), stuck], '[ 1.0] Kernel panic - not syncing: x\n'), {
    kind: 'crashed',
    step: 'b',
  });
});

t.test('given a crash that took an answer along, then the console tells in which step it was', async (t) => {
  const console = '[ 1.0] fathom: begin a\n[ 1.1] fathom: begin b\n[ 1.2] Kernel panic - not syncing: on purpose\n';
  t.match(await outcomeOf([stuck], console), { kind: 'crashed', step: 'b', results: [] });
  t.match(await outcomeOf([stuck], console.replace('begin b', 'begin z')), { kind: 'crashed', step: 'a' });
  t.match(await outcomeOf([result('a'), stuck], console.replace('begin b', 'begin a')), { kind: 'crashed', step: 'b' });
});
