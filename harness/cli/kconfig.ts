/** `fathom kconfig`: the kernel options that fathom wants, as a config fragment. */
import type { Command } from 'commander';
import { UsageError } from '../../vm/errors.ts';
import { configFragment, lackingOptions, minimalConfig } from '../../vm/kernel/kconfig.ts';
import { resolveKernel } from '../../vm/kernel/resolve.ts';
import type { Context } from './main.ts';

interface Options {
  readonly minimal?: true;
  readonly kernel?: string;
  readonly mirror?: string;
}

export function register(program: Command, { signal }: Context): void {
  program
    .command('kconfig')
    .description('print the kernel options that fathom wants, as a config fragment')
    .option('-k, --kernel <spec>', 'only what this kernel lacks')
    .option('--minimal', 'a whole configuration instead, for allnoconfig: the smallest kernel that runs every scenario')
    .option('--mirror <uri>', "Debian's archive; default: FATHOM_MIRROR, else this machine's own apt sources")
    .addHelpText(
      'after',
      `
Examples:
  $ fathom kconfig > fathom.config
  $ scripts/kconfig/merge_config.sh .config fathom.config
  $ fathom kconfig --kernel tree:../linux
  $ fathom kconfig --minimal > fathom.config && make KCONFIG_ALLCONFIG=fathom.config allnoconfig`,
    )
    .action(async ({ kernel: spec, minimal, mirror }: Options) => {
      if (minimal === true && spec !== undefined)
        throw new UsageError('--minimal is for a kernel yet to be built: no --kernel goes with it');
      if (minimal === true) {
        process.stdout.write(minimalConfig());
        return;
      }
      if (spec === undefined) {
        process.stdout.write(configFragment());
        return;
      }
      const onProgress = (text: string): boolean => process.stderr.write(`${text}\n`);
      const kernel = await resolveKernel(spec, { mirror, signal, onProgress });
      const lacking = lackingOptions(kernel);
      process.stdout.write(
        lacking.length === 0 ? `# ${kernel.release} has all that fathom wants\n` : configFragment(lacking),
      );
    });
}
