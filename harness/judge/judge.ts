/** Prediction + observation → verdict, and the sentence that explains it. Pure. */
import type { KernelMessage, RunOutcome, StepResult } from '../../vm/machine.ts';
import type { ExpectedMessage, Prediction } from '../model/prediction.ts';
import type { StepPrediction } from '../model/predict.ts';
import { isNoise } from '../observe/noise.ts';
import { observe, type Observation } from '../observe/observation.ts';
import { listingFault, noIdentities, type Identities } from './listing.ts';
import type { Verdict } from './verdict.ts';

export interface Judgement {
  readonly step: string;
  readonly prediction: Prediction;
  /** Undefined when the step gave no answer. */
  readonly observation: Observation | undefined;
  readonly verdict: Verdict;
}

/** Computes the SHA-256 of what a read must return; passed in, so that judging stays pure. */
export type Digest = (contents: NonNullable<Extract<Prediction, { kind: 'ok' }>['contents']>) => string;

/** Judges a whole run. Every predicted step gets a verdict, also those that never ran. */
export function judgeRun(
  predictions: readonly StepPrediction[],
  outcome: RunOutcome,
  digest: Digest,
): readonly Judgement[] {
  const visible = new Set(predictions.map(({ step }) => step));
  const observations = new Map<string, Observation>();
  let setUp: StepResult[] = [];
  const results = new Map(outcome.results.map((result) => [result.step, result]));
  for (const result of outcome.results) {
    if (visible.has(result.step)) {
      observations.set(result.step, observe(result, setUp));
      setUp = [];
    } else {
      setUp.push(result);
    }
  }
  if (outcome.kind === 'completed') addStrays(outcome.strays, predictions, observations);
  const at = 'step' in outcome ? outcome.step : undefined;
  const endsAt = at !== undefined && visible.has(at) && !observations.has(at) ? at : undefined;
  let ended: Ended | undefined;
  const identities = noIdentities();
  const judgements = predictions.map(({ step, prediction }) => {
    const observation = observations.get(step);
    if (observation !== undefined)
      return {
        step,
        prediction,
        observation,
        verdict: judgeStep(prediction, observation, { results, visible, identities }, digest),
      };
    if (ended !== undefined) return { step, prediction, observation, verdict: notRun(ended) };
    if (endsAt !== undefined && step !== endsAt) return { step, prediction, observation, verdict: answerLost(endsAt) };
    ended = { step, how: outcome.kind };
    return { step, prediction, observation, verdict: verdictOfEnd(outcome) };
  });
  if (ended !== undefined) return judgements;
  if (outcome.kind !== 'completed') return endingBadly(judgements, verdictOfEnd(outcome));
  return outcome.leftovers.length === 0 ? judgements : endingBadly(judgements, verdictOfLeak(outcome.leftovers));
}

/** What the kernel holds on to when the processes and mounts of the plan are gone, it has leaked. */
function verdictOfLeak(leftovers: readonly string[]): Verdict {
  const observed = leftovers.join(', ');
  return { kind: 'disagrees', expected: 'nothing left', observed, why: `this was left of the plan: ${observed}` };
}

/** Every step was answered, and the end was wrong: that is told of the last one, on top of its own verdict. */
function endingBadly(judgements: readonly Judgement[], end: Verdict): readonly Judgement[] {
  const last = judgements.at(-1);
  if (last === undefined) return judgements;
  const why = `after the last step, ${end.why}; the step itself ${last.verdict.kind}: ${last.verdict.why}`;
  return [...judgements.slice(0, -1), { ...last, verdict: { ...end, why } }];
}

/** What the kernel said after the last step belongs to it: a late warning is no less a warning. */
function addStrays(
  strays: readonly KernelMessage[],
  predictions: readonly StepPrediction[],
  observations: Map<string, Observation>,
): void {
  const last = predictions.findLast(
    ({ step }) => observations.has(step) && observations.get(step)?.kind !== 'skipped',
  )?.step;
  const observation = last === undefined ? undefined : observations.get(last);
  if (last !== undefined && observation !== undefined)
    observations.set(last, { ...observation, messages: [...observation.messages, ...strays] });
}

interface Ended {
  readonly step: string;
  readonly how: RunOutcome['kind'];
}

