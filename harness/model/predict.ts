/** Scenario + profile → a prediction a step. Pure: no I/O, no clock. */
import type { LookStep, MountApi, MountStep, ReadStep, ReconfigureStep, Scenario, Step } from '../scenario.ts';
import { notationOf } from '../topology/notation.ts';
import {
  imageNodeOf,
  imageOffsetOf,
  loopsUnder,
  isImplicit,
  lookUp,
  lookUpFile,
  loopsOf,
  loopsOfMount,
  mountsBelow,
  mountsNeeded,
  mountsOfSource,
  canSeal,
  verityOf,
  type CopiedFile,
  type ErofsMount,
  type FileIn,
  type FileSource,
  type FuseMount,
  type LoopDevice,
  type Mount,
  type OverlayMount,
} from '../topology/topology.ts';
import type { Behaviours } from './behaviour.ts';
import { imageFactsOf } from './image-facts.ts';
import { Loops } from './loops.ts';
import { refusedObject, sparedByObject } from './object-refusals.ts';
import type { ExpectedMessage, Prediction } from './prediction.ts';
import { diskMessages, mountDisk, mountTmpfs } from './rules/backing.ts';
import { mountErofs } from './rules/erofs.ts';
import { sparedByReading } from './rules/erofs-data.ts';
import { undeterminedRead } from './rules/erofs-damage.ts';
import type { ErofsSubject, SourceFacts } from './rules/erofs-facts.ts';
import { Overlays, Places } from './places.ts';
import { exercisedByMount } from './rules/exercised-mount.ts';
import { mountOverlay } from './rules/overlay.ts';
import { reconfigureOverlay } from './rules/overlay-reconfigure.ts';
import { isRefusal, logged, type Acceptance, type Refusal, type RuleId } from './rules/rule.ts';
import { exercisedByFuse, fuseDepth, mountEcryptfs, openFuseBacking } from './rules/stackers.ts';
import { superblockOf, type Superblock } from './superblock.ts';
import { Trees } from './tree/trees.ts';
import { predictTree, readBack, readDirectly, unknown } from './tree-steps.ts';

export interface StepPrediction {
  readonly step: string;
  readonly prediction: Prediction;
}

/** What the kernel with these behaviours does with each step, in order. */
export function predict(scenario: Scenario, behaviours: Behaviours): readonly StepPrediction[] {
  const world = new World(behaviours);
  return scenario.steps.map((step) => ({ step: step.name, prediction: world.predict(step) }));
}

/** The files that the plan copies for a step. */
function copiesFor(step: Step): readonly CopiedFile[] {
  const erofs = step.kind === 'mount' && step.mount.kind === 'erofs' ? [step.mount.source, ...step.mount.devices] : [];
  return [...erofs, ...loopsOf(step).map(({ backing }) => backing)].filter((source) => source.kind === 'copy');
}
/** Rules that let a file be opened, and refuse what is asked of its data. */
const ONLY_DATA: ReadonlySet<RuleId> = new Set<RuleId>(['E32', 'I8', 'I9', 'I11']);

type Unreachable = Extract<Prediction, { kind: 'unreachable' }>;

/** The mounts made so far, and what has been written. */
class World {
  readonly #behaviours: Behaviours;
  readonly #superblocks = new Map<Mount, Superblock>();
  /** The superblock of a loop device that is mounted: a second mount of the device shares it. */
  readonly #onLoops = new Map<LoopDevice, Superblock>();
  /** Mounts and loop devices that are refused or never tried → the step that says so. */
  readonly #absent = new Map<Mount | LoopDevice, string>();
  readonly #loops: Loops;
  readonly #trees: Trees;
  /** By mount, the paths to which the plan has copied a file. */
  readonly #copied = new Map<Mount, Set<string>>();
  readonly #places: Places;
  readonly #overlays = new Overlays();
  /** Numbers overlays, for directories that are their own. */
  readonly #numbers = new Map<Mount, number>();

  constructor(behaviours: Behaviours) {
    this.#behaviours = behaviours;
    this.#loops = new Loops(behaviours, (mount) => this.#superblockOf(mount));
    this.#trees = new Trees(behaviours);
    this.#places = new Places((mount) => this.#superblockOf(mount), behaviours);
  }

