/**
 * A kernel's behaviours by experiment. For each facet the candidates are its values; a probe is a step of the battery of
 * which the model predicts something else with another value, all else equal; what the kernel did there selects the
 * values that fit. None left, or several, is said and never guessed.
 */
import { describeObservation, type Digest } from '../judge/judge.ts';
import type { Behaviours } from '../model/behaviour.ts';
import type { Profile } from '../model/profile.ts';
import { tryOut, type Experiment, type Trial, type Trials } from './experiment.ts';
import type { Facet, FacetValue } from './facet.ts';
import { FACETS } from './facets.ts';
import { nearest, othersOf, type Candidate } from './nearest.ts';

export interface Identification {
  /** What fits best; what was not told is as the version suggests. */
  readonly profile: Profile;
  readonly suggested: Profile;
  readonly findings: readonly Finding[];
  /** Steps in which the kernel does what no value of any behaviour makes of it. */
  readonly misfits: readonly Misfit[];
}

export interface Finding {
  readonly facet: string;
  /** `told`: one value fits. `open`: several do. `unfit`: none does. `kept`: the battery has no step for it. */
  readonly kind: 'told' | 'open' | 'unfit' | 'kept';
  /** In the profile found; of what is not told, the version's. */
  readonly value: FacetValue;
  /** Those that fit. */
  readonly values: readonly FacetValue[];
  readonly suggested: FacetValue;
  /** The steps that exclude the other values; of what is unfit, those that fit none. */
  readonly by: readonly Proof[];
  /** Why it is not told. */
  readonly why?: string;
}

export interface Proof {
  readonly scenario: string;
  readonly step: string;
  /** `ok`, an errno, `-`; with the message where that is what tells. */
  readonly observed: string;
  readonly excludes: readonly FacetValue[];
}

export interface Misfit {
  readonly scenario: string;
  readonly step: string;
  readonly observed: string;
  readonly why: string;
}

export function identify(suggested: Profile, experiments: readonly Experiment[], digest: Digest): Identification {
  const probed = FACETS.filter(({ kept }) => kept === undefined);
  const candidates = nearest(suggested.behaviours, probed, experiments, digest);
  const [best] = candidates;
  const findings = FACETS.map((facet) => findingOf(facet, suggested.behaviours, candidates, { experiments, digest }));
  const misfits = [...best.trials.values()]
    .filter(({ fits }) => !fits)
    .map(({ scenario, judgement }) => ({
      scenario,
      step: judgement.step,
      observed: describeObservation(judgement.observation),
      why: judgement.verdict.why,
    }));
  return { profile: profileOf(best.behaviours, suggested, findings, misfits), suggested, findings, misfits };
}

/** Told, and not what the version suggests. */
export function departures(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter(({ kind, value, suggested }) => kind === 'told' && value !== suggested);
}

interface Seen {
  readonly experiments: readonly Experiment[];
  readonly digest: Digest;
}

function findingOf(facet: Facet, suggested: Behaviours, candidates: readonly Candidate[], seen: Seen): Finding {
  const base = { facet: facet.name, value: facet.of(candidates[0]!.behaviours), suggested: facet.of(suggested) };
  if (facet.kept !== undefined) return { ...base, kind: 'kept', values: [], by: [], why: facet.kept };
  const all = candidates.map((candidate) => fittingOf(facet, candidate, seen));
  const values = facet.values.filter((value) => all.some(({ fitting }) => fitting.includes(value)));
  const probes = all.reduce((sum, one) => sum + one.probes, 0);
  const { excluded, unfit } = all[0]!;
  if (facet.values.length > 1 && candidates.every(({ behaviours }) => othersOf(facet, behaviours).length === 0))
    return { ...base, kind: 'told', values: [base.value], by: [], why: 'no other value goes with what else was told' };
  if (probes === 0)
    return {
      ...base,
      kind: 'open',
      values: facet.values,
      by: [],
      why: 'nothing that was tried depends on it on this kernel',
    };
  if (values.length === 1) return { ...base, kind: 'told', value: values[0]!, values, by: shortest(excluded) };
  if (values.length === 0)
    return { ...base, kind: 'unfit', values, by: unfit, why: 'the kernel does what none of its values makes of it' };
  return { ...base, kind: 'open', values, by: shortest(excluded), why: 'what was seen fits several values' };
}