/** The verdict of the step in which the run ended. */
function verdictOfEnd(outcome: RunOutcome): Verdict {
  const during = 'step' in outcome && outcome.step !== undefined ? ` in "${outcome.step}"` : '';
  switch (outcome.kind) {
    case 'completed':
      return { kind: 'broken', why: 'the agent ended the plan without a result for this step' };
    case 'crashed':
      return {
        kind: 'crashed',
        title: outcome.title,
        consoleTail: outcome.consoleTail,
        why: `the kernel crashed${during}: ${outcome.title}`,
      };
    case 'hung':
      return {
        kind: 'hung',
        where: outcome.where,
        consoleTail: outcome.consoleTail,
        why: `no answer in time${during}: ${outcome.where}`,
      };
    case 'lost':
      return { kind: 'broken', why: `the machine was lost${during}: ${outcome.reason}` };
  }
  return outcome satisfies never;
}

/** It was done, and what came of it did not leave the guest in time. */
function answerLost(endsAt: string): Verdict {
  return { kind: 'unsupported', missing: 'its answer', why: `its answer was lost with the guest, in "${endsAt}"` };
}

function notRun({ step, how }: Ended): Verdict {
  const missing = {
    completed: `a result for "${step}"`,
    crashed: `a guest: it crashed in "${step}"`,
    hung: `a guest: it hung in "${step}"`,
    lost: `a guest: it was lost in "${step}"`,
  }[how];
  return { kind: 'unsupported', missing, why: `not run: there was no ${missing.replace(/^an? /, '')}` };
}

/** All results of the run, and which of them are steps of the scenario's own. */
interface Others {
  readonly identities: Identities;
  readonly results: ReadonlyMap<string, StepResult>;
  readonly visible: ReadonlySet<string>;
}

function judgeStep(prediction: Prediction, observation: Observation, others: Others, digest: Digest): Verdict {
  const blind = observation.messages.find(isAgentNote);
  if (blind !== undefined) return { kind: 'broken', why: `the kernel log is not whole: ${blind.text}` };
  const expected = describePrediction(prediction);
  const observed = describeObservation(observation);
  const disagrees = (why: string): Verdict => ({ kind: 'disagrees', expected, observed, why });
  if (observation.kind === 'skipped') {
    const verdict = judgeSkipped(prediction, observation.needed, others);
    // Its set-up was made all the same; what a refusal owes is not asked of a step that was not tried.
    const fault = unexpectedMessage(prediction.kind === 'unreachable' ? (prediction.messages ?? []) : [], observation);
    return verdict.kind === 'agrees' && fault !== undefined ? disagrees(fault) : verdict;
  }
  if (prediction.kind === 'unreachable')
    return disagrees(
      `it stands on "${prediction.because}", which this kernel was to refuse, and it was there to be tried`,
    );
  if (prediction.kind === 'refused' && observation.kind === 'ok')
    return disagrees(`rule ${prediction.rule} refuses it (${prediction.why}), and the kernel did it`);
  if (prediction.unknown !== undefined)
    return { kind: 'unsupported', missing: prediction.unknown, why: `the model does not know ${prediction.unknown}` };
  if (prediction.kind === 'ok' && prediction.listing !== undefined && observation.entries !== undefined) {
    const fault =
      listingFault(prediction.listing, observation.entries, digest, others.identities) ??
      unexpectedMessage(prediction.messages, observation);
    return fault === undefined ? { kind: 'agrees', why: prediction.why } : disagrees(fault);
  }
  if (prediction.kind === 'ok' && prediction.listing !== undefined && observation.kind === 'ok')
    return { kind: 'broken', why: 'the agent says that it listed the tree, and gives no entries' };
  if (prediction.kind === 'ok' && observation.kind === 'failed')
    return disagrees(
      `it was to succeed (${prediction.why}), and ${observation.call} gave ${observation.errno}${quoteLast(observation)}`,
    );
  if (prediction.kind === 'refused' && observation.kind === 'failed' && prediction.errno !== observation.errno)
    return disagrees(
      `rule ${prediction.rule} gives ${prediction.errno} (${prediction.why}), and ${observation.call} gave ${observation.errno}${quoteLast(observation)}`,
    );
  if (
    prediction.kind === 'ok' &&
    observation.kind === 'ok' &&
    observation.sha256 !== undefined &&
    !prediction.contents &&
    !prediction.undetermined
  )
    return { kind: 'unsupported', missing: 'contents to compare with', why: 'the model does not know what it holds' };
  if (prediction.kind === 'ok' && prediction.contents !== undefined && observation.kind === 'ok') {
    const sha256 = digest(prediction.contents);
    if (observation.sha256 !== sha256)
      return disagrees(
        `the contents are not those that went in (${prediction.why}): sha256 ${observation.sha256 ?? 'none'}, not ${sha256}`,
      );
  }
  if (
    prediction.kind === 'ok' &&
    observation.kind === 'ok' &&
    prediction.directIo !== undefined &&
    prediction.directIo !== observation.directIo
  )
    return disagrees(
      `rule L6: direct I/O is to be ${onOff(prediction.directIo)}, and the device has it ${onOff(observation.directIo)}`,
    );
  const fault = messageFault(prediction.messages, observation);
  return fault === undefined ? { kind: 'agrees', why: prediction.why } : disagrees(fault);
}

