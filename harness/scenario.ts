/** A scenario: a mount graph, what is done with it, and what it is meant to show. One file each, under scenarios/. */
import type { MountParameter } from './topology/mount-options.ts';
import type { Change, ContentsWay } from '../vm/machine.ts';
import type {
  DirectoryIn,
  DiskMount,
  FileIn,
  FuseMount,
  LoopDevice,
  Mount,
  OverlayMount,
} from './topology/topology.ts';

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
  /** What it needs and few kernels have: it runs when it or its group is named, not with all. */
  readonly rare?: string;
}

export type Step =
  | MountStep
  | UnmountStep
  | ReconfigureStep
  | LookStep
  | LoseWritesStep
  | SealStep
  | AttachStep
  | DetachStep
  | ReadStep
  | WriteStep
  | SoundStep
  | TreeStep
  | BackingStep;

/** Makes one mount. `api` says how: mount(2), or fsopen(2) with the context's own log. */
export interface MountStep {
  readonly kind: 'mount';
  readonly name: string;
  readonly mount: Mount;
  readonly api: MountApi;
  /**
   * Who mounts it. `user-namespace`: a process that is root in a user namespace and mount namespace of its own, where the
   * mount also ends. `foreign-context`: init, with a context that such a process has opened.
   */
  readonly by: 'init' | 'user-namespace' | 'foreign-context';
}

/** Unmounts what an earlier step has mounted. */
export interface UnmountStep {
  readonly kind: 'unmount';
  readonly name: string;
  readonly mount: Mount;
}

/** Changes the options of a mount: by mount(2) with MS_REMOUNT, or through fspick(2). */
export interface ReconfigureStep {
  readonly kind: 'reconfigure';
  readonly name: string;
  readonly mount: Mount;
  readonly parameters: readonly MountParameter[];
  readonly api: MountApi;
}

/** Looks whether an overlay has made something in its workdir, which an earlier step has named. */
export interface LookStep {
  readonly kind: 'look';
  readonly name: string;
  readonly at: DirectoryIn;
  readonly holds: 'work' | 'index' | 'work/incompat/volatile';
}

/** Has fs-verity seal a file: it is read with its digest from then on, and never written to again. */
export interface SealStep {
  readonly kind: 'seal';
  readonly name: string;
  readonly file: FileIn;
}

export type MountApi = 'mount' | 'fsopen';

/** Writes to a disk and shuts its filesystem down before that is written back: an error that nobody sees (rule O36). */
export interface LoseWritesStep {
  readonly kind: 'lose-writes';
  readonly name: string;
  readonly mount: DiskMount;
}

/** Attaches a loop device, where that itself is what is shown; otherwise loop devices are attached as needed. */
export interface AttachStep {
  readonly kind: 'attach';
  readonly name: string;
  readonly loop: LoopDevice;
}

/** Takes a loop device's backing away. Its node stays, unbound, and so does its name in the scenario. */
export interface DetachStep {
  readonly kind: 'detach';
  readonly name: string;
  readonly loop: LoopDevice;
}