/** What the probes of a facet say of its values, all else as in a candidate. */
function fittingOf(facet: Facet, { behaviours, trials }: Candidate, { experiments, digest }: Seen) {
  const own = facet.of(behaviours);
  const others = othersOf(facet, behaviours).map(({ value, behaviours: changed }) => ({
    value,
    trials: tryOut(changed, experiments, digest),
  }));
  const probes = [...trials.keys()].filter((key) =>
    others.some((other) => other.trials.get(key)?.signature !== trials.get(key)?.signature),
  );
  const misfitting = (of: Trials): readonly string[] => probes.filter((key) => of.get(key)?.fits !== true);
  const sides = [{ value: own, trials }, ...others].map((side) => ({ ...side, wrong: misfitting(side.trials) }));
  return {
    probes: probes.length,
    fitting: sides.filter(({ wrong }) => wrong.length === 0).map(({ value }) => value),
    excluded: sides
      .filter(({ value }) => value !== own)
      .flatMap(({ value, wrong, trials: theirs }) =>
        wrong.map((key) => ({ value, proof: proofOf(trials.get(key)!, theirs.get(key)) })),
      ),
    unfit: misfitting(trials).map((key) => proofOf(trials.get(key)!, undefined)),
  };
}

type ProofOfOne = Omit<Proof, 'excludes'>;

/** What was seen; with the message where the outcome alone would not tell `own` from `other`. */
function proofOf({ scenario, judgement }: Trial, other: Trial | undefined): Proof {
  const { step, prediction, observation } = judgement;
  const outcome = (of: typeof prediction): string => `${of.kind} ${of.kind === 'refused' ? of.errno : ''}`;
  const byMessage = other !== undefined && outcome(prediction) === outcome(other.judgement.prediction);
  // What both owe says nothing.
  const common = new Set((other?.judgement.prediction.messages ?? []).map(({ pattern }) => pattern.source));
  const owed = (prediction.messages ?? []).filter(({ pattern }) => !common.has(pattern.source));
  const lines = [...(observation?.messages ?? []).map(({ text }) => text), ...(observation?.context ?? [])];
  const line = lines.find((text) => owed.some(({ pattern }) => pattern.test(text)));
  const said = byMessage ? (line === undefined ? ', without a message' : `, "${line}"`) : '';
  return { scenario, step, observed: `${describeObservation(observation)}${said}`, excludes: [] };
}

/** As few steps as exclude every value that is excluded. */
function shortest(excluded: readonly { readonly value: FacetValue; readonly proof: ProofOfOne }[]): readonly Proof[] {
  const left = new Set(excluded.map(({ value }) => value));
  const proofs: Proof[] = [];
  while (left.size > 0) {
    const bySteps = new Map<string, { proof: ProofOfOne; excludes: Set<FacetValue> }>();
    for (const { value, proof } of excluded) {
      if (!left.has(value)) continue;
      const key = `${proof.scenario}: ${proof.step}`;
      const known = bySteps.get(key);
      if (known === undefined) bySteps.set(key, { proof, excludes: new Set([value]) });
      else known.excludes.add(value);
    }
    const [widest] = [...bySteps.values()].sort((a, b) => b.excludes.size - a.excludes.size);
    proofs.push({ ...widest!.proof, excludes: [...widest!.excludes] });
    for (const value of widest!.excludes) left.delete(value);
  }
  return proofs;
}

function profileOf(
  behaviours: Behaviours,
  suggested: Profile,
  findings: readonly Finding[],
  misfits: readonly Misfit[],
): Profile {
  const departing = departures(findings).map(({ facet, value, suggested: was }) => `${facet} ${value}, not ${was}`);
  const against = departing.length === 0 ? 'as' : `departs from what`;
  const version = suggested.origin.replace(/^by /, '');
  return {
    name: behaviours.erofsStacking,
    origin: [
      `found by experiment: ${against} ${version} suggests`,
      ...(departing.length === 0 ? [] : [departing.join('; ')]),
      ...(misfits.length === 0 ? [] : [`${misfits.length} steps fit no known behaviour`]),
    ].join('; '),
    behaviours,
  };
}
