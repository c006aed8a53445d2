/** A booted or thawed QEMU as a machine. */
import { HarnessError } from '../errors.ts';
import { diskDevice, type Hello, type Machine } from '../machine.ts';
import type { Qemu } from './process.ts';
import type { Recipe } from './recipe.ts';
import { runPlan } from './run-plan.ts';

export interface QemuGuest extends Machine {
  /** Of its QEMU. */
  readonly pid: number;
}

export function guest(
  qemu: Qemu,
  { kernel, slowdown, shape }: Recipe,
  hello: Hello,
  start: Machine['start'],
): QemuGuest {
  let state: 'ready' | 'running' | 'spent' = 'ready';
  return {
    pid: qemu.pid,
    hello,
    terminal: qemu.terminal,
    start,
    run: async (plan, options) => {
      if (state === 'running') throw new HarnessError(`plan ${plan.id}: this machine is still busy with another plan`);
      if (state === 'spent')
        throw new HarnessError(`plan ${plan.id}: this machine did not survive its last plan; clone another`);
      state = 'running';
      let survived = false;
      try {
        const outcome = await runPlan(qemu, kernel, slowdown, plan, options);
        survived = outcome.kind === 'completed' && options.until === undefined;
        return outcome;
      } finally {
        state = survived ? 'ready' : 'spent';
      }
    },
    device: (slot) => diskDevice(slot, shape.device),
    console: () => qemu.console(),
    [Symbol.asyncDispose]: () => qemu[Symbol.asyncDispose](),
  };
}
