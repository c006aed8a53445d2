/** A judgement as a record of the report. */
import type { Judgement } from '../judge/judge.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { Prediction } from '../model/prediction.ts';
import type { Observation } from '../observe/observation.ts';
import type { StepRecord } from './results.ts';

export function recordOf(
  where: Pick<StepRecord, 'kernel' | 'release' | 'scenario'>,
  judgement: Judgement,
  instead?: string,
): StepRecord {
  return {
    ...where,
    step: judgement.step,
    predicted: predictedOf(judgement.prediction),
    observed: observedOf(judgement.observation),
    verdict: withoutUndefined(judgement.verdict),
    ...(instead === undefined ? {} : { instead }),
  };
}

/** The record of a step of which nothing could be predicted, let alone seen. */
export function noPrediction(
  where: Pick<StepRecord, 'kernel' | 'release' | 'scenario' | 'step'>,
  verdict: Verdict,
): StepRecord {
  return {
    ...where,
    predicted: { ok: false, messages: [], why: 'nothing is predicted of a kernel that is not there' },
    observed: observedOf(undefined),
    verdict: withoutUndefined(verdict),
  };
}

function predictedOf(prediction: Prediction): StepRecord['predicted'] {
  const messages = (prediction.messages ?? []).map(({ pattern, ...message }) => ({
    ...message,
    pattern: pattern.source,
  }));
  if (prediction.kind === 'unreachable')
    return { ok: false, messages, why: prediction.why, unreachable: prediction.because };
  return prediction.kind === 'ok'
    ? withoutUndefined({ ok: true, depth: prediction.depth, messages, why: prediction.why })
    : { ok: false, errno: prediction.errno, messages, rule: prediction.rule, why: prediction.why };
}

function observedOf(observation: Observation | undefined): StepRecord['observed'] {
  if (observation === undefined) return { ok: false, messages: [], unanswered: true };
  const messages = [
    ...observation.messages.map(({ level, text }) => ({ level, text })),
    ...observation.context.map((text) => ({ text })),
  ];
  switch (observation.kind) {
    case 'ok':
      return { ok: true, messages };
    case 'failed':
      return { ok: false, errno: observation.errno, call: observation.call, messages };
    case 'skipped':
      return { ok: false, skipped: observation.needed, messages };
  }
  return observation satisfies never;
}

/** JSON knows no undefined; neither do the types of the report. */
function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