/** Reads a whole file and compares its contents with what went in. */
export interface ReadStep {
  readonly kind: 'read';
  readonly name: string;
  readonly file: FileIn;
  /** Left out: read(2). Any other way reads with cold caches; `exec` wants `selfPrinting` (topology/self-printing.ts). */
  readonly by?: ContentsWay;
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

/** What is shown of a tree, and what is done to it. */
export type TreeStep = ListStep | UnchangedStep | UpperStep | ChangeStep;

/**
 * Lists a directory and all below it, and compares every entry with what the model says: type, mode, owner, size, link
 * target, contents, names, time, attributes, and which have one device and inode number.
 */
export interface ListStep {
  readonly kind: 'list';
  readonly name: string;
  readonly directory: DirectoryIn;
}

/** Lists a directory of what was filled at build time, which must be as it was built. */
export interface UnchangedStep {
  readonly kind: 'unchanged';
  readonly name: string;
  readonly directory: DirectoryIn;
}

/** Lists what lies in the upper directory of an overlay, as its filesystem shows it. */
export interface UpperStep {
  readonly kind: 'upper';
  readonly name: string;
  readonly overlay: OverlayMount;
}

/** One change of what a mount shows; paths are relative to its root. */
export interface ChangeStep {
  readonly kind: 'change';
  readonly name: string;
  readonly on: Mount;
  readonly change: Change;
}

/** Offers a file to the connection of a FUSE mount as a backing file, as its daemon does before it passes one through. */
export interface BackingStep {
  readonly kind: 'backing';
  readonly name: string;
  readonly fuse: FuseMount;
  readonly file: FileIn;
}

export function scenario(parts: Scenario): Scenario {
  return parts;
}

export function mount(
  name: string,
  what: Mount,
  { api = 'mount', by = 'init' }: { api?: MountApi; by?: MountStep['by'] } = {},
): MountStep {
  return { kind: 'mount', name, mount: what, api, by };
}

export function unmount(name: string, what: Mount): UnmountStep {
  return { kind: 'unmount', name, mount: what };
}

export function reconfigure(
  name: string,
  what: Mount,
  parameters: readonly MountParameter[],
  options: { api?: MountApi } = {},
): ReconfigureStep {
  return { kind: 'reconfigure', name, mount: what, parameters, api: options.api ?? 'mount' };
}

export function look(name: string, at: DirectoryIn, holds: LookStep['holds']): LookStep {
  return { kind: 'look', name, at, holds };
}

export function loseWrites(name: string, what: DiskMount): LoseWritesStep {
  return { kind: 'lose-writes', name, mount: what };
}

export function seal(name: string, file: FileIn): SealStep {
  return { kind: 'seal', name, file };
}

export function attach(name: string, device: LoopDevice): AttachStep {
  return { kind: 'attach', name, loop: device };
}

export function detach(name: string, device: LoopDevice): DetachStep {
  return { kind: 'detach', name, loop: device };
}

export function read(name: string, file: FileIn, { by }: { by?: ContentsWay } = {}): ReadStep {
  return { kind: 'read', name, file, ...(by === undefined ? {} : { by }) };
}

export function write(name: string, file: FileIn, append: string): WriteStep {
  return { kind: 'write', name, file, append };
}

export function backing(name: string, over: FuseMount, file: FileIn): BackingStep {
  return { kind: 'backing', name, fuse: over, file };
}

export function sound(name: string, file: FileIn): SoundStep {
  return { kind: 'sound', name, file };
}

export function list(name: string, what: Mount | DirectoryIn): ListStep {
  return { kind: 'list', name, directory: directoryOf(what) };
}

export function unchanged(name: string, what: Mount | DirectoryIn): UnchangedStep {
  return { kind: 'unchanged', name, directory: directoryOf(what) };
}

export function upper(name: string, of: OverlayMount): UpperStep {
  return { kind: 'upper', name, overlay: of };
}

/** A step a change, in order, each named for what it does. */
export function changes(name: string, on: Mount, ...all: readonly Change[]): readonly ChangeStep[] {
  return all.map((change, index) => ({ kind: 'change', name: `${name} ${index + 1}: ${inWords(change)}`, on, change }));
}

function inWords(change: Change): string {
  const words = [change.how, change.path, ...('to' in change ? ['to', change.to] : [])];
  return words.map(shortened).join(' ');
}

/** A step's name has 100 bytes for all its words. */
function shortened(word: string): string {
  if (Buffer.byteLength(word) <= 30) return word;
  const letters = Array.from(word);
  while (Buffer.byteLength(letters.join('')) > 29) letters.pop();
  return `${letters.join('')}…`;
}

function directoryOf(what: Mount | DirectoryIn): DirectoryIn {
  return 'on' in what ? what : { on: what, path: '' };
}
