/**
 * Which accelerator guests run on: KVM where a guest has really run on it, else TCG. `/dev/kvm` proves nothing: in a
 * nested guest without VMX or SVM it is there, opens, and QEMU aborts or hangs.
 */
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';
import { hostArchitecture } from '../architecture.ts';
import { cached } from '../cache.ts';
import { HarnessError, UnsupportedError } from '../errors.ts';
import { programIdentity, requireProgram } from '../programs.ts';
import type { Accelerator } from './command-line.ts';
import { DEBUG_CONSOLE_PORT, DEBUG_EXIT_PORT, PROBE_EXIT_CODE, PROBE_ROUNDS, probeBios } from './probe-bios.ts';
import { mortal, ownedDirectory, unprivileged, type RunAs } from './reaper.ts';

export type AcceleratorChoice = 'auto' | Accelerator;

export interface Accelerators {
  readonly kvm: AcceleratorProof;
  readonly tcg: AcceleratorProof;
  /** KVM when it is proved, else TCG. */
  readonly chosen: Accelerator;
  /** The factor of the chosen one. */
  readonly slowdown: number;
}

export interface AcceleratorProof {
  /** A guest has run on it, to its end. */
  readonly works: boolean;
  /** What happened instead. */
  readonly because?: string | undefined;
  /** How much slower than the reference it runs a guest, at least 1: the factor of every deadline. */
  readonly slowdown: number;
}

/** A round of the probe on the reference machine, a 3 GHz core on KVM, in ns. TCG on the same core takes about 9. */
const REFERENCE_ROUND_NS = 1;
/** A probe that works takes 0.1 s on either accelerator; 100 times slower than the reference is not working. */
const PROBE_DEADLINE_MS = 2000;

/**
 * What runs guests here. Remembered until the next boot of the host or change of QEMU, /dev/kvm or user.
 * Rejects with UnsupportedError when there is no QEMU and HarnessError when not even TCG runs a guest.
 */
export async function accelerators({ signal }: { readonly signal: AbortSignal }): Promise<Accelerators> {
  const directory = await cached({
    room: 'accelerators',
    title: 'which accelerators run guests on this host',
    ingredients: {
      boot: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
      qemu: programIdentity(hostArchitecture().qemu.program),
      cpu: hostArchitecture().cpu,
      kvm: await identityOf('/dev/kvm'),
      user: [process.getuid?.(), process.getgroups?.()],
      rounds: PROBE_ROUNDS,
    },
    build: async (building) => {
      const found = { kvm: await proveKvm(signal), tcg: await proveAndMeasure('tcg', unprivileged(), signal) };
      // What keeps both from working is to be mended, and not to be remembered.
      if (!found.kvm.works && !found.tcg.works)
        throw new HarnessError(`QEMU runs no guest here. TCG: ${found.tcg.because}; KVM: ${found.kvm.because}`);
      await writeFile(path.join(building, 'proofs.json'), JSON.stringify(found));
    },
    signal,
  });
  const { kvm, tcg } = proofs.parse(JSON.parse(await readFile(path.join(directory, 'proofs.json'), 'utf8')));
  const chosen = kvm.works ? 'kvm' : 'tcg';
  return { kvm, tcg, chosen, slowdown: { kvm, tcg }[chosen].slowdown };
}

/** The accelerator to use for `--accel`. Rejects with UnsupportedError when the one asked for runs no guest. */
export async function chooseAccelerator(
  choice: AcceleratorChoice,
  signal: AbortSignal,
): Promise<{ readonly name: Accelerator; readonly slowdown: number }> {
  const found = await accelerators({ signal });
  const name = choice === 'auto' ? found.chosen : choice;
  const proof = found[name];
  if (!proof.works) {
    throw new UnsupportedError(`${name} on this host`, {
      message: `--accel ${name}: no guest runs on it here: ${proof.because}`,
      remedy: `leave --accel out (${found.chosen} works), or enable ${name} in the host's firmware or hypervisor`,
    });
  }
  return { name, slowdown: proof.slowdown };
}

/** Supplementary groups that QEMU needs to open /dev/kvm. */
export async function kvmGroups(): Promise<readonly number[]> {
  const { gid } = await stat('/dev/kvm');
  return gid === 0 ? [] : [gid];
}