  predict(step: Step): Prediction {
    const setUp = this.#setUp(step);
    const prediction = this.#step(step);
    return setUp.length === 0 ? prediction : { ...prediction, messages: [...setUp, ...(prediction.messages ?? [])] };
  }

  /** Mounts the disks and tmpfs that a step is the first to need, as the plan does; what that may say. */
  #setUp(step: Step): readonly ExpectedMessage[] {
    const said: ExpectedMessage[] = [];
    const provide = (mount: Mount): void => {
      // What is there stands on what is there.
      if (this.#superblocks.has(mount)) return;
      for (const below of mountsBelow(mount)) provide(below);
      if (!isImplicit(mount)) return;
      this.#superblocks.set(mount, superblockOf(mount, 0));
      if (mount.kind === 'disk') said.push(...diskMessages(mount.disk.filesystem, this.#behaviours));
    };
    for (const mount of mountsNeeded(step)) provide(mount);
    for (const copy of copiesFor(step)) {
      const key = copy.on;
      const known = this.#copied.get(key) ?? new Set<string>();
      if (!known.has(copy.path)) this.#trees.copyFile(copy.from, copy.on, copy.path);
      this.#copied.set(key, known.add(copy.path));
    }
    return said;
  }

  #step(step: Step): Prediction {
    switch (step.kind) {
      case 'mount':
        return this.#mount(step);
      case 'unmount':
        return this.#unmount(step.mount, step.name);
      case 'reconfigure':
        return this.#unreachable([step.mount]) ?? this.#reconfigure(step);
      case 'lose-writes':
        return this.#loseWrites(step.mount);
      case 'seal':
        return this.#unreachable([step.file.on]) ?? this.#seal(step.file);
      case 'look':
        return this.#unreachable([step.at.on]) ?? this.#look(step);
      case 'attach':
        return this.#attach(step.loop, step.name);
      case 'detach':
        return this.#detach(step.loop);
      case 'sound':
        return (
          this.#unreachable([step.file.on]) ?? { kind: 'ok', messages: [], why: 'nothing bounds how deep a read goes' }
        );
      case 'read':
        return (
          this.#unreachable([step.file.on]) ??
          this.#refusedObject(step.file) ??
          this.#unreadable(step) ??
          this.#sparing(step.file, readBack(step.file, this.#trees))
        );
      case 'list':
      case 'unchanged':
      case 'upper':
      case 'change':
        return this.#unreachable(mountsNeeded(step)) ?? predictTree(step, this.#trees, this.#behaviours);
      case 'write':
        return (
          this.#unreachable([step.file.on]) ??
          this.#refusedObject(step.file) ??
          this.#write(step.file.on, step.file.path, step.append)
        );
      case 'backing':
        return this.#unreachable(mountsNeeded(step)) ?? this.#offer(step.fuse, step.file.on);
    }
    return step satisfies never;
  }

  /** Why the bytes of a file are not had, by the way in which they are asked for. */
  #unreadable({ file, by }: ReadStep): Prediction | undefined {
    const undetermined = this.#undetermined(file);
    if (by === undefined) return undetermined;
    const read = undetermined ?? this.#readTree(file);
    if (read?.kind === 'refused' && !ONLY_DATA.has(read.rule)) return read;
    const direct = by === 'direct' ? readDirectly(file, this.#trees) : undefined;
    if (direct?.kind === 'refused' || read === undefined) return direct;
    // read(2) has the errno of a page that cannot be read, a fault in a mapping SIGBUS, and the others whichever.
    return unknown(`what ${by} makes of data that cannot be read`);
  }

  /** I9: where nothing says what a read(2) straight from an erofs mount gives. */
  #undetermined({ on, path }: FileIn): Prediction | undefined {
    if (on.kind !== 'erofs') return undefined;
    const mount = { damage: imageNodeOf(on)?.damage ?? [], isFileBacked: on.source.kind !== 'loop' };
    const undetermined = undeterminedRead(path, mount, this.#behaviours);
    return undetermined === undefined ? undefined : { kind: 'ok', messages: [], undetermined, why: undetermined };
  }

  /** What cannot be read, or not even looked up, whatever it is read through. */
  #readTree({ on, path }: FileIn): Prediction | undefined {
    const read = this.#trees.read(on, path);
    return read?.kind === 'refused' ? read : undefined;
  }