function onOff(flag: boolean | undefined): string {
  return flag === undefined ? 'unsaid' : flag ? 'on' : 'off';
}

/** A set-up may be skipped for another that failed: what counts is the first. */
function judgeSkipped(prediction: Prediction, needed: string, { results, visible }: Others): Verdict {
  let root = needed;
  for (let at = results.get(root); at !== undefined && !visible.has(root); at = results.get(root)) {
    if (at.skipped === undefined && !at.ok)
      return { kind: 'broken', why: `"${root}" failed: ${at.call ?? '?'} gave ${at.errno ?? '?'}${quoteLast(at)}` };
    if (at.skipped === undefined) break;
    root = at.skipped;
  }
  if (results.get(root)?.ok === true)
    return { kind: 'broken', why: `the agent skipped it for "${root}", which succeeded` };
  if (prediction.kind === 'unreachable') return { kind: 'agrees', why: prediction.why };
  return { kind: 'unsupported', missing: `"${root}"`, why: `not tried: "${root}" did not succeed` };
}

/** A message owed and absent, or one at warning level or above that nobody owes. */
function messageFault(expected: readonly ExpectedMessage[], observation: Observation): string | undefined {
  const { messages, context } = observation;
  for (const { rule, channel, pattern, presence } of expected) {
    const lines = channel === 'log' ? messages.map(({ text }) => text) : context;
    if (presence === 'required' && !lines.some((line) => pattern.test(line)))
      return `rule ${rule} owes ${channel === 'log' ? 'the kernel log' : "the mount context's log"} a message like ${String(pattern)}, and it is not there`;
  }
  return unexpectedMessage(expected, observation);
}

function unexpectedMessage(
  expected: readonly ExpectedMessage[],
  { messages, context }: Observation,
): string | undefined {
  const owed = (line: string, channel: ExpectedMessage['channel']) =>
    expected.some((message) => message.channel === channel && message.pattern.test(line));
  const unexpected = messages.find((message) => isAlarming(message) && !owed(message.text, 'log'));
  if (unexpected !== undefined)
    return `the kernel said what no rule predicts: "${unexpected.text}" (level ${unexpected.level})`;
  const inContext = context.find((line) => /^[ew] /.test(line) && !owed(line, 'context'));
  return inContext === undefined ? undefined : `the mount context said what no rule predicts: "${inContext}"`;
}

/** The agent itself says in the log that records are missing: nothing may be concluded from silence then. */
function isAgentNote({ facility, text }: KernelMessage): boolean {
  return facility === 1 && text.startsWith('fathom: ');
}

/** Warning level or above, from the kernel itself, and not the noise of a slow machine. */
function isAlarming({ level, facility, text }: KernelMessage): boolean {
  return level <= 4 && facility === 0 && !isNoise(text);
}

function quoteLast({
  messages,
  context,
}: {
  readonly messages: readonly KernelMessage[];
  readonly context?: readonly string[] | undefined;
}): string {
  const last =
    context?.findLast((line) => /^[ew] /.test(line)) ??
    messages.findLast(({ level, facility }) => level <= 4 && facility === 0)?.text;
  return last === undefined ? '' : `, saying "${last}"`;
}

/** `ok d2`, `EINVAL`, `-`: as short as a table cell. */
export function describePrediction(prediction: Prediction): string {
  switch (prediction.kind) {
    case 'ok':
      return prediction.depth === undefined ? 'ok' : `ok d${prediction.depth}`;
    case 'refused':
      return prediction.errno;
    case 'unreachable':
      return '-';
  }
  return prediction satisfies never;
}

export function describeObservation(observation: Observation | undefined): string {
  switch (observation?.kind) {
    case undefined:
      return 'no answer';
    case 'ok':
      return 'ok';
    case 'failed':
      return observation.errno;
    case 'skipped':
      return '-';
  }
  return observation satisfies never;
}
