/** Talking to an agent, over whatever carries the bytes. Every line is checked against the protocol. */
import type { Readable, Writable } from 'node:stream';
import { createInterface } from 'node:readline';
import {
  agentLine,
  type AgentLine,
  type Operation,
  type Plan,
  type PlanStep,
  type StepResult,
} from '../../../vm/agent/protocol.ts';

type Line<Type extends AgentLine['type']> = Extract<AgentLine, { type: Type }>;

export interface Conversation {
  send(line: unknown): void;
  sendRaw(bytes: string | Uint8Array): void;
  /** The next line, which must be of this type. */
  next<Type extends AgentLine['type']>(type: Type): Promise<Line<Type>>;
  nextText(): Promise<string>;
  /** Sends a plan and collects what comes up to `done`. */
  run(plan: Plan): Promise<PlanOutcome>;
}

export interface PlanOutcome {
  readonly results: readonly StepResult[];
  readonly stuck: Line<'stuck'> | undefined;
  readonly done: Line<'done'>;
}

export function converse(input: Readable, output: Writable, deadlineMs = 30_000): Conversation {
  const lines: string[] = [];
  const waiting: ((line: string | undefined) => void)[] = [];
  let ended = false;
  createInterface({ input, crlfDelay: Infinity })
    .on('line', (line) => {
      const waiter = waiting.shift();
      if (waiter) waiter(line);
      else lines.push(line);
    })
    .on('close', () => {
      ended = true;
      for (const waiter of waiting.splice(0)) waiter(undefined);
    });
  output.on('error', () => undefined);

  const nextText = async (): Promise<string> => {
    const queued = lines.shift();
    if (queued !== undefined) return queued;
    if (ended) throw new Error('the agent has ended');
    let timer: NodeJS.Timeout | undefined;
    const line = await new Promise<string | undefined>((resolve, reject) => {
      waiting.push(resolve);
      timer = setTimeout(() => reject(new Error(`no line from the agent within ${deadlineMs} ms`)), deadlineMs);
    }).finally(() => clearTimeout(timer));
    if (line === undefined) throw new Error('the agent has ended');
    return line;
  };
  const parsed = async (): Promise<AgentLine> => agentLine.parse(JSON.parse(await nextText()));
  const next = async <Type extends AgentLine['type']>(type: Type): Promise<Line<Type>> => {
    const line = await parsed();
    if (line.type !== type) throw new Error(`expected ${type}, got ${JSON.stringify(line)}`);
    return line as Line<Type>;
  };
  const sendRaw = (bytes: string | Uint8Array): void => void output.write(bytes);
  const send = (line: unknown): void => sendRaw(`${JSON.stringify(line)}\n`);
  const run = async (plan: Plan): Promise<PlanOutcome> => {
    const results: StepResult[] = [];
    let stuck: Line<'stuck'> | undefined;
    send(plan);
    for (;;) {
      const line = await parsed();
      if (line.type === 'result') results.push(line);
      else if (line.type === 'stuck') stuck = line;
      else if (line.type === 'done') return { results, stuck, done: line };
      else throw new Error(`unexpected ${JSON.stringify(line)}`);
    }
  };
  return { send, sendRaw, next, nextText, run };
}

let plans = 0;

/** A plan of steps named by their keys; what a step does not say is the default. */
export function planOf(
  steps: Readonly<Record<string, Operation | ({ operation: Operation } & Partial<PlanStep>)>>,
  deadlineMs = 10_000,
): Plan {
  return {
    v: 1,
    type: 'plan',
    id: `plan-${++plans}`,
    steps: Object.entries(steps).map(([id, step]) => ({
      id,
      needs: [],
      deadlineMs,
      ...('op' in step ? { operation: step } : step),
    })),
  };
}
