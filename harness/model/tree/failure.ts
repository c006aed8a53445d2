/** What a call on a tree that the kernel refuses comes to. */
import type { ExpectedMessage } from '../prediction.ts';
import { logged, type RuleId } from '../rules/rule.ts';

export interface Failure {
  readonly kind: 'failure';
  readonly errno: string;
  readonly rule: RuleId;
  readonly why: string;
  readonly messages: readonly ExpectedMessage[];
}

export function fail(rule: RuleId, errno: string, why: string, messages: readonly ExpectedMessage[] = []): Failure {
  return { kind: 'failure', errno, rule, why, messages };
}

/** With a warning of overlayfs that is rate-limited, so it may be absent. */
export function failWarning(rule: RuleId, errno: string, why: string, warning: RegExp): Failure {
  return fail(rule, errno, why, [logged(rule, warning, 'possible')]);
}

export function isFailure(answer: object | undefined): answer is Failure {
  return answer !== undefined && 'kind' in answer && answer.kind === 'failure';
}
