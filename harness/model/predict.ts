/** Scenario + profile → a prediction a step. Pure: no I/O, no clock. */
import type { MountApi, Scenario, Step } from '../scenario.ts';
import { bottomOf, notationOf } from '../topology/notation.ts';
import { imageOf, join, lookUp, lookUpFile, mountsBelow, type ErofsMount, type FileSource, type LoopDevice, type Mount } from '../topology/topology.ts';
import type { Behaviours } from './behaviour.ts';
import type { Contents, Prediction } from './prediction.ts';
import { mountErofs, type ImageFacts, type SourceFacts } from './rules/erofs.ts';
import { attachLoop } from './rules/loop.ts';
import { mountOverlay } from './rules/overlay.ts';
import type { Refusal } from './rules/rule.ts';
import { fuseDepth, mountEcryptfs } from './rules/stackers.ts';
import type { Superblock } from './superblock.ts';

export interface StepPrediction {
  readonly step: string;
  readonly prediction: Prediction;
}

/** What the kernel with these behaviours does with each step, in order. */
export function predict(scenario: Scenario, behaviours: Behaviours): readonly StepPrediction[] {
  const world = new World(behaviours);
  return scenario.steps.map((step) => ({ step: step.name, prediction: world.step(step) }));
}

/** The mounts made so far, and what has been written. */
class World {
  readonly #behaviours: Behaviours;
  readonly #superblocks = new Map<Mount, Superblock>();
  /** Mounts and loop devices that are refused or never tried → the step that says so. */
  readonly #absent = new Map<Mount | LoopDevice, string>();
  readonly #appended = new Map<string, string[]>();

  constructor(behaviours: Behaviours) {
    this.#behaviours = behaviours;
  }

  step(step: Step): Prediction {
    switch (step.kind) {
      case 'mount':
        return this.#mount(step.mount, step.name, step.api);
      case 'attach':
        return this.#attach(step.loop, step.name);
      case 'read':
        return this.#unreachable([step.file.on]) ?? { kind: 'ok', contents: this.#contents(step.file.on, step.file.path), messages: [], why: 'the contents are those that went in' };
      case 'write':
        return this.#unreachable([step.file.on]) ?? this.#write(step.file.on, step.file.path, step.append);
    }
    return step satisfies never;
  }

