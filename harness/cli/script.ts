/** `fathom script`: a scenario as a shell script that needs no fathom. */
import type { Command } from 'commander';
import { UsageError } from '../../vm/machine.ts';
import { scriptExpectations } from '../judge/script-expectations.ts';
import { profileOf } from '../model/profile.ts';
import { qemu } from '../run/backend.ts';
import { loadScenarios } from '../run/load-scenarios.ts';
import { scriptOf } from '../topology/script.ts';
import type { Context } from './main.ts';

interface Options {
  readonly kernel?: string;
  readonly mirror?: string;
}

export function register(program: Command, context: Context): void {
  program
    .command('script')
    .summary('write a scenario as a shell script that needs no fathom')
    .description(
      'Writes a POSIX shell script to standard output that makes the mounts of a scenario with mkfs.erofs, losetup and mount, prints what the kernel answers to each step, and cleans up.',
    )
    .argument('<scenario>', 'its name, or the path of its file')
    .option('-k, --kernel <spec>', 'put in what the model expects of this kernel, so that the script compares')
    .option('--mirror <url>', "Debian mirror (default: the machine's own apt sources)")
    .addHelpText(
      'after',
      `
Example:
  $ fathom script fedora-coreos-2087 --kernel debian:6.17.13 > reproducer.sh
  $ sudo sh reproducer.sh`,
    )
    .action((name: string, options: Options) => scriptCommand(name, options, context));
}

async function scriptCommand(name: string, { kernel: spec, mirror }: Options, { signal }: Context): Promise<void> {
  const [scenario, ...others] = await loadScenarios([name], signal);
  if (scenario === undefined || others.length > 0)
    throw new UsageError(`${name} is a group of scenarios: a script is of one`);
  if (spec === undefined) {
    process.stdout.write(scriptOf(scenario, { expected: new Map() }));
    return;
  }
  const onProgress = (text: string): void => void process.stderr.write(`${text}\n`);
  const kernel = await qemu.findKernel(spec, { replace: {}, mirror, signal, onProgress });
  const { name: profile, behaviours } = profileOf(kernel);
  const expected = scriptExpectations(scenario, behaviours);
  process.stdout.write(scriptOf(scenario, { expected, of: `${kernel.release} (${profile})` }));
}
