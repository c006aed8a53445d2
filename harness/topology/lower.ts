/**
 * Scenario → plan: the system calls that make the mount graph, in the agent's words. Nothing beyond this file knows
 * scenarios, and nothing in the plan knows the model.
 */
import {
  HarnessError,
  type Change,
  type DiskVerity,
  type Operation,
  type Plan,
  type PlanStep,
} from '../../vm/machine.ts';
import type { MountApi, MountStep, ReadStep, ReconfigureStep, Scenario, SoundStep, Step } from '../scenario.ts';
import { fuseOperation, mountOperation, reconfigureOperation } from './mount-operation.ts';
import {
  ecryptfsParameters,
  ECRYPTFS_SIGNATURE,
  erofsParameters,
  overlayMountParameters,
  tmpfsParameters,
  type MountParameter,
} from './mount-options.ts';
import { disksOf, mountsOf } from './needs.ts';
import { overlayParameters } from './overlay-parameters.ts';
import {
  directoriesOf,
  fileUnder,
  isReadOnlyDisk,
  type DirectoryIn,
  type DiskMount,
  type ErofsSource,
  type FileSource,
  type LoopDevice,
  type Mount,
  type OverlayMount,
  type OverlayParameter,
} from './topology.ts';

export { mountsOf, needsOf, type Needs } from './needs.ts';

/** Where plans mount. The place is in the initramfs and in the plan's own mount namespace. */
const MOUNT_ROOT = '/fathom';
/** Where loop devices are found by name (a contract with the agent). */
const LOOP_ROOT = '/run/fathom/loop';

const MOUNT_POINTS = 'set-up: mount points';

/** Longest step id that the agent takes, in bytes. */
const MAX_ID_BYTES = 127;

export interface LoweringOptions {
  /** Name of the plan in the agent's transcript. */
  readonly id: string;
  /** Device node of the scenario's nth disk. */
  readonly device: (index: number) => string;
  /** Of a disk that was built with a dm-verity tree. */
  readonly verity?: (index: number) => DiskVerity | undefined;
  /** Time for one step, in ms, already scaled for the machine. */
  readonly deadlineMs: number;
}

/** As vm/image/verity.ts builds the tree. */
const VERITY_FORMAT = { blockBytes: 4096, algorithm: 'sha256' } as const;

/** One read(2) of a whole file, traced. */
function soundOf(path: string): Operation {
  return { op: 'exercise', how: 'read', path, to: '', seed: 1, count: 1, processes: 1, cgroup: '', trace: true };
}

/** A plan whose step ids are the scenario's step names; what comes before them is called `set-up: …`. */
export function lower(scenario: Scenario, options: LoweringOptions): Plan {
  const writer = new PlanWriter(scenario, options);
  for (const step of scenario.steps) writer.addStep(step);
  return { v: 1, type: 'plan', id: options.id, steps: writer.steps };
}

/** Keeps what has been placed where, so that each set-up is done once and everything names what it stands on. */
class PlanWriter {
  readonly steps: PlanStep[] = [];
  readonly #options: LoweringOptions;
  readonly #disks: readonly DiskMount[];
  readonly #overlays: readonly OverlayMount[];
  readonly #targets = new Map<Mount, string>();
  /** Step id that provides a mount or loop device. */
  readonly #providers = new Map<Mount | LoopDevice, string>();
  readonly #loopNames = new Map<LoopDevice, string>();
  /** What a set-up does, in full words → its step id, which may be shorter. */
  readonly #setUpIds = new Map<string, string>();

