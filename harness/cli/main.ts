/** The command line: which commands there are, how they are interrupted, and what their errors become. */
import { Command } from 'commander';
import { searchPath } from '../../vm/programs.ts';
import { failureOf } from './failure.ts';
import { interruptible } from './interrupt.ts';
import { version } from '../run/version.ts';

export interface Context {
  /** Aborted by SIGINT, SIGTERM, SIGHUP, or when nobody reads our output any more. */
  readonly signal: AbortSignal;
}

type Load = () => Promise<{ register: (program: Command, context: Context) => void }>;

/** Each command's file is loaded only when it is the one meant, or when all are listed: that keeps the start quick. */
const commands: Readonly<Record<string, Load>> = {
  run: () => import('./run.ts'),
  replay: () => import('./replay.ts'),
  merge: () => import('./merge.ts'),
  script: () => import('./script.ts'),
  shell: () => import('./shell.ts'),
  report: () => import('./report.ts'),
  diff: () => import('./diff.ts'),
  identify: () => import('./identify.ts'),
  stack: () => import('./stack.ts'),
  rules: () => import('./rules.ts'),
  kernels: () => import('./kernels.ts'),
  kconfig: () => import('./kconfig.ts'),
  doctor: () => import('./doctor.ts'),
  cache: () => import('./cache.ts'),
  complete: () => import('./complete.ts'),
};

/** Runs one command line (without `node fathom`) and leaves its exit status in process.exitCode. */
export async function main(args: readonly string[]): Promise<void> {
  process.env['PATH'] = searchPath();
  const interruption = interruptible();
  try {
    const program = frame();
    for (const load of meant(args)) (await load()).register(program, { signal: interruption.signal });
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (interruption.signal.aborted) {
      // Not to one who has gone away, nor after a fault that was told.
      const { message } = interruption.signal.reason as DOMException;
      if (message.includes(' SIG')) process.stderr.write(`fathom: ${message}\n`);
    } else {
      const failure = failureOf(error, { stack: (process.env['DEBUG'] ?? '').includes('fathom') });
      if (failure.text !== '') process.stderr.write(`${failure.text}\n`);
      process.exitCode = failure.status;
    }
  } finally {
    interruption.finish();
  }
}

function meant(args: readonly string[]): readonly Load[] {
  const [word = ''] = args;
  if (word === '--version' || word === '-V') return [];
  const named = commands[word];
  // What completes a command line has to know them all.
  return named === undefined || word === 'complete' ? Object.values(commands) : [named];
}

function frame(): Command {
  return new Command('fathom')
    .description("Sounds how deep a kernel's filesystem stack goes: erofs, overlays on it, and what the kernel says.")
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help for a command')
    .exitOverride()
    .showHelpAfterError('(--help lists what there is)')
    .addHelpText(
      'after',
      `
Exit status: 0 all agree; 1 the kernel disagrees, crashed or hung; 2 wrong use; 125 nothing can be said.

Example:
  $ fathom run fedora-coreos-2087 --kernel debian:6.17.13`,
    );
}
