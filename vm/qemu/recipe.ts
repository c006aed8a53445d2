/** All that the machines of one template have in common, ready to be started from. */
import type { FileHandle } from 'node:fs/promises';
import { buildInitramfs } from '../agent/initramfs.ts';
import { hostArchitecture } from '../architecture.ts';
import { HarnessError } from '../errors.ts';
import type { KernelModule } from '../kernel/kernel.ts';
import { requireConfig } from '../kernel/kconfig.ts';
import type { BuiltDisk, DiskDevice, Kernel, Shape, TerminalRequest } from '../machine.ts';
import { chooseAccelerator, kvmGroups, type AcceleratorChoice } from './accelerator.ts';
import type { Accelerator, QemuMachine, Slot } from './command-line.ts';
import { descriptorPath, openFor, openReadable } from './files.ts';
import type { QemuStart } from './process.ts';
import { unprivileged, type RunAs } from './reaper.ts';

/** Time from power-on to hello on the reference machine, ms. A cloud kernel takes half a second there. */
const BOOT_DEADLINE_MS = 10_000;

/** What the machine's own devices need, whatever the shape asks for. */
const DEVICE_MODULES = ['virtio_pci', 'virtio_console'];
/** In an order in which the last one's load ends when all disks are there. */
const DISK_MODULES: Readonly<Record<DiskDevice, readonly string[]>> = {
  'virtio-blk': ['virtio_blk'],
  'virtio-scsi': ['virtio_scsi', 'sd_mod'],
  nvme: ['nvme'],
};

export interface Recipe extends AsyncDisposable {
  readonly kernel: Kernel;
  readonly shape: Shape;
  /** In the initramfs, in order of loading. */
  readonly modules: readonly KernelModule[];
  readonly accelerator: Accelerator;
  readonly slowdown: number;
  readonly user: RunAs | undefined;
  readonly bootDeadlineMs: number;
  readonly image: FileHandle;
  readonly initramfs: FileHandle;
  readonly initramfsPath: string;
  /** Its machines have a terminal: they can only be booted. */
  readonly terminal: boolean;
}

export interface RecipeRequest {
  readonly kernel: Kernel;
  readonly shape: Shape;
  readonly accelerator: AcceleratorChoice;
  readonly signal: AbortSignal;
  /** Gives machines a terminal, with these static programs in /bin. */
  readonly terminal?: TerminalRequest | undefined;
  /** Time from power-on to hello, ms. Default: 10 s times the slowdown. */
  readonly bootDeadlineMs?: number | undefined;
}

export async function openRecipe({
  kernel,
  shape,
  accelerator,
  signal,
  terminal,
  bootDeadlineMs,
}: RecipeRequest): Promise<Recipe> {
  requireConfig(kernel, shape.needsConfig);
  const { name, slowdown } = await chooseAccelerator(accelerator, signal);
  const user = unprivileged(name === 'kvm' ? await kvmGroups() : []);
  const built = await buildInitramfs({
    kernel,
    modules: [...DEVICE_MODULES, ...DISK_MODULES[shape.device], ...shape.modules],
    programs: terminal?.programs,
    signal,
  });
  const image = await openReadable(kernel.image, user);
  const initramfs = await openReadable(built.path, user).catch(async (error: unknown) => {
    await image.close();
    throw error;
  });
  return {
    kernel,
    shape,
    modules: built.modules,
    accelerator: name,
    slowdown,
    user,
    bootDeadlineMs: bootDeadlineMs ?? BOOT_DEADLINE_MS * slowdown,
    image,
    initramfs,
    initramfsPath: built.path,
    terminal: terminal !== undefined,
    [Symbol.asyncDispose]: async () => {
      await image.close();
      await initramfs.close();
    },
  };
}

/** Which RAM a machine of the recipe starts with. */
export type Memory =
  | { readonly kind: 'anonymous' }
  /** A file that the guest's RAM is kept in. */
  | { readonly kind: 'kept'; readonly ram: FileHandle }
  /** A frozen guest: its RAM, mapped copy-on-write, the state of its devices, and what is enough of a kernel image. */
  | { readonly kind: 'frozen'; readonly ram: FileHandle; readonly state: FileHandle; readonly imageHead: FileHandle };

/** Descriptors of a recipe's files within `QemuStart.files`. */
const IMAGE = 0;
const INITRAMFS = 1;
const RAM = 2;
export const STATE = 3;

/** How to start one machine. `disks[i]` is the file for slot i; a slot without one reads as zeros. */
export function startOf(recipe: Recipe, memory: Memory, disks: readonly FileHandle[], signal: AbortSignal): QemuStart {
  const memoryFiles =
    memory.kind === 'anonymous' ? [] : memory.kind === 'kept' ? [memory.ram] : [memory.ram, memory.state];
  const files = [memory.kind === 'frozen' ? memory.imageHead : recipe.image, recipe.initramfs, ...memoryFiles];
  const firstDisk = files.length;
  return {
    files: [...files, ...disks],
    terminal: recipe.terminal,
    user: recipe.user,
    signal,
    describe: (descriptors): QemuMachine => {
      const descriptor = (index: number): number => {
        const found = descriptors[index];
        if (found === undefined)
          throw new HarnessError(`QEMU was given ${descriptors.length} files, and number ${index} is asked for`);
        return found;
      };
      return {
        architecture: hostArchitecture(),
        accelerator: recipe.accelerator,
        memoryMiB: recipe.shape.memoryMiB,
        cpus: recipe.shape.cpus,
        ram:
          memory.kind === 'anonymous'
            ? memory
            : { kind: 'file', path: descriptorPath(descriptor(RAM)), shared: memory.kind === 'kept' },
        kernel: descriptorPath(descriptor(IMAGE)),
        initramfs: descriptorPath(descriptor(INITRAMFS)),
        slots: recipe.shape.slots.map(({ sizeBytes }, index): Slot =>
          index < disks.length
            ? { kind: 'image', descriptor: descriptor(firstDisk + index) }
            : { kind: 'empty', sizeBytes },
        ),
        device: recipe.shape.device,
        terminal: recipe.terminal ? descriptor(firstDisk + disks.length) : undefined,
        incoming: memory.kind === 'frozen',
      };
    },
  };
}

/** Opens the disks of one machine for reading. HarnessError when one does not fit its slot. */
export async function openDisks({ shape }: Recipe, disks: readonly BuiltDisk[]): Promise<readonly FileHandle[]> {
  if (disks.length > shape.slots.length)
    throw new HarnessError(`${disks.length} disks for a machine of ${shape.slots.length} slots`);
  const opened: FileHandle[] = [];
  try {
    for (const [index, disk] of disks.entries()) {
      const file = await openFor(disk.path, 'r');
      opened.push(file);
      const { size } = await file.stat();
      const slotBytes = shape.slots[index]?.sizeBytes;
      if (size !== slotBytes)
        throw new HarnessError(`${disk.path} has ${size} bytes, and slot ${index} of the template is for ${slotBytes}`);
    }
    return opened;
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

export async function closeAll(files: readonly FileHandle[]): Promise<void> {
  for (const file of files) await file.close();
}
