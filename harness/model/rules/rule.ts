/** What a rule is made of. Ids are those of the table of rules in docs/model.md. */
import type { Behaviours } from '../behaviour.ts';
import type { ExpectedMessage } from '../prediction.ts';

export type RuleId = `${'CH' | 'D' | 'E' | 'O' | 'L' | 'W'}${number}`;

/** The kernel says no: the errno, the message and the sentence for people. */
export interface Refusal {
  readonly rule: RuleId;
  readonly errno: string;
  readonly messages: readonly ExpectedMessage[];
  readonly why: string;
}

/** One check of the kernel, in the order of its code: a refusal, or undefined to go on. */
export type Check<Subject> = (subject: Subject, behaviours: Behaviours) => Refusal | undefined;

/** Runs checks in order; the first that speaks is the kernel's answer. */
export function firstRefusal<Subject>(checks: readonly Check<Subject>[], subject: Subject, behaviours: Behaviours): Refusal | undefined {
  for (const check of checks) {
    const refusal = check(subject, behaviours);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** A message of the kernel log. */
export function logged(rule: RuleId, pattern: RegExp, presence: ExpectedMessage['presence'] = 'required'): ExpectedMessage {
  return { rule, channel: 'log', pattern, presence };
}
