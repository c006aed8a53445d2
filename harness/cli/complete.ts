/** Shell completion: `fathom complete bash` prints the script, which then calls `fathom complete -- WORDS`. */
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { SUITES } from '../../vm/archive/suites.ts';
import { RULE_IDS } from '../model/rules/registry.ts';
import { BASH_COMPLETION } from './complete-bash.ts';
import { MACHINES } from './machine-option.ts';

/** To be registered last: completion knows the commands that are there when it is registered. */
export function register(program: Command): void {
  const completion = tab(program);
  const ofLibrary = completion.setup.bind(completion);
  completion.setup = (name, executable, shell) => {
    if (shell === 'bash') process.stdout.write(BASH_COMPLETION);
    else ofLibrary(name, executable, shell);
  };
  program.commands
    .find((command) => command.name() === 'complete')
    ?.description('print the completion script of a shell')
    .addHelpText('after', '\nExample:\n  $ source <(fathom complete bash)');
  for (const { options } of completion.commands.values()) {
    offer(options.get('kernel'), kernelSpecs);
    offer(options.get('scenario'), scenarioNames);
    offer(options.get('machine'), () => MACHINES);
  }
  for (const [name, words] of Object.entries(ARGUMENTS))
    for (const argument of completion.commands.get(name)?.arguments.values() ?? []) offer(argument, words);
}

/** What the arguments of a command may be. */
const ARGUMENTS: Readonly<Record<string, () => readonly string[]>> = {
  run: scenarioNames,
  script: scenarioNames,
  shell: scenarioNames,
  diff: kernelSpecs,
  rules: () => RULE_IDS,
};

interface Completed {
  handler?: ((complete: (value: string, description: string) => void, ...rest: never[]) => void) | undefined;
}

function offer(what: Completed | undefined, words: () => readonly string[]): void {
  if (what !== undefined) what.handler = (complete) => words().forEach((word) => complete(word, ''));
}

/** The forms of a kernel spec, and the suites; which versions there are `fathom kernels` says, not without the index. */
function kernelSpecs(): readonly string[] {
  return [...SUITES.map(({ name }) => `debian:${name}`), 'deb:', 'rpm:', 'tree:', 'image:', 'host'];
}

/** A scenario's file is called as it is. */
function scenarioNames(): readonly string[] {
  const folder = path.join(import.meta.dirname, '../../scenarios');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => /\.[jt]s$/.test(file)).map((file) => path.basename(file).replace(/\.[jt]s$/, ''));
}
