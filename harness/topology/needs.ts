/** What a scenario needs of a machine. */
import type { DiskSpec } from '../../vm/machine.ts';
import type { Scenario } from '../scenario.ts';
import { canSeal, loopsOf, mountsNeeded, mountsUpTo, verityOf, type DiskMount, type Mount } from './topology.ts';

/** What a machine must have to run a scenario. */
export interface Needs {
  /** One disk a slot, in the order of the slots. */
  readonly disks: readonly DiskSpec[];
  /** Modules by name. */
  readonly modules: readonly string[];
  /** Options of the kernel besides those of the modules, without `CONFIG_`. */
  readonly config: readonly string[];
  /** Some step asks how deep the stack goes. */
  readonly stackTracer: boolean;
}

export function needsOf(scenario: Scenario): Needs {
  const mounts = mountsOf(scenario);
  const modules = new Set(mounts.map(moduleOf).filter((name) => name !== undefined));
  const stackTracer = scenario.steps.some(({ kind }) => kind === 'sound');
  if (disksOf(mounts).some((mount) => verityOf(mount) !== undefined)) modules.add('dm_verity');
  if (scenario.steps.some((step) => loopsOf(step).length > 0)) modules.add('loop');
  const disks = disksOf(mounts).map((mount) => mount.disk);
  const config = [...new Set(disksOf(mounts).flatMap(configOf))].sort();
  return { disks, modules: [...modules].sort(), config, stackTracer };
}

function configOf(mount: DiskMount): readonly string[] {
  // mksquashfs compresses with zlib.
  if (mount.disk.filesystem === 'squashfs') return ['SQUASHFS_XATTR', 'SQUASHFS_ZLIB'];
  return canSeal(mount) ? ['FS_VERITY'] : [];
}

function moduleOf(mount: Mount): string | undefined {
  switch (mount.kind) {
    case 'disk':
      return mount.disk.filesystem;
    case 'tmpfs':
    case 'machine':
    case 'bind':
      return undefined;
    case 'erofs':
    case 'overlay':
    case 'fuse':
    case 'ecryptfs':
      return mount.kind;
  }
  return mount satisfies never;
}

/** Every mount of a scenario, what stands lowest first. */
export function mountsOf(scenario: Scenario): readonly Mount[] {
  const tops = scenario.steps.flatMap((step) => (step.kind === 'mount' ? [step.mount] : mountsNeeded(step)));
  return [...new Set(tops.flatMap(mountsUpTo))];
}

/** The disks, in the order of their slots. */
export function disksOf(mounts: readonly Mount[]): readonly DiskMount[] {
  return mounts.filter((mount) => mount.kind === 'disk');
}
