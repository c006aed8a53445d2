/** What a rule is made of. Ids are those of the registry: each has its row there. */
import type { Behaviours } from '../behaviour.ts';
import type { ExpectedMessage } from '../prediction.ts';
import type { Exercised } from './exercised.ts';
import type { RuleId } from './registry.ts';

export type { RuleId } from './registry.ts';

/** The kernel says no: the errno, the message and the sentence for people. */
export interface Refusal {
  readonly rule: RuleId;
  readonly errno: string;
  readonly messages: readonly ExpectedMessage[];
  readonly why: string;
  /** What decides whether this or a later rule speaks, where nothing can know it. */
  readonly unknown?: string | undefined;
  /** What else it bears on, beside its own rule and those of its messages. */
  readonly exercised?: Exercised;
}

/** The kernel says yes; `messages` is what it says besides. */
export interface Acceptance {
  /** `s_stack_depth` of the new superblock. */
  readonly depth: number;
  readonly messages: readonly ExpectedMessage[];
  /** The rules that let it pass and those that it just does not break, beside those of its messages. */
  readonly exercised?: Exercised;
}

/** One check of the kernel, in the order of its code: a refusal, or undefined to go on. */
export type Check<Subject> = (subject: Subject, behaviours: Behaviours) => Refusal | undefined;

/** Runs checks in order; the first that speaks is the kernel's answer. */
export function firstRefusal<Subject>(
  checks: readonly Check<Subject>[],
  subject: Subject,
  behaviours: Behaviours,
): Refusal | undefined {
  for (const check of checks) {
    const refusal = check(subject, behaviours);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

export function isRefusal(answer: object): answer is Refusal {
  return 'errno' in answer;
}

type Presence = ExpectedMessage['presence'];

/** CH1: a message of the kernel log, whatever the mount API. */
export function logged(rule: RuleId, pattern: RegExp, presence: Presence = 'required'): ExpectedMessage {
  return { rule, channel: 'log', pattern, presence };
}

/**
 * CH2, CH3: errorfc, invalfc, warnf …: after fsopen(2) a line of the context's own log, which begins with `e` or `w`,
 * else one of the kernel log. fs/fs_context.c:logfc. `text` is the body of a regular expression, prefix included.
 */
export function fromContext(
  rule: RuleId,
  api: 'mount' | 'fsopen',
  text: string,
  severity: 'e' | 'w' = 'e',
): ExpectedMessage {
  return api === 'fsopen'
    ? { rule, channel: 'context', pattern: new RegExp(`^${severity} ${text}$`), presence: 'required' }
    : logged(rule, new RegExp(`^${text}$`));
}

/** Literal text for the body of a regular expression. */
export function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
