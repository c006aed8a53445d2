/** What all scenarios on one kernel cost, its template being there. */
import { report } from '../harness/report/results.ts';
import { groupsOf } from '../harness/run/groups.ts';
import { loadScenarios } from '../harness/run/load-scenarios.ts';
import type { Kernel } from '../vm/machine.ts';
import { bareBoot } from './bare-boot.ts';
import { outputOf } from './commands.ts';
import { median, ratio, type Measured } from './measurement.ts';

export const SCENARIOS = ['scenarios'] as const;

/** Twice, of which the second counts: after it no image, disk or template is missing. */
export async function measureScenarios(kernel: Kernel, rounds: number, signal: AbortSignal): Promise<Measured> {
  const [group] = groupsOf(await loadScenarios(['fedora-coreos-2087']), false);
  await using bare = await bareBoot(kernel, group!.shape, { stackTracer: false }, signal);
  const boots: number[] = [];
  for (let round = 0; round < rounds; round++) boots.push(await bare.run(signal));
  process.stderr.write('scenarios: all of them, twice\n');
  const run = async () =>
    report.parse(JSON.parse(await outputOf('run', '--share', '--kernel', kernel.spec, '--reporter', 'json')));
  await run();
  const { durationMs, results } = await run();
  const scenarios = new Set(results.map(({ scenario }) => scenario)).size;
  return {
    times: { 'bare, all scenarios': boots, scenarios: [durationMs] },
    measurements: [
      ratio(
        'scenarios',
        `all ${scenarios} scenarios, ${results.length} steps, on one kernel, against a bare boot`,
        { value: durationMs, base: median(boots), unit: 'ms' },
        { kind: 'at most', ratio: 12 },
      ),
    ],
  };
}