  constructor(scenario: Scenario, options: LoweringOptions) {
    this.#options = options;
    const mounts = mountsOf(scenario);
    this.#disks = disksOf(mounts);
    this.#overlays = mounts.filter((mount) => mount.kind === 'overlay');
    mounts.forEach((mount, index) =>
      this.#targets.set(mount, mount.kind === 'machine' ? '/' : `${MOUNT_ROOT}/${index}-${mount.kind}`),
    );
    // All at once: a step of its own costs more than the directory that it makes.
    const paths = [...this.#targets.values()].filter((target) => target !== '/');
    if (paths.length > 0) this.#add(MOUNT_POINTS, [], { op: 'mkdir', paths, mode: 0o755 });
  }

  addStep(step: Step): void {
    switch (step.kind) {
      case 'mount':
        return this.#mount(step.mount, step.name, step.api, step.by);
      case 'unmount':
        return this.#add(step.name, [this.#provide(step.mount)], {
          op: 'umount',
          target: this.#target(step.mount),
          lazy: false,
        });
      case 'reconfigure':
        return this.#add(step.name, [this.#provide(step.mount)], this.#reconfigure(step));
      case 'lose-writes':
        return this.#add(step.name, [this.#provide(step.mount)], {
          op: 'lose-writes',
          path: this.#target(step.mount),
        });
      case 'seal':
        return this.#add(step.name, [this.#provide(step.file.on)], { op: 'fsverity', path: this.#path(step.file) });
      case 'look':
        return this.#add(step.name, [this.#provide(step.at.on)], {
          op: 'look',
          path: `${this.#path(step.at)}/${step.holds}`,
        });
      case 'attach':
        return this.#attach(step.loop, step.name);
      case 'detach':
        return this.#add(step.name, [this.#providers.get(step.loop)!], {
          op: 'loop-detach',
          name: this.#loopName(step.loop),
          keepName: true,
        });
      case 'read':
        return this.#read(step);
      case 'write':
        return this.#add(step.name, [this.#provide(step.file.on)], {
          op: 'open-write',
          path: this.#path(step.file),
          append: step.append,
        });
      case 'sound':
        this.#dropCaches(step);
        return this.#add(step.name, [this.#provide(step.file.on)], soundOf(this.#path(step.file)));
      case 'upper':
        return this.#add(step.name, [this.#provide(step.overlay)], {
          op: 'tree',
          path: this.#path(this.#upperOf(step.overlay)),
        });
      case 'change':
        return this.#add(step.name, [this.#provide(step.on)], {
          op: 'change',
          change: this.#absolute(step.on, step.change),
        });
      case 'list':
      case 'unchanged':
        return this.#add(step.name, [this.#provide(step.directory.on)], {
          op: 'tree',
          path: this.#path(step.directory),
        });
      case 'backing':
        return this.#add(step.name, [this.#provide(step.fuse), this.#provide(step.file.on)], {
          op: 'fuse-backing',
          target: this.#target(step.fuse),
          file: this.#path(step.file),
        });
    }
    return step satisfies never;
  }

  #read(step: ReadStep): void {
    const path = this.#path(step.file);
    if (step.by !== undefined) this.#dropCaches(step);
    const operation: Operation = step.by === undefined ? { op: 'read', path } : { op: 'read-by', path, how: step.by };
    this.#add(step.name, [this.#provide(step.file.on)], operation);
  }

  /** What lies in caches already is not read through the stack. */
  #dropCaches({ name, file }: ReadStep | SoundStep): void {
    this.#add(`set-up: drop caches for ${name}`, [this.#provide(file.on)], { op: 'drop-caches' });
  }

  #mount(mount: Mount, id: string, api: MountApi, by: MountStep['by'] = 'init'): void {
    const target = this.#target(mount);
    const needs = [MOUNT_POINTS];
    const fstype = fstypeOf(mount);
    let source: string = mount.kind;
    let parameters: readonly MountParameter[] = [];
    let rdonly = false;
    switch (mount.kind) {
      case 'disk':
        source = this.#blockDevice(mount, needs);
        rdonly = isReadOnlyDisk(mount.disk);
        break;
      case 'tmpfs':
        parameters = tmpfsParameters(mount);
        break;
      case 'bind':
        needs.push(this.#directory(mount.of));
        this.#add(id, needs, {
          op: 'bind',
          source: this.#path(mount.of),
          target,
          rdonly: mount.readOnly,
          unbindable: mount.unbindable,
        });
        this.#providers.set(mount, id);
        return;
      case 'machine':
        throw new HarnessError('the machine is there before any plan');
      case 'erofs': {
        rdonly = true;
        const pathOf = (each: ErofsSource): string =>
          each.kind === 'loop' ? this.#loop(each, needs) : this.#file(each, needs);
        source = pathOf(mount.source);
        parameters = erofsParameters(mount, mount.devices.map(pathOf));
        break;
      }
      case 'overlay':
        parameters = this.#overlayParameters(mount, needs);
        break;
      case 'fuse':
        this.#add(id, [...needs, this.#provide(mount.over.on)], fuseOperation(mount, this.#path(mount.over), target));
        this.#providers.set(mount, id);
        return;
      case 'ecryptfs':
        needs.push(this.#provide(mount.over.on));
        needs.push(this.#setUp('eCryptfs key', [], { op: 'ecryptfs-key', signature: ECRYPTFS_SIGNATURE }));
        source = this.#path(mount.over);
        parameters = ecryptfsParameters;
        break;
    }
    const sourceAs = mount.kind === 'erofs' ? mount.sourceAs : undefined;
    this.#add(id, needs, mountOperation(api, { fstype, source, sourceAs, target, parameters, rdonly }, by));
    this.#providers.set(mount, id);
  }

  /** The disk itself, or the dm-verity device on it. */
  #blockDevice(mount: DiskMount, needs: string[]): string {
    const index = this.#disks.indexOf(mount);
    const disk = this.#options.device(index);
    if (mount.disk.filesystem !== 'erofs' || mount.disk.verity === undefined) return disk;
    const verity = this.#options.verity?.(index);
    // Without it the mount would succeed, and what is measured would be another stack.
    if (verity === undefined) throw new HarnessError(`disk ${index} was built without its dm-verity tree`);
    const name = `verity${index}`;
    const operation: Operation = { op: 'verity', name, data: disk, hash: disk, ...VERITY_FORMAT, ...verity };
    needs.push(this.#setUp(`dm-verity on ${disk}`, [], operation));
    return `/dev/mapper/${name}`;
  }

  /** Provides every directory that the overlay names, and makes those that are to be made. */
  #overlayParameters(mount: OverlayMount, needs: string[]): readonly MountParameter[] {
    const parameters = this.#parametersOf(mount);
    const directories = parameters.flatMap(directoriesOf);
    for (const { on, made } of directories) if (made === undefined) needs.push(this.#provide(on));
    const made = directories.filter((directory) => directory.made !== undefined);
    for (const on of new Set(made.map((directory) => directory.on))) {
      // Those of all its overlays at once: a step of its own costs more than the directories that it makes.
      const paths = this.#overlays
        .flatMap((overlay) => this.#parametersOf(overlay).flatMap(directoriesOf))
        .filter((directory) => directory.on === on && directory.made !== undefined)
        .map((directory) => this.#path(directory));
      const words = `upper and work directories on ${this.#target(on)}`;
      needs.push(this.#setUp(words, [this.#provide(on)], { op: 'mkdir', paths: [...new Set(paths)], mode: 0o755 }));
    }
    for (const directory of made) if (directory.made === 'casefolded') needs.push(this.#directory(directory));
    return overlayMountParameters(parameters, (directory) => this.#path(directory));
  }

  #parametersOf(mount: OverlayMount): readonly OverlayParameter[] {
    const name = this.#target(mount).slice(MOUNT_ROOT.length + 1);
    return overlayParameters(mount, (kind) => `.fathom/${name}/${kind}`);
  }

  /** The step that makes a directory, or that mounts what it is in. */
  #directory(directory: DirectoryIn): string {
    const provided = this.#provide(directory.on);
    if (directory.made === undefined) return provided;
    const path = this.#path(directory);
    const made = this.#setUp(`mkdir ${path}`, [provided], { op: 'mkdir', paths: [path], mode: 0o755 });
    return directory.made === 'plain' ? made : this.#setUp(`casefold ${path}`, [made], { op: 'casefold', path });
  }

  #upperOf(mount: OverlayMount): DirectoryIn {
    const layer = this.#parametersOf(mount).find((each) => each.kind === 'layer' && each.key === 'upperdir');
    if (layer?.kind !== 'layer') throw new HarnessError('an overlay without an upper has no upper directory');
    return layer.directory;
  }

  #absolute(on: Mount, change: Change): Change {
    const path = this.#path({ on, path: change.path });
    return 'to' in change ? { ...change, path, to: this.#path({ on, path: change.to }) } : { ...change, path };
  }

  #reconfigure({ mount, api, parameters }: ReconfigureStep): Operation {
    const fstype = fstypeOf(mount);
    return reconfigureOperation(api, {
      fstype,
      source: fstype,
      target: this.#target(mount),
      parameters,
      rdonly: false,
    });
  }

  #attach(loop: LoopDevice, id: string): void {
    const needs: string[] = [];
    const { backing } = loop;
    const file = backing.kind === 'loop' ? this.#loop(backing, needs) : this.#file(backing, needs);
    this.#add(id, needs, { op: 'loop', name: this.#loopName(loop), file, rdonly: true, directIo: loop.directIo });
    this.#providers.set(loop, id);
  }

  #loop(loop: LoopDevice, needs: string[]): string {
    const name = this.#loopName(loop);
    if (!this.#providers.has(loop))
      this.#attach(loop, this.#setUpId(`loop device ${name} on ${this.#path(fileUnder(loop))}`));
    needs.push(this.#providers.get(loop)!);
    return `${LOOP_ROOT}/${name}`;
  }

  #loopName(loop: LoopDevice): string {
    const known = this.#loopNames.get(loop) ?? `l${this.#loopNames.size}`;
    this.#loopNames.set(loop, known);
    return known;
  }

  /** The path of a file, copied first where it is a copy. */
  #file(file: FileSource, needs: string[]): string {
    const path = this.#path(file);
    needs.push(this.#provide(file.on));
    if (file.kind === 'copy')
      needs.push(
        this.#setUp(`copy to ${path}`, [this.#provide(file.from.on), this.#provide(file.on)], {
          op: 'copy-file',
          from: this.#path(file.from),
          to: path,
        }),
      );
    return path;
  }

  /** The step that makes a mount; a disk or tmpfs is mounted here when it is first needed. */
  #provide(mount: Mount): string {
    // Whoever runs the plan stands on it.
    if (mount.kind === 'machine') return MOUNT_POINTS;
    const known = this.#providers.get(mount);
    if (known !== undefined) return known;
    const id = this.#setUpId(
      `mount ${mount.kind === 'disk' ? mount.disk.filesystem : mount.kind} ${this.#target(mount)}`,
    );
    this.#mount(mount, id, 'mount');
    return id;
  }

  #setUp(words: string, needs: readonly string[], operation: Operation): string {
    const isNew = !this.#setUpIds.has(words);
    const id = this.#setUpId(words);
    if (isNew) this.#add(id, needs, operation);
    return id;
  }

  /** Ids are short, and those of two long paths may not fall together. */
  #setUpId(words: string): string {
    const whole = `set-up: ${words}`;
    const id =
      this.#setUpIds.get(words) ??
      (Buffer.byteLength(whole) <= MAX_ID_BYTES ? whole : `${whole.slice(0, 24)}… #${this.#setUpIds.size}`);
    this.#setUpIds.set(words, id);
    return id;
  }

  #add(id: string, needs: readonly string[], operation: Operation): void {
    this.steps.push({ id, needs: [...new Set(needs)], deadlineMs: this.#options.deadlineMs, operation });
  }

  #target(mount: Mount): string {
    const target = this.#targets.get(mount);
    if (target === undefined) throw new HarnessError(`a ${mount.kind} mount has no place in the plan`);
    return target;
  }

  #path({ on, path }: { on: Mount; path: string }): string {
    const target = this.#target(on);
    if (path === '') return target;
    return target === '/' ? `/${path}` : `${target}/${path}`;
  }
}

function fstypeOf(mount: Mount): string {
  if (mount.kind === 'disk') return mount.disk.filesystem;
  return mount.kind === 'tmpfs' ? (mount.type ?? mount.kind) : mount.kind;
}
