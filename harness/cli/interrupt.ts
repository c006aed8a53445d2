/** Signals become one AbortSignal, so that a run which is interrupted takes down its machines before it ends. */
import { setMaxListeners } from 'node:events';

/** Exit statuses by the shell's custom, 128 + the signal's number. */
const statuses = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
const brokenPipe = 141;
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
    // The second time the user means it.
    if (status !== undefined && why !== 'EPIPE') process.exit(exit);
    status ??= exit;
    setTimeout(() => {
      process.stderr.write(`fathom: something did not end within ${graceMs / 1000} s of ${why}\n`);
      process.exit(exit);
    }, graceMs).unref();
    controller.abort(new DOMException(`interrupted by ${why}`, 'AbortError'));
  };
  const handlers = Object.entries(statuses).map(([name, exit]) => [name, () => interrupt(exit, name)] as const);
  const onOutputError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    if (status === undefined) interrupt(brokenPipe, 'EPIPE');
  };
  for (const [name, handler] of handlers) process.on(name, handler);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onOutputError);
  return {
    signal: controller.signal,
    finish() {
      for (const [name, handler] of handlers) process.off(name, handler);
      if (status !== undefined) process.exitCode = status;
    },
  };
}
