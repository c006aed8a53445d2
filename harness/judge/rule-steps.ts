/** Which steps of which scenarios show a rule, as the model says before any kernel is asked. Pure. */
import type { Behaviours } from '../model/behaviour.ts';
import { predict } from '../model/predict.ts';
import { profileOf, type Version } from '../model/profile.ts';
import { isRuleId, type RuleId } from '../model/rules/registry.ts';
import type { Scenario } from '../scenario.ts';

/** A release of each era of the rules. */
export const ERAS: readonly Version[] = [
  { major: 5, minor: 10, patch: 262, rc: undefined },
  { major: 6, minor: 1, patch: 192, rc: undefined },
  { major: 6, minor: 12, patch: 57, rc: undefined },
  { major: 6, minor: 12, patch: 117, rc: undefined },
  { major: 6, minor: 17, patch: 13, rc: undefined },
  { major: 6, minor: 18, patch: 9, rc: undefined },
  { major: 7, minor: 2, patch: 12, rc: undefined },
  { major: 7, minor: 3, patch: 4, rc: undefined },
];

export interface StepOf {
  readonly scenario: string;
  readonly step: string;
}

export interface RuleSteps {
  /** In the first era that has one. */
  readonly triggered: StepOf | undefined;
  readonly spared: StepOf | undefined;
}

/** For each rule, the first step that triggers it and the first that just does not, in whatever era. */
export function ruleSteps(scenarios: readonly Scenario[]): ReadonlyMap<RuleId, RuleSteps> {
  const found = new Map<RuleId, RuleSteps>();
  const add = (rule: RuleId, kind: keyof RuleSteps, step: StepOf): void => {
    const steps = found.get(rule) ?? { triggered: undefined, spared: undefined };
    if (steps[kind] === undefined) found.set(rule, { ...steps, [kind]: step });
  };
  for (const behaviours of ERAS.map(behavioursOf))
    for (const scenario of scenarios)
      for (const { step, prediction } of predict(scenario, behaviours)) {
        if (prediction.kind === 'unreachable') continue;
        const at = { scenario: scenario.name, step };
        const { triggered = [], spared = [] } = prediction.exercised ?? {};
        const isSpared = new Set(spared);
        for (const rule of triggered) add(rule, 'triggered', at);
        if (prediction.kind === 'refused' && !isSpared.has(prediction.rule)) add(prediction.rule, 'triggered', at);
        for (const rule of spared) add(rule, 'spared', at);
        if (prediction.kind !== 'ok' || !triggered.includes('D2')) continue;
        for (const about of scenario.about)
          if (isRuleId(about) && isOfOverlays(about) && !triggered.includes(about)) add(about, 'spared', at);
      }
  return found;
}

/**
 * The rules of overlayfs say themselves only where they speak. That they do not elsewhere, a mounted overlay shows in a
 * scenario about them.
 */
export function isOfOverlays(rule: string): boolean {
  return /^O\d+$/.test(rule);
}

function behavioursOf(version: Version): Behaviours {
  return profileOf({ version }).behaviours;
}