const proof = z.object({ works: z.boolean(), because: z.string().optional(), slowdown: z.number().min(1) });
const proofs = z.object({ kvm: proof, tcg: proof });

async function identityOf(device: string): Promise<unknown> {
  const found = await stat(device).catch(() => undefined);
  return found === undefined ? 'absent' : [found.rdev, found.mode, found.uid, found.gid, found.ino];
}

async function proveKvm(signal: AbortSignal): Promise<AcceleratorProof> {
  if ((await identityOf('/dev/kvm')) === 'absent')
    return { works: false, because: 'there is no /dev/kvm', slowdown: 1 };
  const user = unprivileged(await kvmGroups());
  const found = await proveAndMeasure('kvm', user, signal);
  if (found.works || user === undefined) return found;
  // Is it only that nobody may not open it? Then that is what to say.
  const asRoot = await prove('kvm', undefined, signal);
  return asRoot.works
    ? {
        ...found,
        because: 'it works for root alone, and QEMU runs as nobody: give /dev/kvm to a group (mode 0660, group kvm)',
      }
    : asRoot;
}

/** The fastest of three: the others were disturbed. */
async function proveAndMeasure(
  accelerator: Accelerator,
  user: RunAs | undefined,
  signal: AbortSignal,
): Promise<AcceleratorProof> {
  const first = await prove(accelerator, user, signal);
  if (!first.works) return first;
  const others = [await prove(accelerator, user, signal), await prove(accelerator, user, signal)].filter(
    ({ works }) => works,
  );
  return { works: true, slowdown: Math.min(...[first, ...others].map(({ slowdown }) => slowdown)) };
}

async function prove(
  accelerator: Accelerator,
  user: RunAs | undefined,
  signal: AbortSignal,
): Promise<AcceleratorProof> {
  const { path: directory, remove } = await ownedDirectory(user);
  try {
    await chmod(directory, 0o711);
    const bios = path.join(directory, 'bios');
    await writeFile(bios, probeBios(), { mode: 0o644 });
    const argv = [
      requireProgram(hostArchitecture().qemu.program),
      ...[
        '-name',
        path.basename(directory),
        '-nodefaults',
        '-no-user-config',
        '-no-reboot',
        '-display',
        'none',
        '-nic',
        'none',
      ],
      ...[
        '-machine',
        `${hostArchitecture().machine},accel=${accelerator}`,
        '-cpu',
        hostArchitecture().cpu[accelerator],
        '-m',
        '16M',
      ],
      ...['-bios', bios],
      ...['-chardev', 'stdio,id=said,signal=off', '-device', `isa-debugcon,chardev=said,iobase=${DEBUG_CONSOLE_PORT}`],
      ...['-device', `isa-debug-exit,iobase=${DEBUG_EXIT_PORT},iosize=1`],
    ];
    const child = execa(requireProgram('setpriv'), mortal(argv, user), {
      stdin: 'ignore',
      reject: false,
      timeout: PROBE_DEADLINE_MS,
      killSignal: 'SIGKILL',
      cancelSignal: signal,
    });
    const saidAt = new Map<string, number>();
    child.stdout.on('data', (chunk: Buffer) => {
      for (const letter of chunk.toString('latin1')) saidAt.set(letter, performance.now());
    });
    const ended = await child;
    signal.throwIfAborted();
    const [from, to] = [saidAt.get('S'), saidAt.get('E')];
    if (ended.exitCode !== PROBE_EXIT_CODE || from === undefined || to === undefined) {
      return { works: false, because: failure(ended, from !== undefined), slowdown: 1 };
    }
    return { works: true, slowdown: Math.max(1, ((to - from) * 1e6) / PROBE_ROUNDS / REFERENCE_ROUND_NS) };
  } finally {
    await remove();
  }
}

function failure(
  ended: { timedOut: boolean; exitCode?: number; signal?: string; stderr: string },
  started: boolean,
): string {
  const said = ended.stderr.trim().split('\n')[0] ?? '';
  const what = ended.timedOut
    ? `a guest ${started ? 'began and did not finish' : 'did not begin'} within ${PROBE_DEADLINE_MS} ms`
    : `QEMU ended with ${ended.signal ?? `status ${ended.exitCode}`}`;
  return said === '' ? what : `${what}: ${said}`;
}
