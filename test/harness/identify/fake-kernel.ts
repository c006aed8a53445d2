/** A kernel made of the model: it does what some behaviours say, with messages that match what they owe. */
import fc from 'fast-check';
import type { Experiment } from '../../../harness/identify/experiment.ts';
import type { Behaviours } from '../../../harness/model/behaviour.ts';
import { predict } from '../../../harness/model/predict.ts';
import type { ExpectedMessage, Prediction } from '../../../harness/model/prediction.ts';
import { digest } from '../../../harness/run/digest.ts';
import type { Scenario } from '../../../harness/scenario.ts';
import type { StepResult } from '../../../vm/machine.ts';

/** What a kernel with these behaviours does with scenarios, one guest each. */
export function experimentsOn(behaviours: Behaviours, scenarios: readonly Scenario[]): readonly Experiment[] {
  return scenarios.map((scenario) => ({
    scenario,
    outcome: {
      kind: 'completed',
      results: resultsOf(scenario, behaviours),
      transcript: [],
      leftovers: [],
      strays: [],
    },
  }));
}

export function resultsOf(scenario: Scenario, behaviours: Behaviours): readonly StepResult[] {
  return predict(scenario, behaviours).map(({ step, prediction }) => resultOf(scenario.name, step, prediction));
}

function resultOf(plan: string, step: string, prediction: Prediction): StepResult {
  const owed = prediction.messages ?? [];
  const base = {
    v: 1,
    type: 'result',
    plan,
    step,
    durationUs: 1,
    context: owed.filter(({ channel }) => channel === 'context').map(sampleOf),
    messages: owed
      .filter(({ channel }) => channel === 'log')
      .map((message, sequence) => ({
        sequence,
        level: isNote(message) ? 6 : 3,
        facility: 0,
        timestampUs: 0,
        text: sampleOf(message),
      })),
  } as const;
  switch (prediction.kind) {
    case 'unreachable':
      return {
        ...base,
        messages: [...base.messages],
        context: [...base.context],
        ok: false,
        skipped: prediction.because,
      };
    case 'refused':
      return {
        ...base,
        messages: [...base.messages],
        context: [...base.context],
        ok: false,
        errno: prediction.errno,
        call: 'mount',
      };
    case 'ok': {
      const ok = { ...base, messages: [...base.messages], context: [...base.context], ok: true };
      return prediction.contents === undefined ? ok : { ...ok, sha256: digest(prediction.contents) };
    }
  }
  return prediction satisfies never;
}

/** erofs_info; all else that the battery meets is a warning or an error. */
function isNote({ pattern }: ExpectedMessage): boolean {
  return (
    pattern.test('erofs (device loop0): mounted with root inode @ nid 36.') ||
    pattern.test('erofs: (device loop0): mounted with root inode @ nid 36.') ||
    pattern.test('erofs (device loop0): DAX unsupported by block device. Turning off DAX.')
  );
}

const samples = new Map<string, string>();

function sampleOf({ pattern }: ExpectedMessage): string {
  const known = samples.get(pattern.source);
  if (known !== undefined) return known;
  const [sample] = fc.sample(fc.stringMatching(pattern), { numRuns: 1, seed: 1 }) as [string];
  samples.set(pattern.source, sample);
  return sample;
}
