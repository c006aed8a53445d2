/** Recorded evidence judged again, by the model as it is now and without a kernel. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { UnsupportedError, UsageError } from '../../vm/machine.ts';
import { judgeRun } from '../judge/judge.ts';
import type { Behaviours } from '../model/behaviour.ts';
import { predict } from '../model/predict.ts';
import { profileOf, withStacking, type Profile, type ProfileName } from '../model/profile.ts';
import { absentRules } from '../model/rules/registry.ts';
import type { KernelRecord, StepRecord } from '../report/results.ts';
import { BUNDLE_FILE, type Bundle } from './bundle.ts';
import { digest } from './digest.ts';
import { recordsOf } from './records.ts';

export interface Replayed {
  readonly kernel: KernelRecord;
  readonly records: readonly StepRecord[];
  readonly differences: readonly Difference[];
  /** By which it was judged. */
  readonly behaviours: Behaviours;
}

/** A step of which something else is said than when it was recorded. */
export interface Difference {
  readonly recorded: StepRecord;
  readonly now: StepRecord;
}

/** Judges a bundle. `recorded` takes every behaviour as it was; by itself the version is asked again. */
export function replay(bundle: Bundle, wanted: ProfileName | 'recorded' | undefined): Replayed {
  const profile = profileFor(bundle, wanted);
  const { kernel, scenario, outcome, console, recorded } = bundle;
  const judgements = judgeRun(predict(scenario, profile.behaviours), outcome, digest);
  const { behaviours } = profile;
  const where = { kernel: kernel.spec, release: kernel.release };
  const records = recordsOf(where, scenario, judgements, { behaviours, console });
  return {
    kernel: {
      spec: kernel.spec,
      release: kernel.release,
      origin: kernel.origin,
      profile: profile.name,
      profileOrigin: profile.origin,
      replaced: kernel.replaced,
      ...(kernel.accelerator === undefined ? {} : { accelerator: kernel.accelerator }),
      notes: [],
      absentRules: absentRules(behaviours),
    },
    records,
    differences: differencesOf(recorded, records),
    behaviours,
  };
}

function profileFor({ facts, profile }: Bundle, wanted: ProfileName | 'recorded' | undefined): Profile {
  if (wanted === 'recorded') return { ...profile, origin: `${profile.origin}, as recorded` };
  const suggested = profileOf(facts);
  if (wanted !== undefined) return withStacking(suggested, wanted);
  switch (profile.by) {
    case 'version':
      return suggested;
    case 'name':
      return withStacking(suggested, profile.name);
    case 'experiment':
      // What the experiment did not ask for, since the model did not know of it then, the version tells.
      return { ...profile, behaviours: { ...suggested.behaviours, ...profile.behaviours } };
  }
  return profile.by satisfies never;
}

/** Steps are the same as they were, since the scenario is the recorded one. */
function differencesOf(recorded: readonly StepRecord[], records: readonly StepRecord[]): readonly Difference[] {
  const before = new Map(recorded.map((record) => [record.step, record]));
  return records.flatMap((now) => {
    const then = before.get(now.step);
    return then === undefined || essence(then) === essence(now) ? [] : [{ recorded: then, now }];
  });
}

/** What makes a verdict another one: its kind and its reason, and what was expected. Words that explain are not. */
function essence({ verdict, predicted: { ok, errno, depth, rule, unreachable } }: StepRecord): string {
  const { kind, expected, observed, title, where } = verdict;
  return JSON.stringify([kind, expected, observed, title, where, ok, errno, depth, rule, unreachable]);
}

/**
 * The directories of the bundles that are meant: each itself, or all in and below it. Throws UsageError where there is
 * none, and UnsupportedError where evidence lies that has no bundle: it cannot be passed over in silence.
 */
export async function findBundles(places: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(places.map(bundlesIn));
  return [...new Set(found.flat())];
}

async function bundlesIn(place: string): Promise<readonly string[]> {
  let files: readonly string[];
  try {
    files = await readdir(place, { recursive: true });
  } catch (cause) {
    throw new UsageError(`${place} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  const withFile = (name: string) =>
    files.filter((file) => path.basename(file) === name).map((file) => path.join(place, path.dirname(file)));
  const bundles = withFile(BUNDLE_FILE).sort();
  const without = withFile('results.json').find((directory) => !bundles.includes(directory));
  if (without !== undefined)
    throw new UnsupportedError(`${BUNDLE_FILE} in ${without}`, {
      message: `${without} has verdicts and no bundle: no guest ran it, or a fathom without bundles recorded it`,
      remedy: 'name the bundles that are to be judged, or run it again',
    });
  if (bundles.length === 0) throw new UsageError(`there is no bundle in ${place}: ${BUNDLE_FILE} is not there`);
  return bundles;
}
