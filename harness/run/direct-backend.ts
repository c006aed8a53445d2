/** A machine that is already running as where scenarios run. */
import { buildDisk } from '../../vm/image/disk.ts';
import { runningKernel } from '../../vm/direct/facts.ts';
import type { Reach } from '../../vm/direct/reach.ts';
import { directTemplate } from '../../vm/direct/template.ts';
import { UsageError } from '../../vm/machine.ts';
import type { Backend } from './backend.ts';

/** The only kernel that it has is the one that runs, under the name of the machine. */
export function direct(reach: Reach): Backend {
  return {
    findKernel: (spec, { replace, signal }) => {
      if (Object.keys(replace).length > 0)
        throw new UsageError(`--module replaces a module of a guest: ${spec} keeps those that it has`);
      return runningKernel(reach, signal);
    },
    buildDisk,
    prepareTemplate: ({ kernel, shape, signal }) => directTemplate({ reach, kernel, shape, signal }),
    tidy: () => Promise.resolve(),
  };
}
