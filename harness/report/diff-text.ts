/** What `fathom diff` found, for people: what differs and why, what follows from it, and what it costs on the stack. */
import type { DifferenceRecord, KernelDiffReport, StackCostRecord } from './diff-results.ts';
import type { Style } from './reporter.ts';
import { wrap } from './wrap.ts';

export function diffText(report: KernelDiffReport, style: Style): string {
  const { before, after, behaviours, differences, stack, notCompared } = report;
  const name = ({ spec, replaced }: KernelDiffReport['before']): string => [spec, ...replaced].join(' with ');
  const lines = [
    style.bold(`${name(before)} (${before.release}) -> ${name(after)} (${after.release})`),
    '',
    ...(behaviours.length === 0
      ? []
      : [style.bold('behaviours'), ...behaviours.map((one) => `  ${changeText(one)}`), '']),
    ...steps(differences, style),
    ...(stack.length === 0 ? [] : [...stackLines(stack, style), '']),
    ...leftOut(notCompared, style),
    ...notes(report),
    ending(report, style),
  ];
  return `${lines.flatMap((line) => wrap(line, style.columns)).join('\n')}\n`;
}

/** By scenario; messages that changed in the same way are told once, after the outcomes. */
function steps(all: readonly DifferenceRecord[], style: Style): readonly string[] {
  const wordsOnly = all.filter(isWordsOnly);
  const others = all.filter((one) => !isWordsOnly(one));
  const scenarios = [...new Set(others.map(({ scenario }) => scenario))];
  return [
    ...scenarios.flatMap((scenario) => [
      style.bold(scenario),
      ...others.filter((one) => one.scenario === scenario).flatMap((one) => stepLines(one, style)),
      '',
    ]),
    ...words(wordsOnly, style),
  ];
}

function isWordsOnly({ changes, follows, unexplained }: DifferenceRecord): boolean {
  return changes.every(({ what }) => what === 'messages') && follows.length === 0 && unexplained.length === 0;
}

function stepLines(one: DifferenceRecord, style: Style): readonly string[] {
  const { step, changes, follows, unexplained } = one;
  const outcome = changes.find(({ what }) => what === 'outcome');
  const head =
    outcome === undefined
      ? changes.map(({ what }) => `${what} changed`).join(', ')
      : `${outcome.before.join()} -> ${outcome.after.join()}`;
  return [
    `  ${step}: ${style.bad(head)}${reason(one)}`,
    ...changes.flatMap(({ what, before, after }) =>
      what === 'messages'
        ? sides(before, after)
        : what === 'contents'
          ? sides(before.map(inShort), after.map(inShort))
          : [],
    ),
    ...unexplained.map((why) => style.odd(`      the model does not expect it: ${why}`)),
    ...(follows.length === 0 ? [] : [style.dim(`      so also: ${follows.join('; ')}`)]),
  ];
}

/** ` (D3: depth 3 > 2: …; erofsStacking unchecked -> counted)` */
function reason({ rule, why, behaviours }: DifferenceRecord): string {
  const parts = [...(rule === undefined ? [] : [`${rule}: ${why ?? ''}`]), ...behaviours.map(changeText)];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

function words(all: readonly DifferenceRecord[], style: Style): readonly string[] {
  const groups = new Map<string, DifferenceRecord[]>();
  for (const one of all) {
    const key = JSON.stringify([one.changes, one.behaviours]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  if (groups.size === 0) return [];
  return [
    style.bold('the same outcome in other words'),
    ...[...groups.values()].flatMap((group) => {
      const [{ scenario, step, changes, ...rest }] = group as [DifferenceRecord];
      const more = group.length === 1 ? '' : ` and ${group.length - 1} more`;
      return [
        `  ${scenario}: ${step}${more}${reason({ scenario, step, changes, ...rest })}`,
        ...changes.flatMap(({ before, after }) => sides(before, after)),
      ];
    }),
    '',
  ];
}

function sides(before: readonly string[], after: readonly string[]): readonly string[] {
  return [...before.map((line) => `      - ${line}`), ...after.map((line) => `      + ${line}`)];
}

function inShort(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200)}... (the JSON has all)`;
}

function stackLines(all: readonly StackCostRecord[], style: Style): readonly string[] {
  return [
    style.bold('stack cost of the path, bytes'),
    ...all.flatMap(({ topology, operation, before, after, differs, frames, why }) => {
      const what = `  ${topology}, ${operation}: `;
      if (before === undefined || after === undefined) return [`${what}${style.odd(`not compared: ${why ?? ''}`)}`];
      if (!differs)
        return [
          `${what}${spread(before)}, ${same(before, after) ? 'the same' : `then ${spread(after)}: within the spread`}`,
        ];
      return [
        `${what}${style.bad(`${spread(before)} -> ${spread(after)} (${signed(after.median - before.median)})`)}`,
        ...frames
          .slice(0, MOST_FRAMES)
          .map(
            (frame) =>
              `      ${frame.function} ${frame.before} -> ${frame.after} (${signed(frame.after - frame.before)})`,
          ),
        ...(frames.length > MOST_FRAMES ? [`      and ${frames.length - MOST_FRAMES} more functions`] : []),
      ];
    }),
  ];
}

const MOST_FRAMES = 6;

type Cost = NonNullable<StackCostRecord['before']>;

function spread({ min, median, max }: Cost): string {
  return min === max ? String(median) : `${median} (${min} to ${max})`;
}

function same(one: Cost, other: Cost): boolean {
  return one.min === other.min && one.max === other.max;
}

function signed(bytes: number): string {
  return bytes > 0 ? `+${bytes}` : String(bytes);
}

function leftOut(all: KernelDiffReport['notCompared'], style: Style): readonly string[] {
  const reasons = new Map<string, number>();
  for (const { why, onNeither } of all) {
    const text = onNeither ? `for neither kernel has what they need: ${why}` : why;
    reasons.set(text, (reasons.get(text) ?? 0) + 1);
  }
  return [...reasons].map(([why, count]) =>
    style.odd(`${count === 1 ? '1 step was' : `${count} steps were`} not compared, ${why}`),
  );
}

function notes({ before, after }: KernelDiffReport): readonly string[] {
  return [before, after].flatMap(({ spec, notes: all }) => all.map((note) => `${spec}: ${note}`));
}

function ending({ differences, stack, steps: compared, notCompared }: KernelDiffReport, style: Style): string {
  const follows = differences.reduce((sum, one) => sum + one.follows.length, 0);
  const costs = stack.filter(({ differs }) => differs).length;
  const of = `of ${compared} steps`;
  if (differences.length === 0 && costs === 0)
    return notCompared.some(({ onNeither }) => !onNeither) ||
      stack.some(({ why, refused }) => why !== undefined && !refused)
      ? style.odd(`nothing was seen to differ, ${of}; not all could be compared`)
      : style.good(`nothing differs, ${of}`);
  return style.bad(
    [
      `${differences.length} differ ${of}`,
      ...(follows === 0 ? [] : [`${follows} more follow from them`]),
      ...(costs === 0 ? [] : [`${costs} of ${stack.length} stack costs differ`]),
    ].join(', '),
  );
}

function changeText({ behaviour, before, after }: KernelDiffReport['behaviours'][number]): string {
  return `${behaviour}: ${String(before)} -> ${String(after)}`;
}
