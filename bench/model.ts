/** How many mounts a second the model predicts on one core: those of all scenarios, for a kernel of each era. */
import { ERAS } from '../harness/judge/rule-steps.ts';
import { predict } from '../harness/model/predict.ts';
import { profileOf } from '../harness/model/profile.ts';
import { loadScenarios } from '../harness/run/load-scenarios.ts';
import type { Scenario } from '../harness/scenario.ts';
import { median, ratio, type Measured } from './measurement.ts';

export const MODEL = ['model'] as const;

const PER_SECOND = 50_000;
/** Of all scenarios together on all eras, a round. */
const TURNS = 20;

/** In seconds of processor time, all threads together: a garbage collector that uses another core is no gain. */
export async function measureModel(rounds: number): Promise<Measured> {
  const scenarios = (await loadScenarios([])).map(onlyMounts);
  const kernels = ERAS.map((version) => profileOf({ version }).behaviours);
  const turns = (): number => {
    const begun = process.cpuUsage();
    let mounts = 0;
    for (let turn = 0; turn < TURNS; turn++)
      for (const behaviours of kernels)
        for (const scenario of scenarios) mounts += predict(scenario, behaviours).length;
    const { user, system } = process.cpuUsage(begun);
    return mounts / ((user + system) / 1e6);
  };
  turns();
  const rates = Array.from({ length: rounds }, turns);
  return {
    times: { model: rates.map((rate) => 1000 / rate) },
    measurements: [
      ratio(
        'model',
        'mounts predicted on one core, against what is asked',
        { value: median(rates), base: PER_SECOND, unit: 'mounts/s' },
        { kind: 'at least', ratio: 1 },
      ),
    ],
  };
}

/** Reads and writes of the tree are another model's. */
function onlyMounts(scenario: Scenario): Scenario {
  return { ...scenario, steps: scenario.steps.filter(({ kind }) => kind === 'mount') };
}
