/** Steps → what each rule has come to on each kernel. */
import { isOfOverlays } from '../judge/rule-steps.ts';
import { isRuleId, RULE_IDS, RULES, type RuleId, type RuleRow } from '../model/rules/registry.ts';
import type { KernelRecord, StepRecord } from './results.ts';
import type { RuleCell, RuleRecord, Shown } from './rules-results.ts';

/** Scenario → rules that it bears on: its overlays that are mounted show that those of overlayfs do not speak there. */
export type Abouts = ReadonlyMap<string, ReadonlySet<string>>;

export function ruleTable(
  kernels: readonly KernelRecord[],
  results: readonly StepRecord[],
  abouts: Abouts,
): readonly RuleRecord[] {
  const steps = kernels.map(({ spec }) =>
    stepsByRule(
      results.filter(({ kernel }) => kernel === spec),
      abouts,
    ),
  );
  return RULE_IDS.map((id) => {
    const { condition, outcome, errno, message, channel, kernels: where, source, oneSided } = RULES[id];
    return {
      id,
      condition,
      outcome,
      ...(errno === undefined ? {} : { errno }),
      ...(message === undefined ? {} : { message }),
      channel,
      kernels: where,
      source: [...source],
      ...(oneSided === undefined ? {} : { oneSided }),
      cells: kernels.map((kernel, index) => cellOf(id, kernel, steps[index]!.get(id))),
    };
  });
}

interface Steps {
  readonly triggered: Shown[];
  readonly spared: Shown[];
  readonly disagreed: (Shown & { readonly why: string })[];
  /** It was to be told there, and there was no answer: something is missing, or fathom failed. */
  readonly unanswered: (Shown & { readonly why: string })[];
}

function stepsByRule(results: readonly StepRecord[], abouts: Abouts): ReadonlyMap<RuleId, Steps> {
  const found = new Map<RuleId, Steps>();
  const add = (rule: string, kind: keyof Steps, { scenario, step, verdict }: StepRecord): void => {
    if (!isRuleId(rule)) return;
    const steps = found.get(rule) ?? { triggered: [], spared: [], disagreed: [], unanswered: [] };
    found.set(rule, steps);
    const why = verdict.missing === undefined ? (verdict.why ?? verdict.kind) : `needs ${verdict.missing}`;
    steps[kind].push({ scenario, step, why });
  };
  for (const record of results) {
    const { predicted, observed, verdict } = record;
    const triggered = new Set([
      ...(predicted.exercised?.triggered ?? []),
      ...(predicted.rule === undefined ? [] : [predicted.rule]),
    ]);
    for (const { rule, pattern, presence } of predicted.messages)
      if (presence === 'possible' && observed.messages.some(({ text }) => new RegExp(pattern).test(text)))
        triggered.add(rule);
    const spared = new Set(predicted.exercised?.spared ?? []);
    if (predicted.rule !== undefined && spared.has(predicted.rule)) triggered.delete(predicted.rule);
    switch (verdict.kind) {
      case 'agrees':
        // A step that was not tried shows nothing.
        if (observed.skipped !== undefined) break;
        for (const rule of triggered) add(rule, 'triggered', record);
        if (observed.ok && triggered.has('D2'))
          for (const rule of abouts.get(record.scenario) ?? []) if (isOfOverlays(rule)) spared.add(rule);
        for (const rule of spared) if (!triggered.has(rule)) add(rule, 'spared', record);
        break;
      case 'disagrees':
      case 'crashed':
      case 'hung':
        for (const rule of new Set([...triggered, ...spared])) add(rule, 'disagreed', record);
        break;
      case 'unsupported':
      case 'broken':
        for (const rule of triggered) add(rule, 'unanswered', record);
        break;
    }
  }
  return found;
}

function cellOf(id: RuleId, kernel: KernelRecord, steps: Steps | undefined): RuleCell {
  const { triggered = [], spared = [], disagreed = [], unanswered = [] } = steps ?? {};
  const [speaking, just, bad, lost] = [triggered[0], spared[0], disagreed[0], unanswered[0]];
  const { status, why, open } = statusOf(RULES[id], kernel.absentRules?.[id], { speaking, just, bad, lost });
  return {
    kernel: kernel.spec,
    status,
    ...(why === undefined ? {} : { why }),
    ...(open === true ? { open } : {}),
    ...(speaking === undefined ? {} : { triggered: place(speaking) }),
    ...(just === undefined ? {} : { spared: place(just) }),
    ...(bad === undefined ? {} : { disagreed: place(bad) }),
    count: { triggered: triggered.length, spared: spared.length, disagreed: disagreed.length },
  };
}

function statusOf(
  { unobservable, untested }: RuleRow,
  absent: string | undefined,
  {
    speaking,
    just,
    bad,
    lost,
  }: Readonly<Record<'speaking' | 'just', Shown | undefined>> &
    Readonly<Record<'bad' | 'lost', Steps['disagreed'][number] | undefined>>,
): Pick<RuleCell, 'status' | 'why' | 'open'> {
  if (bad !== undefined) return { status: 'disagrees', why: bad.why };
  if (speaking !== undefined) return { status: 'agrees' };
  if (absent !== undefined) return { status: 'n/a', why: absent };
  if (unobservable !== undefined) return { status: 'unobservable', why: unobservable };
  // What was tried, and gave no answer, no reason for not trying excuses.
  if (lost !== undefined)
    return { status: 'untested', open: true, why: `${lost.why}: ${lost.scenario}: "${lost.step}"` };
  if (untested !== undefined) return { status: 'untested', why: untested };
  return just === undefined
    ? { status: 'untested', open: true }
    : {
        status: 'untested',
        open: true,
        why: `only steps in which it does not speak: ${just.scenario}: "${just.step}"`,
      };
}

function place({ scenario, step }: Shown): Shown {
  return { scenario, step };
}

/** 1 when a kernel disagrees, 125 when a rule that it has was not tried and nothing says why not, else 0. */
export function exitStatusOfRules(rules: readonly RuleRecord[]): 0 | 1 | 125 {
  const cells = rules.flatMap((rule) => rule.cells);
  if (cells.some(({ status }) => status === 'disagrees')) return 1;
  return cells.length === 0 || cells.some(({ open }) => open) ? 125 : 0;
}
