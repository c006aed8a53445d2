/** Checks a scenario before anything is built, and names the node or step that cannot be meant. */
import { UsageError } from '../../vm/machine.ts';
import type { ReadStep, Scenario, Step } from '../scenario.ts';
import { notationOf } from './notation.ts';
import { isSelfPrinting } from './self-printing.ts';
import {
  fileUnder,
  directoriesOf,
  imageOf,
  isImplicit,
  isReadOnlyDisk,
  loopsOf,
  lookUp,
  lookUpFile,
  mountsBelow,
  mountsNeeded,
  type DirectoryIn,
  type ErofsMount,
  type FileIn,
  type FileSource,
  type FuseMount,
  type LoopDevice,
  type Mount,
  type OverlayMount,
} from './topology.ts';

/** Throws UsageError with every fault found, a line each. */
export function validateScenario(scenario: Scenario): void {
  const faults = [...faultsOfNames(scenario), ...faultsOfOrder(scenario), ...scenario.steps.flatMap(faultsOfStep)];
  if (faults.length > 0)
    throw new UsageError(
      `scenario ${scenario.name} cannot be meant:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    );
}

function faultsOfNames({ name, steps }: Scenario): string[] {
  const faults = /^[a-z0-9][a-z0-9.-]{0,62}$/.test(name)
    ? []
    : [`name "${name}": use lower-case letters, digits, dots and dashes, at most 63`];
  if (steps.length === 0) faults.push('it has no steps');
  const seen = new Set<string>();
  for (const step of steps) {
    if (seen.has(step.name)) faults.push(`step "${step.name}" is there twice`);
    if (step.name === '' || Buffer.byteLength(step.name) > 100 || step.name.startsWith('set-up:'))
      faults.push(`step "${step.name}": a name has 1 to 100 bytes and does not begin with "set-up:"`);
    seen.add(step.name);
  }
  return faults;
}

function faultsOfOrder({ steps }: Scenario): string[] {
  const faults: string[] = [];
  const made = new Set<Mount>();
  const attached = new Set<LoopDevice>();
  for (const step of steps) {
    for (const needed of mountsNeeded(step)) {
      if (isImplicit(needed)) made.add(needed);
      else if (!made.has(needed))
        faults.push(`step "${step.name}" stands on ${notationOf(needed)}, which no earlier step mounts`);
    }
    if (step.kind === 'unmount') {
      const above = [...made].find((each) => mountsBelow(each).includes(step.mount));
      if (above !== undefined) faults.push(`step "${step.name}" unmounts what ${notationOf(above)} stands on`);
      made.delete(step.mount);
    }
    if (step.kind === 'mount' && step.by !== 'init') {
      if (step.mount.kind !== 'overlay' && (step.mount.kind !== 'erofs' || step.by !== 'user-namespace'))
        faults.push(`step "${step.name}": only overlays are mounted by others, and erofs from a user namespace`);
    } else if (step.kind === 'mount') {
      if (made.has(step.mount))
        faults.push(`step "${step.name}" mounts ${notationOf(step.mount)}, which is mounted by then`);
      made.add(step.mount);
    }
    for (const loop of loopsOf(step)) {
      if (step.kind === 'attach' && attached.has(loop))
        faults.push(`step "${step.name}" attaches a loop device that is attached by then`);
      if (step.kind === 'detach' && !attached.has(loop))
        faults.push(`step "${step.name}" detaches a loop device that no earlier step attaches`);
      // Only a step of its own may show how a loop device is refused.
      if (step.kind === 'mount' && !attached.has(loop) && !isAttachable(loop))
        faults.push(
          `step "${step.name}" needs a loop device on ${fileUnder(loop).path}, which is no file: attach it in a step`,
        );
      attached.add(loop);
    }
  }
  return faults;
}

function isAttachable(device: LoopDevice): boolean {
  const found = lookUpFile(fileUnder(device));
  return found !== undefined && found.kind !== 'directory';
}

function faultsOfStep(step: Step): string[] {
  return faultsWithin(step).map((fault) => `step "${step.name}": ${fault}`);
}

function faultsWithin(step: Step): string[] {
  switch (step.kind) {
    case 'mount':
      return [
        ...(step.mount.kind === 'fuse' && step.api === 'fsopen' ? ['FUSE is mounted with mount(2) alone'] : []),
        ...faultsOfMount(step.mount),
        ...faultsOfApi(step),
      ];
    case 'attach':
      return faultsOfFile(fileUnder(step.loop));
    case 'detach':
      return [];
    case 'unmount':
      return isImplicit(step.mount) ? [`${notationOf(step.mount)} is no step's to unmount`] : [];
    case 'lose-writes':
      return step.mount.disk.filesystem === 'xfs' ? [] : ['only an XFS is shut down'];
    case 'reconfigure':
    case 'look':
      return [];
    case 'read':
      return [...faultsOfRead(step.file), ...faultsOfWay(step)];
    case 'write':
    case 'sound':
    case 'backing':
      return faultsOfRead(step.file);
    case 'seal':
      return step.file.on.kind === 'disk' && step.file.on.disk.filesystem === 'ext4'
        ? faultsOfFile(step.file)
        : ['only a file of an ext4 is sealed'];
    case 'list':
    case 'unchanged':
      return faultsOfPath(step.directory.path);
    case 'upper':
      return step.overlay.upper === undefined ? [`${notationOf(step.overlay)} has no upper`] : [];
    case 'change':
      return [step.change.path, ...('to' in step.change ? [step.change.to] : [])]
        .filter((path) => path.startsWith('/'))
        .map((path) => `${path} is not relative to the root of ${notationOf(step.on)}`);
  }
  return step satisfies never;
}