  #mount(mount: Mount, step: string, api: MountApi): Prediction {
    const unreachable = this.#unreachable(mountsBelow(mount), mount.kind === 'erofs' && mount.source.kind === 'loop' ? mount.source : undefined);
    if (unreachable !== undefined) {
      this.#absent.set(mount, unreachable.because);
      return unreachable;
    }
    const result = this.#made(mount, api);
    if ('errno' in result) {
      this.#absent.set(mount, step);
      return { kind: 'refused', ...result };
    }
    const { messages = [], ...superblock } = result;
    this.#superblocks.set(mount, { mount, ...superblock });
    return { kind: 'ok', depth: superblock.depth, messages, why: `${notationOf(mount)} has depth ${superblock.depth}` };
  }

  #made(mount: Mount, api: MountApi): Refusal | (Omit<Superblock, 'mount'> & { messages?: Extract<Prediction, { kind: 'ok' }>['messages'] }) {
    const depthOf = (other: Mount) => this.#superblockOf(other).depth;
    switch (mount.kind) {
      case 'disk':
        return { type: mount.disk.filesystem, depth: 0, hasBlockDevice: true, hasReadFolio: true, readOnly: mount.disk.filesystem === 'erofs', isOverlay: false };
      case 'tmpfs':
        return { type: 'tmpfs', depth: 0, hasBlockDevice: false, hasReadFolio: false, readOnly: false, isOverlay: false };
      case 'erofs': {
        const loopRefusal = mount.source.kind === 'loop' ? this.#loopRefusal(mount.source) : undefined;
        if (loopRefusal !== undefined) return loopRefusal;
        const subject = { mount, api, depthOf, source: this.#sourceFacts(mount.source), image: imageFacts(mount), devices: mount.devices.map((device) => this.#sourceFacts(device)) };
        const result = mountErofs(subject, this.#behaviours);
        return 'errno' in result ? result : { type: 'erofs', hasBlockDevice: mount.source.kind === 'loop', hasReadFolio: true, readOnly: true, isOverlay: false, ...result };
      }
      case 'overlay': {
        const result = mountOverlay({ mount, api, depthOf, superblockOf: (other) => this.#superblockOf(other) }, this.#behaviours);
        return 'errno' in result ? result : { type: 'overlay', hasBlockDevice: false, hasReadFolio: false, readOnly: mount.upper === undefined, isOverlay: true, ...result };
      }
      case 'fuse':
        return { type: 'fuse', depth: fuseDepth(mount, this.#behaviours), hasBlockDevice: false, hasReadFolio: true, readOnly: false, isOverlay: false };
      case 'ecryptfs': {
        const result = mountEcryptfs(mount, this.#superblockOf(mount.over.on), depthOf, this.#behaviours);
        return 'errno' in result ? result : { type: 'ecryptfs', hasBlockDevice: false, hasReadFolio: true, readOnly: false, isOverlay: false, ...result };
      }
    }
    return mount satisfies never;
  }

  #attach(loop: LoopDevice, step: string): Prediction {
    const unreachable = this.#unreachable([loop.backing.on]);
    const refusal = unreachable ?? this.#loopRefusal(loop);
    if (refusal !== undefined) this.#absent.set(loop, step);
    if (unreachable !== undefined) return unreachable;
    return refusal === undefined ? { kind: 'ok', messages: [], why: 'a loop device takes any file, and what is mounted on it has depth 0' } : { kind: 'refused', ...(refusal as Refusal) };
  }

  #loopRefusal(loop: LoopDevice): Refusal | undefined {
    const found = lookUpFile(loop.backing);
    const on = this.#superblockOf(bottomOf(loop));
    const backing =
      loop.backing.kind === 'missing'
        ? ({ kind: 'missing' } as const)
        : found?.kind === 'directory'
          ? ({ kind: 'other' } as const)
          : ({ kind: 'regular', on, hasReadIter: true, hasWriteIter: true, canDirectIo: on.type !== 'tmpfs' } as const);
    const result = attachLoop({ backing, device: '', readOnly: true, directIo: loop.directIo }, this.#behaviours);
    return 'errno' in result ? result : undefined;
  }

  #sourceFacts(source: FileSource | LoopDevice): SourceFacts {
    if (source.kind === 'loop') return { kind: 'block' };
    const found = lookUpFile(source);
    if (found === undefined) return { kind: 'missing' };
    if (found.kind === 'directory') return { kind: 'other' };
    return { kind: 'regular', on: this.#superblockOf(source.on), as: 'path' };
  }

  /** W1: a read-only superblock or mount refuses. fs/namespace.c:mnt_want_write */
  #write(on: Mount, path: string, append: string): Prediction {
    if (this.#superblockOf(on).readOnly)
      return { kind: 'refused', rule: 'W1', errno: 'EROFS', messages: [], why: `${notationOf(on)} is read-only` };
    const key = this.#fileKey(on, path);
    this.#appended.set(key, [...(this.#appended.get(key) ?? []), append]);
    return { kind: 'ok', messages: [], why: on.kind === 'overlay' ? 'the file is copied up into the upper layer' : 'the file is written in place' };
  }

  /** An overlay shows its topmost lower's file, with what was appended through the overlay itself. */
  #contents(on: Mount, path: string): Contents | undefined {
    const appended = this.#appended.get(this.#fileKey(on, path)) ?? [];
    if (on.kind === 'overlay') {
      const lower = on.lowers.find((layer) => lookUp(layer.on, join(layer.path, path)) !== undefined);
      const below = lower === undefined ? undefined : this.#contents(lower.on, join(lower.path, path));
      return below === undefined ? undefined : { base: below.base, appended: [...below.appended, ...appended] };
    }
    const node = lookUp(on, path);
    return node?.kind === 'file' ? { base: node.content, appended } : undefined;
  }

  readonly #mountNumbers = new Map<Mount, number>();
  #fileKey(on: Mount, path: string): string {
    if (!this.#mountNumbers.has(on)) this.#mountNumbers.set(on, this.#mountNumbers.size);
    return `${this.#mountNumbers.get(on)}:${path}`;
  }

  /** A disk or tmpfs is there when it is needed; every other mount has had its step. */
  #superblockOf(mount: Mount): Superblock {
    const known = this.#superblocks.get(mount);
    if (known !== undefined) return known;
    const made = this.#made(mount, 'mount');
    if ('errno' in made) throw new Error(`the model needs ${notationOf(mount)}, which it says is refused`);
    const { messages: _, ...superblock } = made;
    const result = { mount, ...superblock };
    this.#superblocks.set(mount, result);
    return result;
  }

  #unreachable(needed: readonly Mount[], loop?: LoopDevice): Extract<Prediction, { kind: 'unreachable' }> | undefined {
    const missing = [...needed, ...(loop === undefined ? [] : [loop])].find((item) => this.#absent.has(item));
    if (missing === undefined) return undefined;
    const because = this.#absent.get(missing)!;
    return { kind: 'unreachable', because, why: `it stands on "${because}", which is refused` };
  }
}

function imageFacts(mount: ErofsMount): ImageFacts | undefined {
  const image = imageOf(mount);
  if (image === undefined) return undefined;
  const devices = image.blobs ?? 0;
  return {
    validMagic: true,
    blkszbits: Math.log2(image.blockBytes ?? 4096),
    validChecksum: true,
    unknownIncompat: 0,
    compressed: image.compression !== undefined,
    extraDevices: devices,
    untaggedDevices: devices,
    hasShareXattrs: false,
  };
}
