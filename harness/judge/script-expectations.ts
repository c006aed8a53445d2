/** What the model predicts of each step, as a script says it (topology/script.ts). */
import type { Behaviours } from '../model/behaviour.ts';
import { predict } from '../model/predict.ts';
import type { Prediction } from '../model/prediction.ts';
import type { Scenario } from '../scenario.ts';
import type { ScriptExpectation } from '../topology/script.ts';

export function scriptExpectations(scenario: Scenario, behaviours: Behaviours): ReadonlyMap<string, ScriptExpectation> {
  return new Map(predict(scenario, behaviours).map(({ step, prediction }) => [step, expectationOf(prediction)]));
}

function expectationOf(prediction: Prediction): ScriptExpectation {
  switch (prediction.kind) {
    case 'ok':
      return {
        answer: prediction.unknown === undefined && !isPartlyRefused(prediction.listing) ? 'ok' : '?',
        why: prediction.why,
        contents: prediction.contents,
      };
    case 'refused':
      return {
        answer: prediction.unknown === undefined ? prediction.errno : '?',
        why: `rule ${prediction.rule}: ${prediction.why}`,
      };
    case 'unreachable':
      return { answer: '-', why: prediction.why };
  }
  return prediction satisfies never;
}

/** A listing that is as it must be while some of its entries cannot be looked at: a program that lists then fails. */
function isPartlyRefused(listing: Extract<Prediction, { kind: 'ok' }>['listing']): boolean {
  return listing?.entries.some((entry) => entry.kind === 'lost' || entry.unreadable !== undefined) ?? false;
}
