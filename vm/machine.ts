/**
 * What every machine offers, whatever it is made of, and the one door through which harness/ sees vm/.
 *
 * Life cycle: a backend prepares a template (described), `clone()` gives a running machine (an async disposable),
 * and after disposal there is nothing left of it: no process, socket or file.
 */
import type { Duplex } from 'node:stream';
import type { Hello, KernelMessage, Operation, Plan, StepResult } from './agent/protocol.ts';
import type { DiskSpec, DiskVerity } from './image/spec.ts';
import type { Kernel } from './kernel/kernel.ts';

export type { Hello, KernelMessage, Operation, Plan, PlanStep, StepResult, TreeEntry } from './agent/protocol.ts';
export { CONTENTS_WAYS, type ContentsWay } from './agent/ways.ts';
export type { Change, FallocateMode, NodeType, RenameFlag } from './agent/change.ts';
export type { Kernel } from './kernel/kernel.ts';
export type * from './image/spec.ts';
export { fsverityDigest } from './image/fsverity.ts';
export { composefsLayer, composefsObjects, objectPath } from './image/composefs-tree.ts';
export {
  blobFile,
  damagedImageFile,
  directory,
  file,
  hardLink,
  imageFile,
  node,
  nodeAt,
  symlink,
  text,
  whiteout,
} from './image/tree.ts';
export { HarnessError, UnsupportedError, UsageError } from './errors.ts';

/** What a machine is made of; with the kernel it is the key of a template. */
export interface Shape {
  readonly memoryMiB: number;
  readonly cpus: number;
  /** Disk slots, each the size of its disk in bytes; which disk sits in a slot is said when a clone is made. */
  readonly slots: readonly { readonly sizeBytes: number }[];
  /** Modules loaded before the machine is frozen, by name; dependencies are added, built-ins are recognised. */
  readonly modules: readonly string[];
  /** How the disks are attached: what lies below the block layer. */
  readonly device: DiskDevice;
  /**
   * Done on the booted machine before it is frozen, and after each boot that stands for a clone; what they change
   * stays, but mounts and devices are taken down as after every plan, and pages of disks are dropped.
   */
  readonly prepare: readonly Operation[];
  /** Kernel options that it takes (names without `CONFIG_`), asked before anything is booted. */
  readonly needsConfig: readonly string[];
}

/** The kernel's driver of the disks. NVMe disks cannot be frozen (QEMU's device is unmigratable): each clone is a boot. */
export type DiskDevice = 'virtio-blk' | 'virtio-scsi' | 'nvme';

/** A terminal in the guest (/dev/hvc0), for people. */
export interface TerminalRequest {
  /** Static programs of the host, by the name that they get in the guest's /bin: `busybox` is the shell. */
  readonly programs: ReadonlyMap<string, string>;
}

/** A fresh copy of a template, or a fresh boot where there is no template. */
export interface Machine extends AsyncDisposable {
  readonly hello: Hello;
  readonly start: {
    readonly how: 'clone' | 'boot';
    /** Why it is not a clone, in words for the user. */
    readonly because?: string;
    readonly durationMs: number;
  };
  /** Runs one plan; never rejects for what the guest does, only for misuse or abort. One plan at a time. */
  run(plan: Plan, options: RunOptions): Promise<RunOutcome>;
  /** Where the disk of a slot is, on the machine. */
  device(slot: number): string;
  /** The host's end of the terminal, where one was asked for. It ends with the machine. */
  readonly terminal?: Duplex | undefined;
  /** All that the console has said since the clone was made (for a boot: since power-on). */
  console(): Promise<string>;
}

export interface RunOptions {
  readonly signal: AbortSignal;
  /** Called as each step's result arrives. */
  readonly onResult?: (result: StepResult) => void;
  /**
   * The step whose result is all that is waited for: what the agent then takes down is not, nor what is left of it. The
   * machine is good for nothing more.
   */
  readonly until?: string;
}

export type RunOutcome = {
  /** Every result that arrived, in order; also when the run did not complete. */
  readonly results: readonly StepResult[];
  /** Protocol lines in both directions, for the evidence. */
  readonly transcript: readonly string[];
} & (
  | {
      readonly kind: 'completed';
      /** What of the plan is left in the guest: mounts, loop devices, superblocks. Empty when it is as it was before. */
      readonly leftovers: readonly string[];
      /** Kernel messages of no step: between steps, or while the mounts were taken down. */
      readonly strays: readonly KernelMessage[];
    }
  /** The kernel died: a panic or oops on the console. */
  | {
      readonly kind: 'crashed';
      readonly step: string | undefined;
      readonly title: string;
      readonly consoleTail: string;
    }
  /** No answer within the step's deadline, the guest still there. */
  | { readonly kind: 'hung'; readonly step: string | undefined; readonly where: string; readonly consoleTail: string }
  /** The machine went away, or its agent talks nonsense: the harness's fault until the opposite is shown. */
  | { readonly kind: 'lost'; readonly step: string | undefined; readonly reason: string; readonly consoleTail: string }
);

/** A kernel booted once in one shape and frozen; or the promise to boot it each time, and why. */
export interface Template extends AsyncDisposable {
  readonly kernel: Kernel;
  readonly shape: Shape;
  readonly accelerator: string;
  /** How much slower than the reference this host runs a guest, at least 1: the factor of every deadline. */
  readonly slowdown: number;
  /** How long boot and preparation took, in ms; undefined when the template came from the cache. */
  readonly bootMs: number | undefined;
  /** A fresh machine; `disks[i]` sits in slot i, the slots after the last are empty disks. */
  clone(disks: readonly BuiltDisk[], options: { readonly signal: AbortSignal }): Promise<Machine>;
}

/**
 * Where the guest finds the disk of a slot. Virtio disks are named in the order of their PCI slots. The names of SCSI
 * and NVMe disks follow from the order in which their probes, which run side by side, come through (sd.c: sd_probe,
 * nvme/host/core.c: nvme_scan_ns_list), so the agent links them by target and namespace (vm/agent/disks.c).
 */
export function diskDevice(slot: number, device: DiskDevice): string {
  return device === 'virtio-blk' ? `/dev/vd${String.fromCharCode(0x61 + slot)}` : `/run/fathom/disk/${slot}`;
}

/** A disk image file, ready to be put in a slot. Never written to: clones write to throw-away copies. */
export interface BuiltDisk {
  readonly path: string;
  readonly sizeBytes: number;
  readonly spec: DiskSpec;
  /** Of a disk that was asked for with dm-verity. */
  readonly verity?: DiskVerity;
}

/** The guest did not come up: it panicked or hung before its agent said hello. The kernel's fault, with proof. */
export class BootFailure extends Error {
  override readonly name = 'BootFailure';
  readonly kind: 'crashed' | 'hung';
  readonly consoleTail: string;

  constructor(kind: 'crashed' | 'hung', message: string, consoleTail: string) {
    super(message);
    this.kind = kind;
    this.consoleTail = consoleTail;
  }
}
