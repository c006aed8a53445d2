/** One plan on one guest, to whichever end it comes. */
import { followPlan, innermost, type End } from '../agent/follow-plan.ts';
import type { Plan } from '../agent/protocol.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { RunOptions, RunOutcome } from '../machine.ts';
import { consoleTail, deathOf } from './crash.ts';
import { endingInWords, type Qemu } from './process.ts';
import { settledWithin } from '../deadline.ts';
import { whereabouts } from './whereabouts.ts';

/** Time for QEMU to end after it hung up, and to answer when the guest does not, ms. */
const HOST_MS = 5000;

/** Rejects only on abort. After any other outcome than `completed` the guest is good for nothing more. */
export async function runPlan(
  qemu: Qemu,
  kernel: Kernel,
  slowdown: number,
  plan: Plan,
  options: RunOptions,
): Promise<RunOutcome> {
  const { end, results, transcript } = await followPlan(qemu.agent, slowdown, plan, options);
  const answered = results.length;
  const verdict = await judgeEnd(qemu, kernel, end, { plan, answered }, options.signal);
  return { results, transcript: transcript(), ...verdict };
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
    case 'deadline': {
      const where = await whereabouts(qemu.qmp, kernel, { signal, deadlineMs: HOST_MS });
      return where === undefined
        ? lost(
            `no answer for ${end.afterMs} ms, and QEMU does not answer either: is it stopped, or its host overloaded?`,
          )
        : hung(`no answer for ${end.afterMs} ms; ${where}`);
    }
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
