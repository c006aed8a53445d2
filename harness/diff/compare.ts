/**
 * Two kernels, step by step: what each did is held against what the other did, and the model says why they differ.
 * What follows only from another difference, for it stands on a step that one of them refused, is told with that one.
 */
import type { RunOutcome } from '../../vm/machine.ts';
import { signatureOf } from '../identify/experiment.ts';
import type { Facet, FacetValue } from '../identify/facet.ts';
import { FACETS } from '../identify/facets.ts';
import type { Judgement } from '../judge/judge.ts';
import type { Behaviours } from '../model/behaviour.ts';
import { predict } from '../model/predict.ts';
import type { Scenario } from '../scenario.ts';
import { seenOf, type Seen } from './what-is-seen.ts';

/** A scenario as one kernel ran it. */
export interface Run {
  readonly judgements: readonly Judgement[];
  /** Undefined where no guest ran it. */
  readonly outcome: RunOutcome | undefined;
  /** The kernel has not the modules that it needs. */
  readonly lacking: boolean;
}

export interface Change {
  readonly what: 'outcome' | 'messages' | 'contents';
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export interface Difference {
  readonly scenario: string;
  readonly step: string;
  readonly changes: readonly Change[];
  /** The rule by which one of them refuses it, and its sentence; undefined where the model gives none. */
  readonly rule: string | undefined;
  readonly why: string | undefined;
  /** Behaviours in which the kernels differ, each of which alone makes the one's prediction the other's. */
  readonly behaviours: readonly BehaviourChange[];
  /** Where the model does not expect what a kernel did: why not. */
  readonly unexplained: readonly string[];
  /** Steps that differ only because they stand on this one. */
  readonly follows: readonly string[];
}

export interface BehaviourChange {
  readonly behaviour: string;
  readonly before: FacetValue;
  readonly after: FacetValue;
}

/** A step of which one kernel at least gave nothing to compare. */
export interface NotCompared {
  readonly scenario: string;
  readonly step: string;
  readonly why: string;
  /** Neither kernel has what it needs: of them it is said, and nothing is left open. */
  readonly onNeither: boolean;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  readonly notCompared: readonly NotCompared[];
  /** Steps that were compared. */
  readonly steps: number;
}

export type Pair<T> = readonly [before: T, after: T];

/** The facets in which two sets of behaviours differ. */
export function changedBehaviours([before, after]: Pair<Behaviours>): readonly (BehaviourChange & {
  readonly facet: Facet;
})[] {
  return FACETS.filter((facet) => facet.of(before) !== facet.of(after)).map((facet) => ({
    facet,
    behaviour: facet.name,
    before: facet.of(before),
    after: facet.of(after),
  }));
}

export function compare(scenario: Scenario, runs: Pair<Run>, behaviours: Pair<Behaviours>): Comparison {
  const differences: Difference[] = [];
  const notCompared: NotCompared[] = [];
  const follows = new Map<string, string[]>();
  /** Steps in which the one kernel died or hung and the other did not: what comes after was not run. */
  let ended: string | undefined;
  let steps = 0;
  for (const { name: step } of scenario.steps) {
    const judgements = runs.map((run) => run.judgements.find((judgement) => judgement.step === step)!);
    const [before, after] = judgements as unknown as Pair<Judgement>;
    const sides = [before, after].map(sideOf) as unknown as Pair<Side>;
    if (ended !== undefined && sides.some(({ kind }) => kind === 'nothing')) {
      follows.get(ended)!.push(step);
      continue;
    }
    const nothing = [before, after].find((_, index) => sides[index]!.kind === 'nothing');
    if (nothing !== undefined) {
      const onNeither = runs.every(({ lacking }) => lacking);
      notCompared.push({ scenario: scenario.name, step, why: nothing.verdict.why, onNeither });
      continue;
    }
    steps++;
    const changes = changesOf(sides as Pair<Answer>);
    if (changes.length === 0) continue;
    const roots = [before, after].map((judgement, index) => rootOf(judgement, runs[index]!));
    const root = roots.find((name) => name !== undefined && follows.has(name));
    if (root !== undefined) {
      follows.get(root)!.push(step);
      continue;
    }
    follows.set(step, []);
    if (sides.some(({ kind }) => kind === 'ended')) ended = step;
    differences.push({
      scenario: scenario.name,
      step,
      changes,
      ...reasonOf(before, after),
      behaviours: causesOf(scenario, step, behaviours),
      unexplained: [before, after].flatMap(({ verdict }) => (verdict.kind === 'disagrees' ? [verdict.why] : [])),
      follows: follows.get(step)!,
    });
  }
  return { differences, notCompared, steps };
}

type Answer = Seen & { readonly kind: 'answer' | 'ended' };
type Side = Answer | { readonly kind: 'nothing' };

/** What a kernel did; its death is an answer too. */
function sideOf({ observation, verdict }: Judgement): Side {
  if (verdict.kind === 'crashed' || verdict.kind === 'hung')
    return {
      kind: 'ended',
      outcome: verdict.kind === 'crashed' ? `crashed: ${verdict.title}` : 'hung',
      messages: [],
      contents: '',
    };
  return observation === undefined ? { kind: 'nothing' } : { kind: 'answer', ...seenOf(observation) };
}

function changesOf([before, after]: Pair<Answer>): readonly Change[] {
  const changes: Change[] = [];
  if (before.outcome !== after.outcome)
    changes.push({ what: 'outcome', before: [before.outcome], after: [after.outcome] });
  // What a step says that was not tried is its set-up's.
  const tried = before.outcome !== '-' && after.outcome !== '-';
  if (tried && before.messages.join('\n') !== after.messages.join('\n'))
    changes.push({
      what: 'messages',
      before: without(before.messages, after.messages),
      after: without(after.messages, before.messages),
    });
  if (before.outcome === 'ok' && after.outcome === 'ok' && before.contents !== after.contents)
    changes.push({ what: 'contents', before: [before.contents], after: [after.contents] });
  return changes;
}

/** What the one has more of; of the same lines in another order, all. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  const more = lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return more.length === 0 && left.length === 0 ? lines : more;
}

/** The step for which one was skipped, through what stands between them. */
function rootOf({ observation }: Judgement, { outcome, judgements }: Run): string | undefined {
  if (observation?.kind !== 'skipped') return undefined;
  const results = new Map(outcome?.results.map((result) => [result.step, result]));
  let root = observation.needed;
  for (let next = results.get(root)?.skipped; next !== undefined; next = results.get(root)?.skipped) root = next;
  return judgements.some(({ step }) => step === root) ? root : undefined;
}

/** The rule that the model gives for the refusal of either. */
function reasonOf(before: Judgement, after: Judgement): Pick<Difference, 'rule' | 'why'> {
  for (const [{ prediction, verdict }, other, prefix] of [
    [after, before, ''],
    [before, after, 'no longer: '],
  ] as const)
    if (prediction.kind === 'refused' && verdict.kind === 'agrees' && !sameRefusal(prediction, other.prediction))
      return { rule: prediction.rule, why: `${prefix}${prediction.why}` };
  return { rule: undefined, why: undefined };
}

function sameRefusal(one: Judgement['prediction'], other: Judgement['prediction']): boolean {
  return one.kind === 'refused' && other.kind === 'refused' && one.rule === other.rule && one.errno === other.errno;
}

function causesOf(scenario: Scenario, step: string, behaviours: Pair<Behaviours>): readonly BehaviourChange[] {
  const [before, after] = behaviours;
  const at = (of: Behaviours): string =>
    signatureOf(predict(scenario, of).find((prediction) => prediction.step === step)!.prediction);
  const wanted = at(after);
  if (at(before) === wanted) return [];
  return changedBehaviours(behaviours)
    .filter(({ facet, after: value }) => {
      const changed = facet.with(before, value);
      return changed !== undefined && at(changed) === wanted;
    })
    .map(({ behaviour, before: was, after: is }) => ({ behaviour, before: was, after: is }));
}
