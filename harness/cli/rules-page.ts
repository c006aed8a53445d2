/** docs/rules.md, made from the model and the scenarios. `npm run rules` writes it. */
import { writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { ruleSteps, type RuleSteps, type StepOf } from '../judge/rule-steps.ts';
import { RULE_IDS, RULES, type RuleId } from '../model/rules/registry.ts';
import { CHANNELS } from '../report/rule-explained.ts';
import { loadForRules, loadScenarios } from '../run/load-scenarios.ts';

export const RULES_PAGE = 'docs/rules.md';

/** The text of the page. */
export async function rulesPage(): Promise<string> {
  // Those that were written for single rules show them best.
  const steps = ruleSteps([...new Set([...(await loadScenarios(['rules'])), ...(await loadForRules())])]);
  return `${[HEAD, ...RULE_IDS.map((id) => entry(id, steps.get(id)))].join('\n\n')}\n`;
}

const HEAD = `# The rules

Made by \`npm run rules\` from \`harness/model/rules/rows/\` and the scenarios; what is written here by hand is lost. How
the rules go together, [model.md](model.md) explains; what kernels really do, \`fathom rules --kernel SPEC\` shows.`;

function entry(id: RuleId, steps: RuleSteps | undefined): string {
  const { condition, outcome, errno, message, channel, kernels, source, unobservable, untested, oneSided } = RULES[id];
  const facts = [
    `Then: ${outcome}.`,
    ...(errno === undefined ? [] : [`Errno: ${errno}.`]),
    ...(message === undefined ? [] : [`Message: ${code(message)}: ${CHANNELS[channel]}.`]),
    `Kernels: ${kernels}.`,
    `Source: ${source.map(code).join(', ')}.`,
    ...(unobservable === undefined ? [] : [`Cannot be seen from outside: ${unobservable}.`]),
    ...(untested === undefined ? [] : [`Where it is not tried: ${untested}.`]),
    ...(steps?.triggered === undefined ? [] : [`Speaks in ${stepText(steps.triggered)}.`]),
    ...(steps?.spared === undefined
      ? oneSided === undefined
        ? []
        : [`No other side: ${oneSided}.`]
      : [`Just does not in ${stepText(steps.spared)}.`]),
  ];
  return `## ${id}\n\n${escaped(condition)}\n\n${facts.map((fact) => `- ${fact.startsWith('Message') || fact.startsWith('Source') ? fact : escaped(fact)}`).join('\n')}`;
}

function stepText({ scenario, step }: StepOf): string {
  return `the scenario ${scenario}: "${step}"`;
}

function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** What Markdown would take for its own. */
function escaped(text: string): string {
  return text.replaceAll(/[*<>[\]]/g, '\\$&').replaceAll(/(?<![a-zA-Z0-9])_|_(?![a-zA-Z0-9])/g, '\\_');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await writeFile(RULES_PAGE, await rulesPage());
