/** One plan on one guest, to whichever end it comes. */
import type { AgentLine, Plan, StepResult } from '../agent/protocol.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { RunOptions, RunOutcome } from '../machine.ts';
import { consoleTail, deathOf } from './crash.ts';
import { endingInWords, type Qemu } from './process.ts';
import { settledWithin } from './deadline.ts';
import { whereabouts } from './whereabouts.ts';

/** The agent reports a step that is over its time itself; this much later the host does. ms at slowdown 1. */
const STEP_GRACE_MS = 300;
/**
 * Time for undoing the plan's mounts and loop devices after its last step, ms: the agent gives itself 10 s or the
 * longest step's deadline and says what hangs, so the host waits for that and a bit more.
 */
const CLEAN_UP_MS = 10_000;
/** Time for QEMU to end after it hung up, and to answer when the guest does not, ms. */
const HOST_MS = 5000;

type End =
  | { readonly kind: 'done'; readonly line: Extract<AgentLine, { type: 'done' }> }
  | { readonly kind: 'stuck'; readonly line: Extract<AgentLine, { type: 'stuck' }> }
  /** All that was waited for is there. */
  | { readonly kind: 'enough' }
  | { readonly kind: 'nonsense'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly why: string }
  | { readonly kind: 'closed' }
  | { readonly kind: 'deadline'; readonly afterMs: number };

/** Rejects only on abort. After any other outcome than `completed` the guest is good for nothing more. */
export async function runPlan(
  qemu: Qemu,
  kernel: Kernel,
  slowdown: number,
  plan: Plan,
  { signal, onResult, until }: RunOptions,
): Promise<RunOutcome> {
  const from = qemu.agent.transcript.length;
  const results: StepResult[] = [];

  const cleanUpMs = Math.max(CLEAN_UP_MS, ...plan.steps.map(({ deadlineMs }) => deadlineMs)) * 2;
  const follow = async (): Promise<End> => {
    for (;;) {
      const current = plan.steps[results.length];
      const deadlineMs = (current?.deadlineMs ?? cleanUpMs) + STEP_GRACE_MS * slowdown;
      const event = await qemu.agent.next({ signal, deadlineMs });
      if (event === 'deadline') return { kind: 'deadline', afterMs: Math.round(deadlineMs) };
      if (event.kind === 'garbage') return { kind: 'nonsense', reason: `it sent ${event.text}: ${event.why}` };
      if (event.kind !== 'line') return event;
      const { line } = event;
      if (line.type === 'fault') return { kind: 'nonsense', reason: `it says: ${line.reason}` };
      if (line.type === 'hello' || line.type === 'pong')
        return { kind: 'nonsense', reason: `it said ${line.type} in the middle of a plan` };
      if (line.plan !== plan.id)
        return { kind: 'nonsense', reason: `it spoke of plan ${line.plan} while ${plan.id} was running` };
      if (line.type === 'stuck') return { kind: 'stuck', line };
      if (line.type === 'done') {
        if (current !== undefined) return { kind: 'nonsense', reason: `it was done before step ${current.id}` };
        return { kind: 'done', line };
      }
      if (line.step !== current?.id)
        return { kind: 'nonsense', reason: `it answered step ${line.step}, and ${current?.id ?? 'none'} was next` };
      results.push(line);
      onResult?.(line);
      if (line.step === until) return { kind: 'enough' };
    }
  };

  qemu.agent.send(plan);
  const end = await follow();
  const answered = results.length;
  const verdict = await judgeEnd(qemu, kernel, end, { plan, answered }, signal);
  return { results, transcript: qemu.agent.transcript.slice(from), ...verdict };
}

type Verdict = RunOutcome extends infer Outcome
  ? Outcome extends RunOutcome
    ? Omit<Outcome, 'results' | 'transcript'>
    : never
  : never;

/**
 * The step in which a kernel has died: the last that the console says was begun, since a dying guest may take the answers
 * to the steps before along; else the first without an answer.
 */
function reached(console: string, plan: Plan, answered: number): string | undefined {
  const last = [...console.matchAll(/fathom: begin (.*)$/gm)].at(-1)?.[1];
  const begun = plan.steps.findLastIndex(({ id }) => id === last);
  return plan.steps[Math.max(begun, answered)]?.id;
}

async function judgeEnd(
  qemu: Qemu,
  kernel: Kernel,
  end: End,
  { plan, answered }: { readonly plan: Plan; readonly answered: number },
  signal: AbortSignal,
): Promise<Verdict> {
  if (end.kind === 'enough') return { kind: 'completed', leftovers: [], strays: [] };
  if (end.kind === 'done') return { kind: 'completed', leftovers: end.line.leftovers, strays: end.line.messages };
  const ending = end.kind === 'closed' ? await settledWithin(qemu.ended, { signal, deadlineMs: HOST_MS }) : undefined;
  const console = await qemu.console();
  const tail = consoleTail(console);
  const death = deathOf(console);
  const step = death === undefined ? plan.steps[answered]?.id : reached(console, plan, answered);
  const lost = (reason: string): Verdict => ({ kind: 'lost', step, reason, consoleTail: tail });
  const hung = (where: string): Verdict => ({ kind: 'hung', step, where, consoleTail: tail });

  // A dying kernel may take the agent's last words with it, or never get to its reset: the console is believed first.
  if (death?.kind === 'crash') return { kind: 'crashed', step, title: death.title, consoleTail: tail };
  if (death?.kind === 'agent-ended') return lost(`the agent ended: ${death.title}`);
  const outcomeOfStuck = ({ how, stack, signal: number }: Extract<End, { kind: 'stuck' }>['line']): Verdict => {
    switch (how) {
      case 'deadline':
        return hung(innermost(stack));
      case 'signal':
        return lost(`the agent's worker was killed by signal ${number ?? '?'}`);
      case 'daemon':
        return lost(stack);
    }
    return how satisfies never;
  };
  switch (end.kind) {
    case 'deadline':
      return hung(
        `no answer for ${end.afterMs} ms; ${await whereabouts(qemu.qmp, kernel, { signal, deadlineMs: HOST_MS })}`,
      );
    case 'stuck':
      return outcomeOfStuck(end.line);
    case 'nonsense':
      return lost(`the agent talks nonsense: ${end.reason}`);
    case 'stopped':
      return lost(`QEMU stopped the guest: ${end.why}`);
    case 'closed':
      if (ending === undefined || ending === 'deadline') return lost('QEMU hung up and did not end');
      return lost(`QEMU is gone: ${endingInWords(ending.value)}`);
  }
  end satisfies never;
}

/** The first frames of /proc/PID/stack as the agent sends it, innermost first; without any, what else it knows of the worker. */
function innermost(stack: string): string {
  const lines = stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const frames = lines.flatMap((line) => /^\[<[^>]*>\] (.+)$/.exec(line)?.[1] ?? []);
  if (frames.length > 0) return `in ${frames.slice(0, 6).join(' < ')}`;
  return `in user space${lines.length === 0 ? '' : ` (${lines.slice(0, 4).join(', ')})`}`;
}
