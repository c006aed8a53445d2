/** One rule in full, for a terminal. */
import { RULES, type Channel, type RuleId } from '../model/rules/registry.ts';
import type { RuleSteps } from '../judge/rule-steps.ts';
import type { RuleCell } from './rules-results.ts';
import type { Style } from './reporter.ts';
import { wrap } from './wrap.ts';

export const CHANNELS: Readonly<Record<Channel, string>> = {
  log: 'the kernel log, with either mount API',
  context: "the kernel log with mount(2), the context's own log after fsopen(2)",
  path: "the kernel log; from 6.5 on after fsopen(2) the context's own log",
  none: 'nothing is said',
};

export function ruleExplained(
  id: RuleId,
  steps: RuleSteps | undefined,
  cells: readonly RuleCell[],
  style: Style,
): string {
  const { condition, outcome, errno, message, channel, kernels, source, unobservable, untested, oneSided } = RULES[id];
  const lines = [
    style.bold(`${id}: ${condition}`),
    `  then      ${outcome}`,
    ...(errno === undefined ? [] : [`  errno     ${errno}`]),
    ...(message === undefined ? [] : [`  message   ${message}`]),
    `  channel   ${CHANNELS[channel]}`,
    `  kernels   ${kernels}`,
    ...source.map((place, index) => `${index === 0 ? '  source    ' : '            '}${place}`),
    ...(unobservable === undefined ? [] : [`  unseen    ${unobservable}`]),
    ...(untested === undefined ? [] : [`  untested  ${untested}`]),
    `  speaks    ${stepText(steps?.triggered)}`,
    `  does not  ${steps?.spared === undefined && oneSided !== undefined ? oneSided : stepText(steps?.spared)}`,
    ...cells.map(({ kernel, status, why }) => `  ${kernel}: ${status}${why === undefined ? '' : `: ${why}`}`),
  ];
  const columns = Number.isFinite(style.columns) ? style.columns : 100;
  return `${lines.flatMap((line) => wrap(line, columns)).join('\n')}\n`;
}

function stepText(step: RuleSteps['triggered']): string {
  return step === undefined ? 'in no step' : `in ${step.scenario}: "${step.step}"`;
}
