/** `fathom kconfig`: the kernel options that fathom wants, as a config fragment. */
import type { Command } from 'commander';
import { configFragment, lackingOptions } from '../../vm/kernel/kconfig.ts';
import { resolveKernel } from '../../vm/kernel/resolve.ts';
import type { Context } from './main.ts';

interface Options {
  readonly kernel?: string;
  readonly mirror?: string;
}

export function register(program: Command, { signal }: Context): void {
  program
    .command('kconfig')
    .description('print the kernel options that fathom wants, as a config fragment')
    .option('-k, --kernel <spec>', 'only what this kernel lacks')
    .option('--mirror <uri>', "Debian's archive; default: FATHOM_MIRROR, else this machine's own apt sources")
    .addHelpText(
      'after',
      `
Examples:
  $ fathom kconfig > fathom.config
  $ scripts/kconfig/merge_config.sh .config fathom.config
  $ fathom kconfig --kernel tree:../linux`,
    )
    .action(async ({ kernel: spec, mirror }: Options) => {
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
