/** A judgement as a record of the report. */
import type { Judgement } from '../judge/judge.ts';
import type { Verdict } from '../judge/verdict.ts';
import type { Prediction } from '../model/prediction.ts';
import type { Observation } from '../observe/observation.ts';
import { parseReports, type ChainLink } from '../observe/oops/report.ts';
import type { Sounding } from '../judge/sounding.ts';
import type { StepRecord } from './results.ts';

/** What is known of a step beside its judgement. */
export interface Beside {
  readonly instead?: string | undefined;
  readonly sounding?: Sounding | undefined;
  /** All that the console said. */
  readonly console?: string | undefined;
}

export function recordOf(
  where: Pick<StepRecord, 'kernel' | 'release' | 'scenario'>,
  judgement: Judgement,
  { instead, sounding, console }: Beside = {},
): StepRecord {
  const { verdict } = judgement;
  const oops = verdict.kind === 'crashed' ? oopsOf(console ?? verdict.consoleTail, verdict.title) : undefined;
  return {
    ...where,
    step: judgement.step,
    predicted: predictedOf(judgement.prediction),
    observed: observedOf(judgement.observation),
    verdict: withoutUndefined(judgement.verdict),
    ...(instead === undefined ? {} : { instead }),
    ...(sounding === undefined ? {} : { stack: { ...sounding } }),
    ...(oops === undefined ? {} : { oops }),
  };
}

/** The report that holds the line by which the death was told, and not a warning before it. */
function oopsOf(console: string, death: string): StepRecord['oops'] {
  const reports = parseReports(console);
  const at = console.split('\n').findIndex((line) => line.includes(death)) + 1;
  const report = reports.find(({ lines }) => lines.from <= at && at <= lines.to) ?? reports[0];
  if (report === undefined) return undefined;
  const { title, task, stackRange, chain } = report;
  return {
    title,
    ...(task === undefined ? {} : { task: `${task.comm} (pid ${task.pid})` }),
    ...(stackRange === undefined ? {} : { stackRange: `${stackRange.from}..${stackRange.to}` }),
    chain: chain.flatMap((link) => chainLines(link, '')),
  };
}

function chainLines(link: ChainLink, margin: string): readonly string[] {
  if (link.kind === 'call') return [`${margin}${link.function}`];
  return [`${margin}${link.times} times:`, ...link.unit.flatMap((inner) => chainLines(inner, `${margin}  `))];
}

/** The record of a step of which nothing could be predicted, let alone seen. */
export function noPrediction(
  where: Pick<StepRecord, 'kernel' | 'release' | 'scenario' | 'step'>,
  verdict: Verdict,
): StepRecord {
  return {
    ...where,
    predicted: { ok: false, messages: [], why: 'nothing is predicted of a kernel that is not there' },
    observed: observedOf(undefined),
    verdict: withoutUndefined(verdict),
  };
}

function predictedOf(prediction: Prediction): StepRecord['predicted'] {
  const messages = (prediction.messages ?? []).map(({ pattern, ...message }) => ({
    ...message,
    pattern: pattern.source,
  }));
  if (prediction.kind === 'unreachable')
    return { ok: false, messages, why: prediction.why, unreachable: prediction.because };
  const exercised =
    prediction.exercised === undefined
      ? undefined
      : { triggered: [...prediction.exercised.triggered], spared: [...prediction.exercised.spared] };
  return prediction.kind === 'ok'
    ? withoutUndefined({ ok: true, depth: prediction.depth, messages, exercised, why: prediction.why })
    : withoutUndefined({
        ok: false,
        errno: prediction.errno,
        messages,
        rule: prediction.rule,
        exercised,
        why: prediction.why,
      });
}

function observedOf(observation: Observation | undefined): StepRecord['observed'] {
  if (observation === undefined) return { ok: false, messages: [], unanswered: true };
  const messages = [
    ...observation.messages.map(({ level, text }) => ({ level, text })),
    ...observation.context.map((text) => ({ text })),
  ];
  switch (observation.kind) {
    case 'ok':
      return { ok: true, messages };
    case 'failed':
      return { ok: false, errno: observation.errno, call: observation.call, messages };
    case 'skipped':
      return { ok: false, skipped: observation.needed, messages };
  }
  return observation satisfies never;
}

/** JSON knows no undefined; neither do the types of the report. */
function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
