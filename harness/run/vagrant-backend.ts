/** The machine of a Vagrantfile as where scenarios run: kept before the first, and again what it was after one that broke it. */
import { HarnessError, type Machine } from '../../vm/machine.ts';
import type { VagrantMachine } from '../../vm/vagrant/vagrant.ts';
import type { Backend } from './backend.ts';
import { direct } from './direct-backend.ts';

/** @param backend how scenarios run there */
export function onVagrant(vagrant: VagrantMachine, backend: Backend = direct(vagrant.reach)): Backend {
  let saved: Promise<void> | undefined;
  return {
    ...backend,
    prepareTemplate: async (request) => {
      request.onProgress('keeping a snapshot');
      await (saved ??= vagrant.save(request.signal));
      const template = await backend.prepareTemplate(request);
      return {
        ...template,
        clone: async (disks, options) => {
          const clone = async (): Promise<Machine> => restoring(await template.clone(disks, options), vagrant);
          try {
            return await clone();
          } catch (error) {
            if (!(error instanceof HarnessError)) throw error;
            // It is not reached: it may have died after its last plan.
            request.onProgress('restoring the snapshot');
            await vagrant.restore(options.signal);
            return clone();
          }
        },
        [Symbol.asyncDispose]: () => template[Symbol.asyncDispose](),
      };
    },
  };
}

/** A machine that is restored when it is disposed of after a plan that did not come to its end. */
function restoring(machine: Machine, vagrant: VagrantMachine): Machine {
  let broken = false;
  return {
    ...machine,
    run: async (plan, options) => {
      const outcome = await machine.run(plan, options);
      broken ||= outcome.kind !== 'completed';
      return outcome;
    },
    [Symbol.asyncDispose]: async () => {
      await machine[Symbol.asyncDispose]();
      // Also when the run was interrupted meanwhile: the next one finds a machine that is whole.
      if (broken) await vagrant.restore(new AbortController().signal);
    },
  };
}
