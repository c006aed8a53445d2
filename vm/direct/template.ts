/** A machine that is already running, in the place of a template: its clones are itself, one after the other. */
import { buildAgent } from '../agent/build.ts';
import { followPlan, innermost } from '../agent/follow-plan.ts';
import { HarnessError, UnsupportedError } from '../errors.ts';
import { requireConfig } from '../kernel/kconfig.ts';
import type { BuiltDisk, Kernel, Machine, RunOptions, RunOutcome, Shape, Template } from '../machine.ts';
import type { Plan } from '../agent/protocol.ts';
import { bootId, fateOf, whyNotOpened } from './afterwards.ts';
import type { Reach } from './reach.ts';
import { openSession, type Session } from './session.ts';

/** It is nobody's emulation, and may be busy. */
const SLOWDOWN = 2;
const BECAUSE = 'it is no guest that could be cloned';

export interface DirectRequest {
  readonly reach: Reach;
  readonly kernel: Kernel;
  readonly shape: Shape;
  readonly signal: AbortSignal;
}

/**
 * Throws UnsupportedError for what only a guest of its own can be: one that is prepared before it is frozen (the stack
 * tracer switched on), or whose kernel has other modules than its own.
 */
export async function directTemplate({ reach, kernel, shape, signal }: DirectRequest): Promise<Template> {
  if (shape.prepare.length > 0)
    throw new UnsupportedError('a guest of its own', {
      message: `${reach.name} would have to be changed for good for this (${shape.prepare.map(({ op }) => op).join(', ')}): that takes a guest`,
    });
  requireConfig(kernel, shape.needsConfig);
  const agent = await buildAgent({ signal });
  return {
    kernel,
    shape,
    accelerator: reach.isRemote ? 'ssh' : 'host',
    slowdown: SLOWDOWN,
    bootMs: undefined,
    clone: async (disks: readonly BuiltDisk[], options) => {
      const from = performance.now();
      const boot = await bootId(reach, options.signal);
      const request = { reach, agent: agent.path, disks, modules: shape.modules, ...options };
      const session = await openSession(request).catch(async (error: unknown) => {
        if (!reach.isRemote || !(error instanceof HarnessError)) throw error;
        throw await whyNotOpened(reach, boot, error, options.signal);
      });
      return machineOf(reach, session, boot, performance.now() - from);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function machineOf(reach: Reach, session: Session, boot: string, durationMs: number): Machine {
  let state: 'ready' | 'running' | 'spent' = 'ready';
  let lastWords = '';
  return {
    hello: session.hello,
    start: { how: 'boot', because: `${reach.name}: ${BECAUSE}`, durationMs },
    device: (slot) => session.device(slot),
    run: async (plan, options) => {
      if (state !== 'ready') throw new HarnessError(`plan ${plan.id}: ${reach.name} is ${state}`);
      state = 'running';
      const outcome = await runPlan(reach, session, boot, plan, options);
      if (outcome.kind === 'crashed') lastWords = outcome.consoleTail;
      state = outcome.kind === 'completed' && options.until === undefined ? 'ready' : 'spent';
      return outcome;
    },
    // It has none that could be read; after a crash, what was found.
    console: () => Promise.resolve(lastWords),
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

async function runPlan(
  reach: Reach,
  session: Session,
  boot: string,
  plan: Plan,
  options: RunOptions,
): Promise<RunOutcome> {
  const { end, results, transcript } = await followPlan(session.agent, SLOWDOWN, plan, options);
  const common = { results, transcript: transcript() };
  const step = plan.steps[results.length]?.id;
  const lost = (reason: string): RunOutcome => ({ ...common, kind: 'lost', step, reason, consoleTail: '' });
  const hung = (where: string): RunOutcome => ({ ...common, kind: 'hung', step, where, consoleTail: '' });
  switch (end.kind) {
    case 'enough':
      return { ...common, kind: 'completed', leftovers: [], strays: [] };
    case 'done':
      return { ...common, kind: 'completed', leftovers: end.line.leftovers, strays: end.line.messages };
    case 'stuck':
      if (end.line.how === 'deadline') return hung(innermost(end.line.stack));
      return lost(
        end.line.how === 'daemon'
          ? end.line.stack
          : `the agent's worker was killed by signal ${end.line.signal ?? '?'}`,
      );
    case 'nonsense':
      return lost(`the agent talks nonsense: ${end.reason}`);
    case 'stopped':
      return lost(`stopped: ${end.why}`);
    case 'deadline':
    case 'closed': {
      const how = end.kind === 'closed' ? await session.ended : `no answer for ${end.afterMs} ms`;
      if (!reach.isRemote) return end.kind === 'closed' ? lost(`the agent is gone: ${how}`) : hung(how);
      const fate = await fateOf(reach, boot, how, options.signal);
      return fate.kind === 'crashed' ? { ...common, ...fate, step } : lost(fate.reason);
    }
  }
  return end satisfies never;
}
