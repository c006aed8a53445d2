/** What the battery showed, held against what the model says of a set of behaviours. */
import type { RunOutcome } from '../../vm/machine.ts';
import { judgeRun, type Digest, type Judgement } from '../judge/judge.ts';
import type { Behaviours } from '../model/behaviour.ts';
import { predict } from '../model/predict.ts';
import type { Prediction } from '../model/prediction.ts';
import type { Scenario } from '../scenario.ts';

/** A scenario of the battery, and what the kernel did with it. */
export interface Experiment {
  readonly scenario: Scenario;
  readonly outcome: RunOutcome;
}

/** One step of the battery under one set of behaviours. */
export interface Trial {
  readonly scenario: string;
  readonly judgement: Judgement;
  /** What of the prediction can be seen: two of one signature cannot be told apart by this step. */
  readonly signature: string;
  /** The kernel did this. */
  readonly fits: boolean;
}

/** `SCENARIO: STEP` → trial; steps that the kernel did not answer are left out. */
export type Trials = ReadonlyMap<string, Trial>;

export function tryOut(behaviours: Behaviours, experiments: readonly Experiment[], digest: Digest): Trials {
  const trials = new Map<string, Trial>();
  for (const { scenario, outcome } of experiments)
    for (const judgement of judgeRun(predict(scenario, behaviours), outcome, digest)) {
      if (judgement.observation === undefined) continue;
      trials.set(`${scenario.name}: ${judgement.step}`, {
        scenario: scenario.name,
        judgement,
        signature: signatureOf(judgement.prediction),
        fits: judgement.verdict.kind === 'agrees',
      });
    }
  return trials;
}

/** Not its depth, its rule and its reason: those are the model's alone. */
export function signatureOf(prediction: Prediction): string {
  const messages = (prediction.messages ?? []).map(({ channel, pattern, presence }) => [
    channel,
    pattern.source,
    presence,
  ]);
  return JSON.stringify([
    prediction.kind,
    prediction.kind === 'refused' ? prediction.errno : '',
    prediction.kind === 'ok' ? prediction.contents : undefined,
    messages,
  ]);
}