function faultsOfRead({ on, path }: FileIn): string[] {
  if (lookUp(on, path)?.kind !== 'file') return [`${path} is not a file of ${notationOf(on)}`];
  return on.kind === 'erofs' && lacksBlobs(on)
    ? [`${path} lies in a blob, and the erofs mount has no device= for it`]
    : [];
}

/** Another program's output would not be the file, and the kernel would be blamed for it. */
function faultsOfWay({ by, file: { on, path } }: ReadStep): string[] {
  const node = lookUp(on, path);
  return by === 'exec' && node?.kind === 'file' && !isSelfPrinting(node.content)
    ? [`${path} of ${notationOf(on)} is not the program that prints itself (topology/self-printing.ts)`]
    : [];
}

/** What it leads to may be made by a step. */
function faultsOfPath(path: string): string[] {
  const components = path.split('/');
  return path !== '' && components.some((component) => ['', '.', '..'].includes(component))
    ? [`${JSON.stringify(path)} is not a path below a mount's root`]
    : [];
}

function faultsOfApi({ mount, api }: Extract<Step, { kind: 'mount' }>): string[] {
  return mount.kind === 'erofs' && mount.sourceAs !== undefined && api === 'mount'
    ? [`a source as ${mount.sourceAs} goes through fsopen only`]
    : [];
}

function lacksBlobs(mount: ErofsMount): boolean {
  const image = imageOf(mount);
  return mount.devices.length === 0 && image?.kind === 'erofs' && (image.blobs ?? 0) > 0;
}

function faultsOfMount(mount: Mount): string[] {
  switch (mount.kind) {
    case 'disk':
    case 'tmpfs':
    case 'machine':
      return [];
    case 'bind':
      return faultsOfMade(mount.of);
    case 'erofs':
      return [...faultsOfFile(fileUnder(mount.source)), ...mount.devices.map(fileUnder).flatMap(faultsOfFile)];
    case 'overlay':
      return faultsOfOverlay(mount);
    case 'fuse':
      return [...faultsOfDepth(mount), ...faultsOfDirectory(mount.over)];
    case 'ecryptfs':
      return faultsOfDirectory(mount.over);
  }
  return mount satisfies never;
}

/** The kernel takes a 32-bit number. */
function faultsOfDepth({ passthrough }: FuseMount): string[] {
  const depth = passthrough?.maxStackDepth ?? 0;
  return Number.isInteger(depth) && depth >= 0 && depth < 2 ** 32
    ? []
    : [`max_stack_depth ${depth} is no whole number from 0 to 4294967295`];
}

function faultsOfDirectory({ on, path, made }: DirectoryIn): string[] {
  return path === '' || made !== undefined || lookUp(on, path)?.kind === 'directory'
    ? []
    : [`${path} is not a directory of ${notationOf(on)}`];
}

/** Directories as they are written may be anything but made where nothing can be. */
function faultsOfMade({ on, path, made }: DirectoryIn): string[] {
  return made !== undefined && isReadOnly(on) ? [`${path} cannot be made on ${notationOf(on)}: it is read-only`] : [];
}

function faultsOfOverlay({ lowers, dataOnly, upper, parameters }: OverlayMount): string[] {
  if (parameters !== undefined) return parameters.flatMap(directoriesOf).flatMap(faultsOfMade);
  const faults = [...lowers, ...dataOnly].flatMap(faultsOfDirectory);
  if (upper === undefined) return faults;
  const places = [...new Set([upper.on, ...(upper.withoutWork === true ? [] : [upper.workOn ?? upper.on])])];
  return [
    ...faults,
    ...places
      .filter(isReadOnly)
      .map((on) => `upperdir or workdir cannot be made on ${notationOf(on)}: it is read-only`),
  ];
}

function faultsOfFile(file: FileSource): string[] {
  if (file.kind === 'missing') return [];
  if (file.kind === 'copy' && isReadOnly(file.on))
    return [`${file.from.path} cannot be copied to ${notationOf(file.on)}: it is read-only`];
  const place = file.kind === 'copy' ? file.from : file;
  const found = lookUpFile(file);
  if (found === undefined) return [`there is no ${place.path} on ${notationOf(place.on)}`];
  // Opening a FIFO waits for a writer, and what a device leads to is none of the tree's.
  if (found.kind !== 'node' && found.kind !== 'whiteout') return [];
  const what = found.kind === 'node' ? found.type : found.kind;
  return [`${place.path} of ${notationOf(place.on)} is a ${what}: fathom mounts files, and tries directories`];
}

/** Whether nothing can be made there, so that a set-up would fail before the step is tried. */
export function isReadOnly(mount: Mount): boolean {
  switch (mount.kind) {
    case 'disk':
      return isReadOnlyDisk(mount.disk);
    case 'erofs':
      return true;
    case 'overlay':
      return mount.upper === undefined;
    case 'tmpfs':
      return false;
    // The agent's own files are there.
    case 'machine':
      return true;
    case 'bind':
      return mount.readOnly || isReadOnly(mount.of.on);
    case 'fuse':
    case 'ecryptfs':
      return isReadOnly(mount.over.on);
  }
  return mount satisfies never;
}
