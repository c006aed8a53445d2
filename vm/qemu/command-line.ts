/** QEMU's command line: what a machine is made of → argv. Pure, so it can be a part of a template's key. */
import type { Architecture } from '../architecture.ts';
import type { DiskDevice } from '../machine.ts';

export type Accelerator = 'kvm' | 'tcg';

export interface QemuMachine {
  readonly architecture: Architecture;
  readonly accelerator: Accelerator;
  readonly memoryMiB: number;
  readonly cpus: number;
  /** Where the guest's RAM lies. `shared`: what the guest writes goes to the file; otherwise its pages are copied on write. */
  readonly ram:
    { readonly kind: 'anonymous' } | { readonly kind: 'file'; readonly path: string; readonly shared: boolean };
  readonly kernel: string;
  readonly initramfs: string;
  readonly slots: readonly Slot[];
  readonly device: DiskDevice;
  /** A connected socket: the other end of /dev/hvc0. Undefined for none. */
  readonly terminal?: number | undefined;
  /** Comes up stopped and waits for `migrate-incoming`. */
  readonly incoming: boolean;
}

export type Slot =
  /** Reads as zeros. */
  | { readonly kind: 'empty'; readonly sizeBytes: number }
  /** A raw image, open for reading as this descriptor; what the guest writes goes to an unlinked temporary file in $TMPDIR. */
  | { readonly kind: 'image'; readonly descriptor: number };

/** The descriptors that QEMU is started with: no socket or log file has a name that somebody else could open. */
export interface Descriptors {
  /** A connected socket. */
  readonly qmp: number;
  /** A connected socket: the agent's port. */
  readonly agent: number;
  /** Open for writing. */
  readonly console: number;
}

/** The port's name in the guest: /sys/class/virtio-ports/…/name. */
export const AGENT_PORT = 'fathom';

/**
 * What the kernel is told.
 *
 * - `panic=-1 oops=panic`: the first oops ends the guest at once, with the whole of it on the console
 *   (oops_begin and panic call console_verbose(), so `quiet` does not hide it)
 * - `nokaslr`: addresses mean something without the guest's help
 * - `randomize_kstack_offset=off`: no noise of up to 1 KB in stack depths
 */
export function kernelCommandLine(architecture: Architecture): string {
  return [
    `console=${architecture.console}`,
    architecture.earlyConsole,
    'quiet',
    'loglevel=4',
    'panic=-1',
    'oops=panic',
    'nokaslr',
    'randomize_kstack_offset=off',
  ].join(' ');
}

const SANDBOX = 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny';

/**
 * argv after the program's name. Several CPUs under TCG share one thread: with a thread each, a CPU can run an
 * instruction that another one is patching (jump labels, ftrace), and the guest dies of an int3 that is QEMU's fault.
 *
 * `name` is for people and for the reaper; it does not change the machine.
 */
export function qemuArguments(machine: QemuMachine, descriptors: Descriptors, name: string): readonly string[] {
  const { architecture, accelerator, ram } = machine;
  const memory = ram.kind === 'anonymous' ? 'memory-backend-ram' : 'memory-backend-file';
  const place = ram.kind === 'anonymous' ? '' : `,mem-path=${escaped(ram.path)},share=${ram.shared ? 'on' : 'off'}`;
  return [
    ...['-name', name],
    '-nodefaults',
    '-no-user-config',
    '-no-reboot',
    ...['-display', 'none'],
    ...['-nic', 'none'],
    ...['-sandbox', SANDBOX],
    ...['-machine', `${architecture.machine},memory-backend=ram`],
    ...['-accel', accelerator === 'tcg' && machine.cpus > 1 ? 'tcg,thread=single' : accelerator],
    ...['-cpu', architecture.cpu[accelerator]],
    ...['-smp', String(machine.cpus)],
    ...['-m', `${machine.memoryMiB}M`],
    ...['-object', `${memory},id=ram,size=${machine.memoryMiB}M${place}`],
    ...['-add-fd', `set=0,fd=${descriptors.console}`],
    ...['-chardev', 'file,id=console,path=/dev/fdset/0'],
    ...['-serial', 'chardev:console'],
    ...['-chardev', `socket,id=qmp,fd=${descriptors.qmp}`],
    ...['-mon', 'chardev=qmp,mode=control'],
    ...['-device', `virtio-serial-pci${bell(accelerator)}`],
    ...['-chardev', `socket,id=agent,fd=${descriptors.agent}`],
    ...['-device', `virtserialport,chardev=agent,name=${AGENT_PORT}`],
    ...(machine.terminal === undefined
      ? []
      : ['-chardev', `socket,id=terminal,fd=${machine.terminal}`, '-device', 'virtconsole,chardev=terminal']),
    ...controllerOf(machine.device, accelerator),
    ...machine.slots.flatMap((slot, index) => [
      ...(slot.kind === 'image' ? ['-add-fd', `set=${slot.descriptor},fd=${slot.descriptor}`] : []),
      ...['-drive', `if=none,id=slot${index},${backing(slot)}`],
      ...['-device', diskOf(machine.device, index, accelerator)],
    ]),
    ...['-kernel', machine.kernel],
    ...['-initrd', machine.initramfs],
    ...['-append', kernelCommandLine(architecture)],
    ...(machine.incoming ? ['-S', '-incoming', 'defer'] : []),
  ];
}

/**
 * An emulated CPU that rings a device's bell does the device's work itself: to wake another thread for it takes a twentieth of
 * a guest's time. The guest sees no difference.
 */
function bell(accelerator: Accelerator): string {
  return accelerator === 'tcg' ? ',ioeventfd=off' : '';
}

/** One controller for all disks; virtio-blk is each disk's own. */
function controllerOf(device: DiskDevice, accelerator: Accelerator): readonly string[] {
  switch (device) {
    case 'virtio-blk':
      return [];
    case 'virtio-scsi':
      return ['-device', `virtio-scsi-pci,id=disks${bell(accelerator)}`];
    case 'nvme':
      return ['-device', 'nvme,id=disks,serial=disks'];
  }
  device satisfies never;
}

/** The agent tells SCSI disks by their target and NVMe namespaces, which count from 1, by their number (disks.c). */
function diskOf(device: DiskDevice, slot: number, accelerator: Accelerator): string {
  switch (device) {
    case 'virtio-blk':
      return `virtio-blk-pci,drive=slot${slot},serial=slot${slot}${bell(accelerator)}`;
    case 'virtio-scsi':
      return `scsi-hd,bus=disks.0,channel=0,scsi-id=${slot},lun=0,drive=slot${slot},serial=slot${slot}`;
    case 'nvme':
      return `nvme-ns,bus=disks,nsid=${slot + 1},drive=slot${slot}`;
  }
  device satisfies never;
}

function backing(slot: Slot): string {
  return slot.kind === 'empty'
    ? `driver=null-co,size=${slot.sizeBytes},read-zeroes=on`
    : `driver=raw,file.driver=file,file.filename=/dev/fdset/${slot.descriptor},snapshot=on`;
}

/** In QEMU's option lists a comma ends a value and two are one. */
function escaped(value: string): string {
  return value.replaceAll(',', ',,');
}
