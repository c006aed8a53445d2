/**
 * The host's end of the agent protocol: lines in, checked and queued in the order of their coming, together with
 * what else ends a wait (the machine hung up, QEMU stopped the guest).
 */
import type { Duplex } from 'node:stream';
import * as z from 'zod';
import { agentLine, type AgentLine, type Plan } from './protocol.ts';
import { settledWithin, type Limits } from '../deadline.ts';
import { eachLine } from '../lines.ts';

export type AgentEvent =
  | { readonly kind: 'line'; readonly line: AgentLine }
  /** What came is not the protocol. Nothing that follows is believed. */
  | { readonly kind: 'garbage'; readonly text: string; readonly why: string }
  /** QEMU took the guest's CPUs away: a panic that it was told of, or an internal error. */
  | { readonly kind: 'stopped'; readonly why: string }
  /** The stream has ended: there is no QEMU any more. */
  | { readonly kind: 'closed' };

export interface AgentConnection {
  send(message: Plan | { readonly v: 1; readonly type: 'ping'; readonly id: string }): void;
  /** The next event, or `deadline`. After `closed` it is `closed` for ever. Rejects only on abort. */
  next(limits: Limits): Promise<AgentEvent | 'deadline'>;
  /** Puts something that was seen elsewhere into the queue. */
  interrupt(event: AgentEvent): void;
  /** `> ` before what was sent, `< ` before what came. */
  readonly transcript: readonly string[];
}

export function connectAgent(stream: Duplex): AgentConnection {
  const queue: AgentEvent[] = [];
  const transcript: string[] = [];
  let wake: (() => void) | undefined;
  let closed = false;

  const interrupt = (event: AgentEvent): void => {
    queue.push(event);
    wake?.();
  };
  eachLine(
    stream,
    (line) => {
      transcript.push(`< ${line}`);
      interrupt(parseLine(line));
    },
    (rest) => {
      if (rest !== '') transcript.push(`< ${rest}`);
      closed = true;
      interrupt({ kind: 'closed' });
    },
  );

  return {
    transcript,
    interrupt,
    send: (message) => {
      const line = JSON.stringify(message);
      transcript.push(`> ${line}`);
      if (!closed) stream.write(`${line}\n`);
    },
    next: async (limits) => {
      limits.signal.throwIfAborted();
      if (queue.length === 0) {
        if (closed) return { kind: 'closed' };
        const arrival = new Promise<void>((resolve) => (wake = resolve));
        if ((await settledWithin(arrival, limits)) === 'deadline') return 'deadline';
      }
      return queue.shift() ?? { kind: 'closed' };
    },
  };
}

/** One line of the agent, or why it is none. */
export function parseLine(line: string): AgentEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: 'garbage', text: shown(line), why: 'not JSON' };
  }
  const parsed = agentLine.safeParse(value);
  return parsed.success
    ? { kind: 'line', line: parsed.data }
    : { kind: 'garbage', text: shown(line), why: z.prettifyError(parsed.error) };
}

function shown(line: string): string {
  const text = JSON.stringify(line.slice(0, 200));
  return line.length > 200 ? `${text} and ${line.length - 200} more characters` : text;
}
