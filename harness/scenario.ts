/** A scenario: a mount graph, what is done with it, and what it is meant to show. One file each, under scenarios/. */
import type { FileIn, LoopDevice, Mount } from './topology/topology.ts';

export interface Scenario {
  /** Unique; the file's name without its ending. */
  readonly name: string;
  /** What it is meant to show, in a sentence or two. */
  readonly shows: string;
  /** Rules of facts/kernel-rules.md and reports that it bears on. */
  readonly about: readonly string[];
  readonly steps: readonly Step[];
  /** It is meant to crash the guest, and how: it runs only when it is named itself, not with its group or with all. */
  readonly destructive?: string;
}

export type Step = MountStep | AttachStep | ReadStep | WriteStep | SoundStep;

/** Makes one mount. `api` says how: mount(2), or fsopen(2) with the context's own log. */
export interface MountStep {
  readonly kind: 'mount';
  readonly name: string;
  readonly mount: Mount;
  readonly api: MountApi;
}

export type MountApi = 'mount' | 'fsopen';

/** Attaches a loop device, where that itself is what is shown; otherwise loop devices are attached as needed. */
export interface AttachStep {
  readonly kind: 'attach';
  readonly name: string;
  readonly loop: LoopDevice;
}

/** Reads a whole file and compares its contents with what went in. */
export interface ReadStep {
  readonly kind: 'read';
  readonly name: string;
  readonly file: FileIn;
}

/** Opens a file for writing and appends: on an overlay's lower file a copy-up. */
export interface WriteStep {
  readonly kind: 'write';
  readonly name: string;
  readonly file: FileIn;
  readonly append: string;
}

/** Reads a whole file with the kernel's stack tracer on, and keeps the deepest stack (facts/measuring.md). */
export interface SoundStep {
  readonly kind: 'sound';
  readonly name: string;
  readonly file: FileIn;
}

export function scenario(parts: Scenario): Scenario {
  return parts;
}

export function mount(name: string, what: Mount, options: { api?: MountApi } = {}): MountStep {
  return { kind: 'mount', name, mount: what, api: options.api ?? 'mount' };
}

export function attach(name: string, device: LoopDevice): AttachStep {
  return { kind: 'attach', name, loop: device };
}

export function read(name: string, file: FileIn): ReadStep {
  return { kind: 'read', name, file };
}

export function write(name: string, file: FileIn, append: string): WriteStep {
  return { kind: 'write', name, file, append };
}

export function sound(name: string, file: FileIn): SoundStep {
  return { kind: 'sound', name, file };
}