  /** A read says which rules about damage, compressed data, dm-verity and objects it just spares. */
  #sparing({ on, path }: FileIn, prediction: Prediction): Prediction {
    if (prediction.kind !== 'ok') return prediction;
    const spared: RuleId[] = [...sparedByObject(on, path, this.#behaviours, this.#trees)];
    if (on.kind === 'disk' && verityOf(on) !== undefined) spared.push('I11');
    const triggered: RuleId[] = [];
    const node = on.kind === 'erofs' ? imageNodeOf(on) : undefined;
    const file = lookUp(on, path);
    if (node?.image.kind === 'erofs' && file?.kind === 'file') {
      spared.push('I5', 'I6', 'I7', ...sparedByReading(node.image, file.content));
      if (node.damage?.some((one) => one.kind === 'data' && one.of === path)) triggered.push('I10');
    }
    return spared.length + triggered.length === 0 ? prediction : { ...prediction, exercised: { triggered, spared } };
  }

  #mount({ mount, name: step, api, by }: MountStep): Prediction {
    const loop = mount.kind === 'erofs' && mount.source.kind === 'loop' ? mount.source : undefined;
    const unreachable = this.#unreachable([...mountsBelow(mount), ...loopsOfMount(mount)]);
    if (unreachable !== undefined) {
      this.#absent.set(mount, unreachable.because);
      return unreachable;
    }
    const answer = this.#answer(mount, api, by);
    if (isRefusal(answer)) {
      this.#absent.set(mount, step);
      const { rule, errno, messages, why, unknown } = answer;
      return {
        kind: 'refused',
        rule,
        errno,
        messages,
        why,
        unknown,
        get exercised() {
          return exercisedByMount(mount, api, answer);
        },
      };
    }
    const { depth, messages } = answer;
    const shared = loop === undefined ? undefined : this.#onLoops.get(loop);
    const lower = mount.kind === 'ecryptfs' || mount.kind === 'fuse' ? this.#superblockOf(mount.over.on) : undefined;
    const superblock =
      shared ?? (mount.kind === 'bind' ? this.#superblockOf(mount.of.on) : superblockOf(mount, depth, lower));
    this.#superblocks.set(mount, superblock);
    if (loop !== undefined) this.#onLoops.set(loop, superblock);
    // Most predictions are only asked whether it mounts and how deep: the rest is told when it is asked for.
    return {
      kind: 'ok',
      depth,
      messages,
      get why() {
        return `${notationOf(mount)} has depth ${depth}`;
      },
      get exercised() {
        return exercisedByMount(mount, api, answer);
      },
    };
  }

  /** The kernel's answer to a mount, all that it stands on being there. */
  #answer(mount: Mount, api: MountApi, by: MountStep['by']): Refusal | Acceptance {
    const depthOf = (other: Mount) => this.#superblocks.get(other)?.depth;
    switch (mount.kind) {
      case 'disk':
        return mountDisk(mount, this.#behaviours);
      case 'tmpfs':
        return mountTmpfs(mount, api, this.#behaviours);
      case 'machine':
        return { depth: 0, messages: [], exercised: { triggered: ['D1'], spared: [] } };
      case 'bind':
        return { depth: this.#superblockOf(mount.of.on).depth, messages: [] };
      case 'erofs':
        return this.#loopRefusal(mount) ?? mountErofs(this.#erofsSubject(mount, api, by), this.#behaviours);
      case 'overlay':
        return this.#mountOverlay(mount, api, by);
      case 'fuse':
        return {
          depth: fuseDepth(mount, this.#behaviours),
          messages: [],
          exercised: exercisedByFuse(mount, this.#behaviours),
        };
      case 'ecryptfs':
        return mountEcryptfs(mount, this.#superblockOf(mount.over.on), depthOf, this.#behaviours);
    }
    return mount satisfies never;
  }

  #mountOverlay(mount: OverlayMount, api: MountApi, by: MountStep['by']): Refusal | Acceptance {
    const { answer, attempt } = mountOverlay(
      {
        mount,
        api,
        by,
        placeOf: (directory) => this.#places.placeOf(directory),
        ownDirectory: (kind) => this.#ownDirectory(mount, kind),
        depthOf: (other) => this.#superblocks.get(other)?.depth,
        earlier: this.#overlays,
      },
      this.#behaviours,
    );
    this.#overlays.remember(mount, attempt, !isRefusal(answer) && by === 'init');
    return answer;
  }

  #ownDirectory(mount: OverlayMount, kind: 'upper' | 'work'): string {
    const number = this.#numbers.get(mount) ?? this.#numbers.size;
    this.#numbers.set(mount, number);
    return `.fathom/${number}/${kind}`;
  }

  #unmount(mount: Mount, step: string): Prediction {
    const unreachable = this.#unreachable([mount]);
    if (unreachable !== undefined) return unreachable;
    this.#overlays.unmounted(mount);
    this.#absent.set(mount, step);
    return { kind: 'ok', messages: [], why: `nothing stands on ${notationOf(mount)}` };
  }

  #reconfigure({ mount, api, parameters }: ReconfigureStep): Prediction {
    const refusal =
      mount.kind === 'overlay'
        ? reconfigureOverlay({ api, parameters, forcedReadOnly: mount.upper === undefined }, this.#behaviours)
        : undefined;
    if (refusal !== undefined) return { kind: 'refused', ...refusal, exercised: exercisedByMount(mount, api, refusal) };
    return {
      kind: 'ok',
      messages: [],
      why: 'what was asked for is not looked at, or nothing was',
      exercised: { triggered: [], spared: ['O41'] },
    };
  }

  /** O36: what the filesystem says when it is shut down, and when its pages cannot be written. */
  #loseWrites(mount: Mount): Prediction {
    this.#places.losesWrites(this.#superblockOf(mount));
    const messages = [/^XFS \([^)]+\): /, /^\w+: writeback error on inode /].map((pattern) =>
      logged('O36', pattern, 'possible'),
    );
    return { kind: 'ok', messages, why: 'a filesystem can be shut down at any time' };
  }

  /** F1, F2: fs-verity makes a file's digest and has it read-only for good. */
  #seal({ on, path }: FileIn): Prediction {
    const refused = this.#trees.seal(on, path);
    if (refused !== undefined) return refused;
    return {
      kind: 'ok',
      messages: [],
      why: `/${path} is read with its digest from now on`,
      exercised: { triggered: [], spared: ['F1', 'F2'] },
    };
  }

