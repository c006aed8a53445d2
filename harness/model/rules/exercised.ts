/** Which rules a prediction bears on, so that a run can tell what it has shown of each. */
import type { ExpectedMessage } from '../prediction.ts';
import { RULES, type RuleId } from './registry.ts';

export interface Exercised {
  /** Rules that decide, refuse or speak. */
  readonly triggered: readonly RuleId[];
  /** Rules that just do not: one thing being otherwise, they would. */
  readonly spared: readonly RuleId[];
}

export const NOTHING: Exercised = { triggered: [], spared: [] };

export function together(...parts: readonly (Exercised | undefined)[]): Exercised {
  const triggered = new Set(parts.flatMap((part) => part?.triggered ?? []));
  const spared = new Set(parts.flatMap((part) => part?.spared ?? []).filter((rule) => !triggered.has(rule)));
  return { triggered: [...triggered], spared: [...spared] };
}

/** What a mount's answer is made of, as far as messages show rules: a refusal has a rule, and both say things. */
export interface Spoken {
  readonly rule?: RuleId;
  readonly messages: readonly ExpectedMessage[];
}

/** The rules of a refusal and of what is owed, and those of the channels by which it goes: CH1 to CH6. */
export function spokenRules(
  { rule, messages }: Spoken,
  by: { readonly kind: 'overlay' | 'erofs' | 'other'; readonly api: 'mount' | 'fsopen'; readonly onDevice: boolean },
): Exercised {
  const owed = messages.filter(({ presence }) => presence === 'required');
  const told: Exercised = {
    triggered: [...(rule === undefined ? [] : [rule]), ...owed.map((message) => message.rule)],
    spared: [],
  };
  return together(told, ...owed.map((message) => channelOf(message, by)));
}

function channelOf(
  { rule, channel }: ExpectedMessage,
  { kind, api, onDevice }: Parameters<typeof spokenRules>[1],
): Exercised {
  if (kind === 'other') return NOTHING;
  const row = RULES[rule];
  if (channel === 'context') {
    const prefix = isOfVfs(rule) ? 'CH3' : 'CH2';
    return {
      triggered: row.channel === 'path' ? [prefix, 'CH6'] : [prefix],
      spared: kind === 'overlay' ? ['CH1'] : [],
    };
  }
  switch (row.channel) {
    /** With mount(2) the context has no log of its own, and the same line goes to the kernel's. */
    case 'context':
      return { triggered: [], spared: [isOfVfs(rule) ? 'CH3' : 'CH2'] };
    case 'path':
      return { triggered: ['CH6'], spared: api === 'mount' ? ['CH2'] : [] };
    case 'log':
      if (kind === 'overlay') return { triggered: ['CH1'], spared: [] };
      return { triggered: onDevice ? ['CH4'] : ['CH4', 'CH5'], spared: onDevice ? ['CH5'] : [] };
    case 'none':
      return NOTHING;
  }
  return row.channel satisfies never;
}

/** Rules whose message is the VFS's own, which has no prefix. */
const OF_VFS: ReadonlySet<RuleId> = new Set<RuleId>(['E1', 'E2', 'E3', 'V1', 'V2']);

function isOfVfs(rule: RuleId): boolean {
  return OF_VFS.has(rule);
}
