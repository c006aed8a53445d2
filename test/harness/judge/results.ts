/** Step results and outcomes for the judge's tests, as the agent sends them. */
import type { KernelMessage, RunOutcome, StepResult } from '../../../vm/machine.ts';
import type { Prediction } from '../../../harness/model/prediction.ts';
import type { StepPrediction } from '../../../harness/model/predict.ts';
import { logged } from '../../../harness/model/rules/rule.ts';

export function said(text: string, level = 3, facility = 0): KernelMessage {
  return { sequence: 1, level, facility, timestampUs: 1, text };
}

type Extra = Partial<Omit<StepResult, 'messages'>> & { readonly messages?: readonly KernelMessage[] };

export function ok(step: string, { messages = [], ...extra }: Extra = {}): StepResult {
  return { v: 1, type: 'result', plan: 'test', step, ok: true, durationUs: 1, messages: [...messages], ...extra };
}

export function failed(
  step: string,
  errno: string,
  messages: readonly KernelMessage[] = [],
  call = 'mount',
): StepResult {
  return ok(step, { ok: false, errno, call, messages });
}

export function skipped(step: string, needed: string): StepResult {
  return ok(step, { ok: false, skipped: needed });
}

type Ending = RunOutcome extends infer Each
  ? Each extends RunOutcome
    ? Omit<Each, 'results' | 'transcript'>
    : never
  : never;

export function completed(results: readonly StepResult[], strays: readonly KernelMessage[] = []): RunOutcome {
  return { kind: 'completed', leftovers: [], strays, results, transcript: [] };
}

export function ended(results: readonly StepResult[], ending: Ending): RunOutcome {
  return { ...ending, results, transcript: [] };
}

export const mounts: Extract<Prediction, { kind: 'ok' }> = {
  kind: 'ok',
  depth: 1,
  messages: [],
  why: 'ovl(xfs) has depth 1',
};

export const refused = {
  kind: 'refused',
  rule: 'D3',
  errno: 'EINVAL',
  messages: [logged('D3', /^overlayfs: maximum fs stacking depth exceeded$/)],
  why: 'depth 3 > 2',
} as const satisfies Prediction;

export const DEPTH_EXCEEDED = 'overlayfs: maximum fs stacking depth exceeded';

export function unreachable(because: string): Prediction {
  return { kind: 'unreachable', because, why: `it stands on "${because}", which is refused` };
}

/** Predictions of the steps `a`, `b`, `c` … */
export function predicted(...predictions: readonly Prediction[]): readonly StepPrediction[] {
  return predictions.map((prediction, index) => ({ step: 'abcdefgh'[index]!, prediction }));
}
