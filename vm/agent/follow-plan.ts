/** A plan sent to an agent, and what comes back, up to whichever end. */
import type { RunOptions } from '../machine.ts';
import type { AgentConnection } from './connection.ts';
import type { AgentLine, Plan, StepResult } from './protocol.ts';

/** The agent reports a step that is over its time itself; this much later the host does. ms at slowdown 1. */
const STEP_GRACE_MS = 300;
/**
 * Time for undoing the plan's mounts and loop devices after its last step, ms: the agent gives itself 10 s or the
 * longest step's deadline and says what hangs, so the host waits for that and a bit more.
 */
const CLEAN_UP_MS = 10_000;
export type End =
  | { readonly kind: 'done'; readonly line: Extract<AgentLine, { type: 'done' }> }
  | { readonly kind: 'stuck'; readonly line: Extract<AgentLine, { type: 'stuck' }> }
  /** All that was waited for is there. */
  | { readonly kind: 'enough' }
  | { readonly kind: 'nonsense'; readonly reason: string }
  | { readonly kind: 'stopped'; readonly why: string }
  | { readonly kind: 'closed' }
  | { readonly kind: 'deadline'; readonly afterMs: number };

export interface Followed {
  readonly end: End;
  /** Every result that arrived, in order. */
  readonly results: readonly StepResult[];
  /** Protocol lines of this plan, in both directions, also those that have come since. */
  readonly transcript: () => readonly string[];
}

/** Rejects only on abort. */
export async function followPlan(
  agent: AgentConnection,
  slowdown: number,
  plan: Plan,
  { signal, onResult, until }: RunOptions,
): Promise<Followed> {
  const from = agent.transcript.length;
  const results: StepResult[] = [];
  const cleanUpMs = Math.max(CLEAN_UP_MS, ...plan.steps.map(({ deadlineMs }) => deadlineMs)) * 2;
  const follow = async (): Promise<End> => {
    for (;;) {
      const current = plan.steps[results.length];
      const deadlineMs = (current?.deadlineMs ?? cleanUpMs) + STEP_GRACE_MS * slowdown;
      const event = await agent.next({ signal, deadlineMs });
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
  agent.send(plan);
  const end = await follow();
  return { end, results, transcript: () => agent.transcript.slice(from) };
}

/** The first frames of /proc/PID/stack as the agent sends it, innermost first; without any, what else it knows of the worker. */
export function innermost(stack: string): string {
  const lines = stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const frames = lines.flatMap((line) => /^\[<[^>]*>\] (.+)$/.exec(line)?.[1] ?? []);
  if (frames.length > 0) return `in ${frames.slice(0, 6).join(' < ')}`;
  return `in user space${lines.length === 0 ? '' : ` (${lines.slice(0, 4).join(', ')})`}`;
}
