/** `fathom kernels`: every kernel that can be had from the archive, with the era that it should belong to. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { flavours } from '../../vm/kernel/flavours.ts';
import type { ListedKernel } from '../../vm/kernel/list.ts';
import { listKernels } from '../../vm/kernel/list.ts';
import { KERNEL_SPEC_FORMS } from '../../vm/kernel/spec.ts';
import { formatKernelVersion } from '../../vm/kernel/version.ts';
import { erofsStackingOf } from '../model/profile.ts';
import type { Context } from './main.ts';
import { table } from './table.ts';
import { size } from './units.ts';

interface Options {
  readonly flavour: string;
  readonly mirror?: string;
  readonly refresh?: true;
  readonly json?: true;
}

export function register(program: Command, { signal }: Context): void {
  const [usual, ...others] = flavours();
  program
    .command('kernels')
    .description("list the kernels of Debian's archive, and the era that each should belong to")
    .addOption(new Option('--flavour <flavour>', 'only this flavour').choices([usual!, ...others]).default(usual))
    .option('--mirror <uri>', "the archive; default: FATHOM_MIRROR, else this machine's own apt sources")
    .option('--refresh', 'ask the mirror also when the index is fresh (younger than 6 hours)')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Kernel specs:
${KERNEL_SPEC_FORMS.map((form) => `  ${form}`).join('\n')}

Example:
  $ fathom kernels`,
    )
    .action(async ({ json, ...options }: Options) => {
      const onProgress = (text: string): boolean => process.stderr.write(`${text}\n`);
      const kernels = await listKernels({ ...options, signal, onProgress });
      process.stdout.write(json ? asJson(kernels) : asTable(kernels));
    });
}

function asTable(kernels: readonly ListedKernel[]): string {
  const rows = kernels.map(({ spec, packageVersion, suites, version, sizeBytes, withdrawn }) => [
    spec,
    packageVersion,
    suites.join(', '),
    erofsStackingOf(version),
    withdrawn ? `${size(sizeBytes)} + *` : size(sizeBytes),
  ]);
  const listed = table(['spec', 'package version', 'suite', 'era', 'download'], rows, { right: [4] });
  const note = kernels.some(({ withdrawn }) => withdrawn)
    ? "* modules from the archive's pool: the signed index has dropped them; checked by the key inside the signed image\n"
    : '';
  return `${listed}${kernels.length} kernels\n${note}`;
}

function asJson(kernels: readonly ListedKernel[]): string {
  const listed = kernels.map((kernel) => ({
    ...kernel,
    version: formatKernelVersion(kernel.version),
    era: erofsStackingOf(kernel.version),
  }));
  return `${JSON.stringify({ v: 1, kernels: listed }, null, 2)}\n`;
}
