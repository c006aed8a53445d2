/** Shell completion: `fathom complete bash` prints the script, which then calls `fathom complete -- WORDS`. */
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { SUITES } from '../../vm/archive/suites.ts';
import { BASH_COMPLETION } from './complete-bash.ts';

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
  const run = completion.commands.get('run');
  const kernel = run?.options.get('kernel');
  if (kernel !== undefined) kernel.handler = (complete) => kernelSpecs().forEach((spec) => complete(spec, ''));
  const scenario = run?.arguments.values().next().value;
  if (scenario !== undefined) scenario.handler = (complete) => scenarioNames().forEach((name) => complete(name, ''));
}

/** The forms of a kernel spec, and the suites; which versions there are `fathom kernels` says, not without the index. */
function kernelSpecs(): readonly string[] {
  return [...SUITES.map(({ name }) => `debian:${name}`), 'deb:', 'tree:', 'image:', 'host'];
}

/** A scenario's file is called as it is. */
function scenarioNames(): readonly string[] {
  const folder = path.join(import.meta.dirname, '../../scenarios');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => /\.[jt]s$/.test(file)).map((file) => path.basename(file).replace(/\.[jt]s$/, ''));
}
