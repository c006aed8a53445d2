/** `--machine`: where scenarios run. */
import { bySsh, here, parseSshTarget, type Reach } from '../../vm/direct/reach.ts';
import { UsageError } from '../../vm/machine.ts';
import { qemu, type Backend } from '../run/backend.ts';
import { openVagrant } from '../../vm/vagrant/vagrant.ts';
import { direct } from '../run/direct-backend.ts';
import { onVagrant } from '../run/vagrant-backend.ts';
import type { Scenario } from '../scenario.ts';

export const MACHINE_OPTION =
  'where to run: qemu (disposable guests), host (this machine, with --disposable-host), ssh:[USER@]HOST[:PORT], vagrant (the machine of a Vagrantfile here)';

/** The words for completion; `ssh:` wants a host. */
export const MACHINES = ['qemu', 'host', 'ssh:', 'vagrant'] as const;

export interface MachineChoice extends AsyncDisposable {
  readonly backend: Backend;
  /** The name of its only kernel; undefined where kernels are to be named. */
  readonly kernel: string | undefined;
}

interface Options {
  readonly machine: string;
  readonly disposableHost?: true;
  readonly sshConfig?: string;
  readonly kernel?: readonly string[];
}

/** Throws UsageError for what cannot be meant, and without the word that this machine may be spoilt. */
export async function chooseMachine(
  options: Options,
  scenarios: readonly Scenario[],
  signal: AbortSignal,
): Promise<MachineChoice> {
  const { machine, disposableHost, kernel, sshConfig } = options;
  if (sshConfig !== undefined && !machine.startsWith('ssh:'))
    throw new UsageError('--ssh-config goes with --machine ssh:');
  if (machine === 'qemu') return { backend: qemu, kernel: undefined, [Symbol.asyncDispose]: () => Promise.resolve() };
  if (machine !== 'host' && machine !== 'vagrant' && !machine.startsWith('ssh:'))
    throw new UsageError(`there is no machine '${machine}': it is ${MACHINE_OPTION}`);
  if (kernel !== undefined)
    throw new UsageError(`--machine ${machine} runs on the kernel that runs there: --kernel is for qemu`);
  const crashing = scenarios.find(({ destructive }) => destructive !== undefined);
  if (crashing !== undefined && machine === 'host')
    throw new UsageError(`${crashing.name} is meant to crash its machine (${crashing.destructive}): not this one`);
  if (machine === 'host' && disposableHost === undefined)
    throw new UsageError(
      '--machine host attaches loop devices, loads modules, makes mounts (in a namespace of its own) and writes to the kernel ' +
        'log of this very machine, as root, and a fault of its kernel may take it down. All that was made is removed ' +
        'again. If this machine may be spoilt, say --disposable-host',
    );
  if (machine === 'vagrant') {
    const vagrant = await openVagrant(process.cwd(), signal);
    return {
      backend: onVagrant(vagrant),
      kernel: vagrant.reach.name,
      [Symbol.asyncDispose]: () => vagrant[Symbol.asyncDispose](),
    };
  }
  const reach = await reachOf(options);
  return { backend: direct(reach), kernel: reach.name, [Symbol.asyncDispose]: () => reach[Symbol.asyncDispose]() };
}

async function reachOf({ machine, sshConfig }: Options): Promise<Reach> {
  if (machine === 'host') return here();
  const target = parseSshTarget(machine.slice('ssh:'.length));
  return bySsh({ ...target, ...(sshConfig === undefined ? {} : { config: sshConfig }) });
}
