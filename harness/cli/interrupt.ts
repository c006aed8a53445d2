/** Signals, and faults that nobody catches, become one AbortSignal: what is interrupted takes down its machines first. */
import { setMaxListeners } from 'node:events';
import { failureOf } from './failure.ts';

/** Exit statuses by the shell's custom, 128 + the signal's number. */
const statuses = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const brokenPipe = 141;
/** Node's own 1 would say that the kernel is at fault. */
const ownFault = 125;
/** How long an interrupted command may take to clean up, in ms, before we end without it. */
const graceMs = 10_000;

export interface Interruption {
  readonly signal: AbortSignal;
  /** To be called when the command has ended: sets the exit status of an interrupted one, and stops listening. */
  finish(): void;
}

export function interruptible(): Interruption {
  const controller = new AbortController();
  // Every program that we start listens to it; Node's warning at ten is meant for leaks.
  setMaxListeners(0, controller.signal);
  let status: number | undefined;
  const interrupt = (exit: number, why: string): void => {
    status ??= exit;
    if (controller.signal.aborted) return;
    setTimeout(() => {
      process.stderr.write(`fathom: something did not end within ${graceMs / 1000} s of ${why}\n`);
      process.exit(exit);
    }, graceMs).unref();
    controller.abort(new DOMException(`interrupted by ${why}`, 'AbortError'));
  };
  const fail = (text: string): void => {
    process.stderr.write(`${text}\n`);
    // Also when the command has ended: output may fail after that.
    process.exitCode = ownFault;
    interrupt(ownFault, 'a fault');
  };
  const handlers = Object.entries(statuses).map(([name, exit]) => {
    const handler = (): void => {
      // The second time the user means it.
      if (status !== undefined) process.exit(exit);
      interrupt(exit, name);
    };
    return [name, handler] as const;
  });
  for (const [name, handler] of handlers) process.on(name, handler);
  process.on('uncaughtException', (error: unknown) => fail(failureOf(error, { stack: true }).text));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') interrupt(brokenPipe, 'EPIPE');
    else fail(`fathom: standard output cannot be written: ${error.message}`);
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    // Any other is not to be told to anyone.
    if (error.code === 'EPIPE') interrupt(brokenPipe, 'EPIPE');
  });
  return {
    signal: controller.signal,
    finish() {
      for (const [name, handler] of handlers) process.off(name, handler);
      if (status !== undefined) process.exitCode = status;
    },
  };
}
