/** The battery on a kernel under test, and what it says of the kernel's behaviours. */
import { BATTERY } from '../identify/battery.ts';
import { identify, type Identification } from '../identify/identify.ts';
import { judgeRun } from '../judge/judge.ts';
import { predict } from '../model/predict.ts';
import { profileOf } from '../model/profile.ts';
import { digest } from './digest.ts';
import { runInGuests, type Ended } from './in-guests.ts';
import type { Place } from './place.ts';

export interface Identified {
  /** Undefined where no experiment could be made. */
  readonly identification: Identification | undefined;
  /** The battery's scenarios, judged by what was found. */
  readonly battery: readonly Ended[];
}

/** Each scenario has a guest of its own, so that nothing of one bears on another. */
export async function identifyPlace(place: Place): Promise<Identified> {
  const suggested = profileOf(place.kernel);
  const all = new Map<string, Ended>();
  await runInGuests(BATTERY, false, {
    place,
    behaviours: suggested.behaviours,
    onEnded: (ended) => {
      all.set(ended.scenario.name, ended);
      return Promise.resolve();
    },
  });
  const battery = BATTERY.flatMap(({ name }) => all.get(name) ?? []);
  const experiments = battery.flatMap(({ scenario, traces }) =>
    traces === undefined ? [] : [{ scenario, outcome: traces.outcome }],
  );
  if (experiments.every(({ outcome }) => outcome.results.length === 0)) return { identification: undefined, battery };
  const identification = identify(suggested, experiments, digest);
  const judged = battery.map((ended) => ({
    ...ended,
    judgements:
      ended.traces === undefined
        ? ended.judgements
        : judgeRun(predict(ended.scenario, identification.profile.behaviours), ended.traces.outcome, digest),
  }));
  return { identification, battery: judged };
}
