/** What a run has found so far, kept while its progress is shown. */
import type { Progress } from '../report/progress.ts';
import type { KernelRecord, StepRecord } from '../report/results.ts';
import type { RunObserver } from '../run/run.ts';

export interface CollectedRun {
  /** In the order in which scenarios end. */
  readonly results: StepRecord[];
  /** By kernel spec. */
  readonly records: Map<string, KernelRecord>;
  readonly observer: RunObserver;
}

export function collectRun(progress: Progress): CollectedRun {
  const results: StepRecord[] = [];
  const records = new Map<string, KernelRecord>();
  const agrees = (spec: string): boolean =>
    results.every(({ kernel, verdict }) => kernel !== spec || verdict.kind === 'agrees');
  return {
    results,
    records,
    observer: {
      onPhase: (kernel, text) => progress.phase(kernel, text),
      onKernel: (kernel, ended) => {
        records.set(kernel.spec, kernel);
        if (ended) progress.done(kernel.spec, agrees(kernel.spec));
      },
      onScenario: (kernel, scenario, steps) => {
        results.push(...steps);
        progress.scenario(kernel, scenario, steps);
      },
    },
  };
}
