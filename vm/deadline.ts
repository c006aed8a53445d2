/** Waits that end: each has a deadline and a signal. */
import { HarnessError } from './errors.ts';

export interface Limits {
  readonly signal: AbortSignal;
  /** Milliseconds from now. */
  readonly deadlineMs: number;
}

/**
 * What `work` gives, if it does so in time.
 * Rejects with the signal's reason on abort and with HarnessError `no … within … ms` at the deadline; `work` itself
 * goes on, so its owner must end it.
 */
export async function within<T>(work: Promise<T>, what: string, { signal, deadlineMs }: Limits): Promise<T> {
  const outcome = await settledWithin(work, { signal, deadlineMs });
  if (outcome === 'deadline') throw new HarnessError(`no ${what} within ${deadlineMs} ms`);
  return outcome.value;
}

/** As `within`, for callers to whom the deadline is an answer. */
export async function settledWithin<T>(
  work: Promise<T>,
  { signal, deadlineMs }: Limits,
): Promise<{ readonly value: T } | 'deadline'> {
  // A wait that ended early leaves `work` with nobody to hear of its failure.
  work.catch(() => undefined);
  signal.throwIfAborted();
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  try {
    return await Promise.race([
      work.then((value) => ({ value })),
      new Promise<'deadline'>((resolve, reject) => {
        timer = setTimeout(() => resolve('deadline'), deadlineMs);
        onAbort = () => reject(signal.reason as Error);
        signal.addEventListener('abort', onAbort, { once: true });
      }),
    ]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
