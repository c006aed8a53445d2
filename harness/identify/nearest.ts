/** The sets of behaviours that fit what was seen and are nearest to those that the version suggests. */
import type { Digest } from '../judge/judge.ts';
import type { Behaviours } from '../model/behaviour.ts';
import { tryOut, type Experiment, type Trials } from './experiment.ts';
import type { Facet, FacetValue } from './facet.ts';

export interface Candidate {
  readonly behaviours: Behaviours;
  readonly trials: Trials;
  /** The trials that do not fit. */
  readonly misfits: readonly string[];
}

/** So many candidates that are equally good are followed further; more would be of no use to anyone. */
const MOST = 8;

/** So many values at most are changed together for one step: `dax` has an option, two warnings and a prefix. */
const AT_ONCE = 3;

/**
 * The first step that does not fit is made to fit by as few changed values as can be, and of these by the ones that
 * leave the fewest misfits in all; then the next. Changes that come out alike are all kept: which of them it is, is not
 * known. A step that nothing betters stays as it is.
 */
export function nearest(
  suggested: Behaviours,
  facets: readonly Facet[],
  experiments: readonly Experiment[],
  digest: Digest,
): readonly [Candidate, ...Candidate[]] {
  const search = { facets, experiments, digest };
  let best: readonly [Candidate, ...Candidate[]] = [candidate(suggested, search)];
  for (;;) {
    const better = best.flatMap((each) => betterThan(each, search));
    const fewest = Math.min(...better.map(({ misfits }) => misfits.length));
    const [first, ...others] = unlike(
      better.filter(({ misfits }) => misfits.length === fewest),
      facets,
    );
    if (first === undefined) return best;
    best = [first, ...others.slice(0, MOST - 1)];
  }
}

/** The behaviours with every other value of a facet. */
export function othersOf(
  facet: Facet,
  behaviours: Behaviours,
): readonly { readonly value: FacetValue; readonly behaviours: Behaviours }[] {
  return facet.values
    .filter((value) => value !== facet.of(behaviours))
    .flatMap((value) => {
      const changed = facet.with(behaviours, value);
      return changed === undefined ? [] : [{ value, behaviours: changed }];
    });
}

interface Search {
  readonly facets: readonly Facet[];
  readonly experiments: readonly Experiment[];
  readonly digest: Digest;
}

/** With fewer misfits, by the fewest changes that mend the first step that can be mended. */
function betterThan(worse: Candidate, search: Search): readonly Candidate[] {
  for (const step of worse.misfits) {
    const better = mended(worse, step, search).filter(({ misfits }) => misfits.length < worse.misfits.length);
    const fewest = Math.min(...better.map(({ misfits }) => misfits.length));
    if (better.length > 0) return better.filter(({ misfits }) => misfits.length === fewest);
  }
  return [];
}

/** The candidates in which one step fits, by the fewest changes. */
function mended({ behaviours, trials }: Candidate, step: string, search: Search): readonly Candidate[] {
  const ofStep = search.experiments.filter(({ scenario }) => scenario.name === trials.get(step)!.scenario);
  let reached = [{ behaviours, signature: trials.get(step)!.signature }];
  for (let depth = 0; depth < AT_ONCE; depth++) {
    const fitting: Behaviours[] = [];
    // Only changes that bear on the step lead on.
    const further = new Map<string, (typeof reached)[number]>();
    for (const from of reached)
      for (const facet of search.facets)
        for (const { behaviours: changed } of othersOf(facet, from.behaviours)) {
          const trial = tryOut(changed, ofStep, search.digest).get(step)!;
          if (trial.fits) fitting.push(changed);
          else if (trial.signature !== from.signature)
            further.set(keyOf(changed, search.facets), { behaviours: changed, signature: trial.signature });
        }
    if (fitting.length > 0)
      return unlike(
        fitting.map((each) => candidate(each, search)),
        search.facets,
      );
    reached = [...further.values()];
  }
  return [];
}

function candidate(behaviours: Behaviours, { experiments, digest }: Search): Candidate {
  const trials = tryOut(behaviours, experiments, digest);
  return { behaviours, trials, misfits: [...trials].filter(([, { fits }]) => !fits).map(([step]) => step) };
}

/** Each set of values once, by whatever order of changes it was come to. */
function unlike(candidates: readonly Candidate[], facets: readonly Facet[]): readonly Candidate[] {
  return [...new Map(candidates.map((each) => [keyOf(each.behaviours, facets), each])).values()];
}

function keyOf(behaviours: Behaviours, facets: readonly Facet[]): string {
  return JSON.stringify(facets.map((facet) => facet.of(behaviours)));
}
