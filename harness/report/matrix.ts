/** What came of a scenario on a kernel, in a cell. */
import type { Report, StepRecord } from './results.ts';

export interface Outcome {
  /** The gravest verdict among its steps; `known` where only known deviations are left. */
  readonly kind: StepRecord['verdict']['kind'] | 'known';
  /** `13 agree`, `2 disagree of 13`. */
  readonly words: string;
  readonly steps: readonly StepRecord[];
}

/** The gravest first. */
const GRAVITY = ['crashed', 'hung', 'disagrees', 'broken', 'unsupported'] as const;
const WORDS = {
  crashed: 'crashed',
  hung: 'hung',
  disagrees: 'disagree',
  broken: 'broken',
  unsupported: 'unsupported',
} as const;

/** Undefined where the scenario was not run on the kernel. */
export function outcomeOf({ results }: Report, spec: string, scenario: string): Outcome | undefined {
  const steps = results.filter((record) => record.kernel === spec && record.scenario === scenario);
  if (steps.length === 0) return undefined;
  const open = steps.filter(({ verdict, known }) => verdict.kind !== 'agrees' && known === undefined);
  const known = steps.filter((record) => record.known !== undefined).length;
  const told = GRAVITY.flatMap((kind) => {
    const count = open.filter(({ verdict }) => verdict.kind === kind).length;
    return count === 0 ? [] : [`${count} ${WORDS[kind]}`];
  });
  const words = [...told, ...(known === 0 ? [] : [`${known} known`])];
  const gravest = GRAVITY.find((kind) => open.some(({ verdict }) => verdict.kind === kind));
  return {
    kind: gravest ?? (known === 0 ? 'agrees' : 'known'),
    words: words.length === 0 ? `${steps.length} agree` : `${words.join(', ')} of ${steps.length}`,
    steps,
  };
}
