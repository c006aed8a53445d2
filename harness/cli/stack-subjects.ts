/** What `fathom stack` and `fathom stack diff` are told to measure. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { UsageError, type DiskDevice } from '../../vm/machine.ts';
import type { Subject } from '../measure/measurement.ts';
import { OPERATIONS, operationNamed } from '../measure/operation.ts';
import { PRESSURES, pressureNamed } from '../measure/pressure.ts';
import { notationOf } from '../topology/notation.ts';
import { parseTopology } from '../topology/parse-notation.ts';
import { collectModule } from './module-option.ts';

const DEVICES = ['virtio-blk', 'virtio-scsi', 'nvme'] as const satisfies readonly DiskDevice[];

export interface MeasureOptions {
  readonly kernel?: readonly string[];
  readonly topology?: readonly string[];
  readonly operation?: readonly string[];
  readonly pressure?: readonly string[];
  readonly warm?: true;
  readonly device?: readonly DiskDevice[];
  readonly repeat: number;
  readonly cpus: number;
  readonly jobs?: number;
  readonly accel: 'auto' | 'kvm' | 'tcg';
  readonly module?: Readonly<Record<string, string>>;
  readonly mirror?: string;
  readonly threadSize: number;
  readonly json?: true;
  readonly chart?: string;
  readonly output?: string;
}

/** What is to be measured, and how; what is printed of it is its command's own. */
export function measureOptions(command: Command): Command {
  return command
    .option('-k, --kernel <spec>', 'kernel to measure on, may be given again', collect)
    .option('-t, --topology <mounts>', "mounts, as in 'ovl(ovl(erofs[file](xfs)))', may be given again", collect)
    .option('--operation <name>', 'what is done to the topmost mount, may be given again (default: read)', collect)
    .option('--pressure <name>', 'under which pressure, may be given again (default: none)', collect)
    .option('--warm', 'with caches filled; otherwise nothing was read before')
    .option(
      '--device <name>',
      `how disks are attached: ${DEVICES.join(', ')}; may be given again (default: ${DEVICES[0]})`,
      collectDevice,
    )
    .option('-m, --module <name=file>', 'put FILE.ko in place of a module, may be given again', collectModule)
    .option('-n, --repeat <n>', 'clones for each figure', positive, 5)
    .option('--cpus <n>', 'CPUs of a guest', positive, 1)
    .option('-j, --jobs <n>', 'guests at once (default: what cores and memory allow)', positive)
    .addOption(new Option('--accel <name>', 'accelerator').choices(['auto', 'kvm', 'tcg']).default('auto'))
    .option('--mirror <url>', "Debian mirror (default: the machine's own apt sources)")
    .option('--chart <file>', 'draw the bars into a .svg or .png file')
    .option('-o, --output <dir>', 'keep every table there, with plan, transcript, kernel log and console');
}

/** What there is to name: operations, pressures, topologies. */
export function measureHelp(): string {
  const list = (all: readonly { readonly name: string; readonly about: string }[]): string =>
    all.map(({ name, about }) => `  ${name.padEnd(20)}${about}`).join('\n');
  return `
Operations:
${list(OPERATIONS)}

Pressures:
${list(PRESSURES)}

Topologies: docs/topology.md.
`;
}

/** Kernels × topologies × operations × pressures × devices. Throws UsageError for what cannot be meant. */
export function subjectsOf(options: MeasureOptions): readonly Subject[] {
  const { kernel: kernels, topology: topologies } = options;
  if (kernels === undefined || topologies === undefined)
    throw new UsageError(
      `${kernels === undefined ? 'which kernel? --kernel debian:6.18.9' : "which mounts? --topology 'ovl(ovl(erofs[file](xfs)))'"}, say; \`fathom stack --help\` shows more`,
    );
  const mounts = [...new Set(topologies)].map((text) => parseTopology(text));
  const operations = [...new Set(options.operation ?? ['read'])].map(operationNamed);
  const pressures = [...new Set(options.pressure ?? ['none'])].map(pressureNamed);
  const devices = [...new Set(options.device ?? [DEVICES[0]])];
  return [...new Set(kernels)].flatMap((kernel) =>
    mounts.flatMap((mount) =>
      operations.flatMap((operation) =>
        pressures.flatMap((pressure) =>
          devices.map((device): Subject => ({
            kernel,
            topology: notationOf(mount),
            mount,
            operation,
            pressure,
            cache: options.warm ? 'warm' : 'cold',
            device,
          })),
        ),
      ),
    ),
  );
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function collectDevice(value: string, before: readonly DiskDevice[] = []): readonly DiskDevice[] {
  const device = DEVICES.find((name) => name === value);
  if (device === undefined) throw new InvalidArgumentError(`it is one of ${DEVICES.join(', ')}`);
  return [...before, device];
}

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('it is a whole number of at least 1');
  return number;
}
