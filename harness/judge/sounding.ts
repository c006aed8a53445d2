/** How deep the stack went in the steps of a scenario that ask it, and how deep it was to go by the steps before. */
import type { Scenario } from '../scenario.ts';
import { explain } from '../stack/explain.ts';
import { predictPath, type Known } from '../stack/predict.ts';
import { parseStackTables } from '../stack/table.ts';
import { notationOf } from '../topology/notation.ts';
import type { Judgement } from './judge.ts';
import { stagesOf } from './stages.ts';

export interface Sounding {
  /** The path's depth in bytes, from what each layer cost in the soundings before; undefined for the first. */
  readonly predictedBytes?: number;
  /** Undefined where the step gave no table: the kernel died in it, say. */
  readonly pathBytes?: number;
  readonly peakBytes?: number;
}

/** By step. */
export function soundingsOf(scenario: Scenario, judgements: readonly Judgement[]): ReadonlyMap<string, Sounding> {
  const soundings = new Map<string, Sounding>();
  const known: Known[] = [];
  for (const step of scenario.steps) {
    if (step.kind !== 'sound') continue;
    const { observation, prediction } = judgements.find((judgement) => judgement.step === step.name)!;
    if (prediction.kind !== 'ok') continue;
    const stages = stagesOf(step.file.on);
    const predicted = predictPath(stages, 'read', known);
    const [table] = observation?.kind === 'ok' ? parseStackTables(observation.stackTable ?? '') : [];
    const explanation = table === undefined ? undefined : explain(table);
    soundings.set(step.name, {
      ...(predicted.kind === 'predicted' ? { predictedBytes: predicted.bytes + predicted.memoryBytes } : {}),
      ...(explanation === undefined ? {} : { pathBytes: explanation.pathBytes, peakBytes: explanation.peakBytes }),
    });
    if (explanation !== undefined)
      known.push({ label: notationOf(step.file.on), operation: 'read', stages, explanation });
  }
  return soundings;
}
