/**
 * A client of the QEMU Machine Protocol (QEMU, docs/interop/qmp-spec.txt) over any byte stream.
 */
import type { Duplex } from 'node:stream';
import * as z from 'zod';
import { HarnessError } from '../errors.ts';
import { within, type Limits } from '../deadline.ts';
import { eachLine } from '../lines.ts';

const greeting = z.object({
  QMP: z.object({
    version: z.object({
      qemu: z.object({ major: z.number(), minor: z.number(), micro: z.number() }),
      package: z.string(),
    }),
  }),
});
const event = z.object({
  event: z.string(),
  data: z.record(z.string(), z.unknown()).default({}),
  timestamp: z.object({ seconds: z.number(), microseconds: z.number() }),
});
const success = z.object({ return: z.unknown(), id: z.number() });
const failure = z.object({ error: z.object({ class: z.string(), desc: z.string() }), id: z.number().optional() });
const message = z.union([success, failure, event]);

export type QmpEvent = z.infer<typeof event>;

export interface Qmp {
  /** `7.2.22`. */
  readonly version: string;
  /**
   * Runs one command and gives what it returned, checked by `returns`. Commands may overlap.
   * Rejects with HarnessError when QEMU refuses, hangs up, answers another shape or misses the deadline.
   */
  execute<T>(command: string, args: object, returns: z.ZodType<T>, limits: Limits): Promise<T>;
  /** Calls `listener` for each event from now on; the result takes it off again. */
  onEvent(listener: (event: QmpEvent) => void): () => void;
}

/** For commands that return `{}`. */
export const nothing = z.object({});

interface Waiter {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: Error) => void;
}

/** Waits for the greeting and leaves negotiation mode. Rejects with HarnessError when the other end is not QMP. */
export async function connectQmp(stream: Duplex, limits: Limits): Promise<Qmp> {
  const listeners = new Set<(event: QmpEvent) => void>();
  const waiters = new Map<number, Waiter>();
  let broken: HarnessError | undefined;
  let lastId = 0;
  let greet: Waiter;
  const greeted = new Promise<unknown>((resolve, reject) => (greet = { resolve, reject }));
  let first = true;

  const breakOff = (reason: string): void => {
    broken ??= new HarnessError(reason);
    for (const waiter of [greet, ...waiters.values()]) waiter.reject(broken);
    waiters.clear();
  };
  eachLine(
    stream,
    (line) => {
      const value = parseJson(line);
      if (first) {
        first = false;
        greet.resolve(value);
        return;
      }
      const parsed = message.safeParse(value);
      if (!parsed.success) return breakOff(`QEMU sent what is not QMP: ${line.slice(0, 200)}`);
      if ('event' in parsed.data) {
        for (const listener of listeners) listener(parsed.data);
        return;
      }
      const waiter = parsed.data.id === undefined ? undefined : waiters.get(parsed.data.id);
      if (waiter === undefined) return breakOff(`QEMU answered no command of ours: ${line.slice(0, 200)}`);
      waiters.delete(parsed.data.id!);
      if ('error' in parsed.data)
        waiter.reject(new HarnessError(`${parsed.data.error.desc} (${parsed.data.error.class})`));
      else waiter.resolve(parsed.data.return);
    },
    () => breakOff('QEMU hung up'),
  );

  const execute = async <T>(
    command: string,
    args: object,
    returns: z.ZodType<T>,
    { signal, deadlineMs }: Limits,
  ): Promise<T> => {
    const id = ++lastId;
    try {
      if (broken !== undefined) throw broken;
      const answer = new Promise<unknown>((resolve, reject) => waiters.set(id, { resolve, reject }));
      stream.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
      return returns.parse(await within(answer, 'answer', { signal, deadlineMs }));
    } catch (cause) {
      if (signal.aborted) throw signal.reason;
      throw new HarnessError(
        `QMP ${command} ${JSON.stringify(args)}: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      );
    }
  };

  const hail = greeting.safeParse(await within(greeted, 'QMP greeting', limits));
  if (!hail.success) throw new HarnessError(`this is not QMP: ${hail.error.message}`);
  const { major, minor, micro } = hail.data.QMP.version.qemu;
  await execute('qmp_capabilities', {}, nothing, limits);
  return {
    version: `${major}.${minor}.${micro}`,
    execute,
    onEvent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