  /** D4, O45, O46: what an overlay has made in its workdir, mounted or refused. */
  #look({ at, holds }: LookStep): Prediction {
    const place = this.#places.placeOf(at);
    return this.#overlays.holds(place.key, holds)
      ? {
          kind: 'ok',
          messages: [],
          why: `${holds} was made, and stays`,
          exercised: { triggered: ['D4'], spared: [] },
        }
      : {
          kind: 'refused',
          rule: 'D4',
          errno: 'ENOENT',
          messages: [],
          why: `no overlay came so far as to make ${holds}`,
          exercised: { triggered: [], spared: ['D4'] },
        };
  }

  #erofsSubject(mount: ErofsMount, api: MountApi, by: MountStep['by']): ErofsSubject {
    const image = imageNodeOf(mount);
    return {
      mount,
      options: mount.options,
      api,
      by,
      source: mount.sourceAs === 'nothing' ? { kind: 'unsaid' } : this.#sourceFacts(mount.source, mount.sourceAs),
      image:
        image === undefined
          ? undefined
          : { ...imageFactsOf(image.image, image.damage), offsetBytes: imageOffsetOf(mount) },
      devices: mount.devices.map((device) => this.#sourceFacts(device)),
      shares: mount.source.kind === 'loop' && this.#onLoops.has(mount.source),
      depthOf: (other) => this.#superblocks.get(other)?.depth,
    };
  }

  #sourceFacts(source: FileSource | LoopDevice, given?: 'descriptor'): SourceFacts {
    const as = given === undefined ? 'path' : 'fd';
    if (source.kind === 'loop') return { kind: 'block', as };
    const found = lookUpFile(source);
    if (found === undefined) return { kind: 'missing' };
    if (found.kind === 'directory') return { kind: 'other', as };
    return { kind: 'regular', on: this.#superblockOf(source.on), as };
  }

  /** A mount on loop devices that are not attached yet attaches them. */
  #loopRefusal(mount: ErofsMount): Refusal | undefined {
    for (const loop of loopsOfMount(mount)) {
      if (this.#loops.isAttached(loop)) continue;
      const answer = this.#loops.attach(loop);
      if (isRefusal(answer)) return answer;
    }
    return undefined;
  }

  #attach(loop: LoopDevice, step: string): Prediction {
    const unreachable = this.#unreachable([...mountsOfSource(loop), ...loopsUnder(loop)]);
    if (unreachable !== undefined) {
      this.#absent.set(loop, unreachable.because);
      return unreachable;
    }
    const answer = this.#loops.attach(loop);
    if (isRefusal(answer)) {
      this.#absent.set(loop, step);
      return { kind: 'refused', ...answer, exercised: { triggered: [answer.rule], spared: [] } };
    }
    const why = 'a loop device takes any file, and what is mounted on it has depth 0';
    return { kind: 'ok', messages: [], why, ...answer };
  }

  #detach(loop: LoopDevice): Prediction {
    const unreachable = this.#unreachable([loop]);
    if (unreachable !== undefined) return unreachable;
    this.#loops.detach(loop);
    return { kind: 'ok', messages: [], why: 'nothing holds the device' };
  }

  #refusedObject({ on, path }: FileIn): Prediction | undefined {
    const refusal = refusedObject(on, path, this.#behaviours, this.#trees);
    return refusal === undefined ? undefined : { kind: 'refused', ...refusal };
  }

  #offer(fuse: FuseMount, on: Mount): Prediction {
    const backing = this.#superblockOf(on);
    const refusal = openFuseBacking(fuse, backing, this.#behaviours);
    if (refusal !== undefined)
      return { kind: 'refused', ...refusal, exercised: { triggered: [refusal.rule], spared: [] } };
    const isJustLower = backing.depth + 1 === fuseDepth(fuse, this.#behaviours);
    return {
      kind: 'ok',
      messages: [],
      why: `${notationOf(on)} lies lower than ${notationOf(fuse)} declares`,
      exercised: { triggered: [], spared: isJustLower ? ['D8', 'D9'] : ['D9'] },
    };
  }

  /** W1: a read-only superblock or mount refuses. fs/namespace.c:mnt_want_write */
  #write(on: Mount, path: string, append: string): Prediction {
    if (this.#superblockOf(on).readOnly || (on.kind === 'bind' && on.readOnly))
      return {
        kind: 'refused',
        rule: 'W1',
        errno: 'EROFS',
        messages: [],
        why: `${notationOf(on)} is read-only`,
        exercised: { triggered: ['W1'], spared: [] },
      };
    const applied = this.#trees.apply(on, { how: 'append', path, text: append });
    if (applied?.kind === 'refused') return applied;
    const why = on.kind === 'overlay' ? 'the file is copied up into the upper layer' : 'the file is written in place';
    const spared: readonly RuleId[] = on.kind === 'disk' && canSeal(on) ? ['W1', 'F3'] : ['W1'];
    return { kind: 'ok', messages: [], why, exercised: { triggered: [], spared } };
  }

  #superblockOf(mount: Mount): Superblock {
    const known = this.#superblocks.get(mount);
    if (known === undefined)
      throw new Error(`the model needs ${notationOf(mount)}, and no step mounts it: is the scenario validated?`);
    return known;
  }

  #unreachable(needed: readonly (Mount | LoopDevice)[]): Unreachable | undefined {
    const missing = needed.find((item) => this.#absent.has(item));
    if (missing === undefined) return undefined;
    const because = this.#absent.get(missing)!;
    return { kind: 'unreachable', because, why: `it stands on "${because}", which is refused` };
  }
}
