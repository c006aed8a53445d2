/** Which scenarios go into which guest. */
import { DISK_BYTES } from '../topology/builders.ts';
import { needsOf } from '../topology/lower.ts';
import type { Scenario } from '../scenario.ts';
import type { Shape } from '../../vm/machine.ts';

/** Disk slots of a guest. One shape for nearly all scenarios means one template a kernel. */
export const SLOTS = 8;
export const GUEST_MEMORY_MIB = 256;
export const CORE_MODULES = ['erofs', 'ext4', 'loop', 'overlay', 'xfs'];

export interface Group {
  readonly shape: Shape;
  readonly scenarios: readonly Scenario[];
}

/**
 * One group a scenario; with `share`, as many in a guest as have the same modules and find slots for disks of
 * their own.
 */
export function groupsOf(scenarios: readonly Scenario[], share: boolean): readonly Group[] {
  const groups: {
    scenarios: Scenario[];
    slots: { sizeBytes: number }[];
    modules: readonly string[];
    config: readonly string[];
    stackTracer: boolean;
  }[] = [];
  for (const scenario of scenarios) {
    const needs = needsOf(scenario);
    const modules = [...new Set([...CORE_MODULES, ...needs.modules])].sort();
    const slots = needs.disks.map(({ sizeBytes }) => ({ sizeBytes }));
    const ordinary = slots.every(({ sizeBytes }) => sizeBytes === DISK_BYTES);
    const open =
      share && ordinary && !needs.stackTracer && scenario.destructive === undefined
        ? groups.find(
            (group) =>
              !group.stackTracer &&
              group.scenarios.every(({ destructive }) => destructive === undefined) &&
              group.modules.join() === modules.join() &&
              group.config.join() === needs.config.join() &&
              group.slots.length + slots.length <= SLOTS,
          )
        : undefined;
    if (open === undefined)
      groups.push({ scenarios: [scenario], slots, modules, config: needs.config, stackTracer: needs.stackTracer });
    else {
      open.scenarios.push(scenario);
      open.slots.push(...slots);
    }
  }
  return groups.map(({ scenarios: members, slots, modules, config, stackTracer }) => {
    const shape = { ...shapeOf(slots, modules), needsConfig: config };
    return { scenarios: members, shape: stackTracer ? traced(shape) : shape };
  });
}

/**
 * What makes a guest measure the depth of its stacks. Switching the tracer on patches every traced function, which
 * takes seconds; a record that nothing can break then keeps it from walking stacks until an exercise resets it
 * (kernel/trace/trace_stack.c:check_stack).
 */
export const STACK_TRACER: Pick<Shape, 'prepare' | 'needsConfig'> = {
  prepare: [
    { op: 'sysctl', name: 'kernel/stack_tracer_enabled', value: '1' },
    { op: 'write-text', path: '/sys/kernel/tracing/stack_max_size', text: '1000000' },
  ],
  needsConfig: ['STACK_TRACER'],
};

function traced(shape: Shape): Shape {
  return { ...shape, ...STACK_TRACER, needsConfig: [...shape.needsConfig, ...STACK_TRACER.needsConfig] };
}

/** The shape of guests with these disks in their first slots. */
export function shapeOf(slots: readonly { readonly sizeBytes: number }[], modules: readonly string[]): Shape {
  const empty = Array.from({ length: Math.max(0, SLOTS - slots.length) }, () => ({ sizeBytes: DISK_BYTES }));
  return {
    memoryMiB: GUEST_MEMORY_MIB,
    cpus: 1,
    slots: [...slots, ...empty],
    modules,
    device: 'virtio-blk',
    prepare: [],
    needsConfig: [],
  };
}
