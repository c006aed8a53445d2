/** What is said of a scenario that has ended, step by step. */
import { alternativeTo } from '../judge/alternative.ts';
import type { Judgement } from '../judge/judge.ts';
import { soundingsOf } from '../judge/sounding.ts';
import type { Behaviours } from '../model/behaviour.ts';
import { recordOf } from '../report/record.ts';
import type { StepRecord } from '../report/results.ts';
import type { Scenario } from '../scenario.ts';

export function recordsOf(
  where: Pick<StepRecord, 'kernel' | 'release'>,
  scenario: Scenario,
  judgements: readonly Judgement[],
  { behaviours, console }: { readonly behaviours: Behaviours; readonly console: string | undefined },
): readonly StepRecord[] {
  const soundings = soundingsOf(scenario, judgements);
  return judgements.map((judgement) =>
    recordOf({ ...where, scenario: scenario.name }, judgement, {
      instead: alternativeTo(judgement, scenario, judgements, behaviours),
      sounding: soundings.get(judgement.step),
      console,
    }),
  );
}
