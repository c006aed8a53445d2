/** Several tasks of which none is to go on when one has failed. */
import { setMaxListeners } from 'node:events';

export interface JointSignal {
  /** Aborted with the outer one, or by `failure`. */
  readonly signal: AbortSignal;
  readonly failure: AbortController;
}

/** As many may wait on it at once as there are scenarios: Node's warning at ten is meant for leaks. */
export function jointSignal(outer: AbortSignal): JointSignal {
  const failure = new AbortController();
  const signal = AbortSignal.any([outer, failure.signal]);
  setMaxListeners(0, signal);
  return { signal, failure };
}
