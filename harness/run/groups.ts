/** Which scenarios go into which guest. */
import { DISK_BYTES } from '../topology/builders.ts';
import { needsOf } from '../topology/lower.ts';
import type { Scenario } from '../scenario.ts';
import type { Shape } from '../../vm/machine.ts';

/** Disk slots of a guest. One shape for nearly all scenarios means one template a kernel. */
export const SLOTS = 8;
export const GUEST_MEMORY_MIB = 256;
const CORE_MODULES = ['erofs', 'loop', 'overlay', 'xfs'];

export interface Group {
  readonly shape: Shape;
  readonly members: readonly Member[];
}

export interface Member {
  readonly scenario: Scenario;
  /** Slot of its first disk. */
  readonly firstSlot: number;
}

/**
 * One group a scenario; with `share`, as many in a guest as have the same modules and find slots for disks of
 * their own.
 */
export function groupsOf(scenarios: readonly Scenario[], share: boolean): readonly Group[] {
  const groups: { members: Member[]; slots: { sizeBytes: number }[]; modules: readonly string[] }[] = [];
  for (const scenario of scenarios) {
    const needs = needsOf(scenario);
    const modules = [...new Set([...CORE_MODULES, ...needs.modules])].sort();
    const disks = needs.disks.map(({ sizeBytes }) => ({ sizeBytes }));
    const open = share ? groups.find((group) => group.modules.join() === modules.join() && group.slots.length + disks.length <= SLOTS) : undefined;
    const group = open ?? { members: [], slots: [], modules };
    if (open === undefined) groups.push(group);
    group.members.push({ scenario, firstSlot: group.slots.length });
    group.slots.push(...disks);
  }
  return groups.map(({ members, slots, modules }) => ({ members, shape: shapeOf(slots, modules) }));
}

function shapeOf(slots: readonly { sizeBytes: number }[], modules: readonly string[]): Shape {
  const empty = Array.from({ length: Math.max(0, SLOTS - slots.length) }, () => ({ sizeBytes: DISK_BYTES }));
  return { memoryMiB: GUEST_MEMORY_MIB, cpus: 1, slots: [...slots, ...empty], modules };
}
