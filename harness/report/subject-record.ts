/** What was measured and on what, as data. */
import * as z from 'zod';
import type { Measurement } from '../measure/measurement.ts';

export const subjectFields = {
  /** Kernel spec, as given, and `uname -r`. */
  kernel: z.string(),
  release: z.string(),
  accelerator: z.string(),
  topology: z.string(),
  operation: z.string(),
  pressure: z.string(),
  cache: z.enum(['cold', 'warm']),
  device: z.string(),
};

export function subjectRecord({ subject, release, accelerator }: Measurement): {
  [field in keyof typeof subjectFields]: z.infer<(typeof subjectFields)[field]>;
} {
  return {
    kernel: subject.kernel,
    release,
    accelerator,
    topology: subject.topology,
    operation: subject.operation.name,
    pressure: subject.pressure.name,
    cache: subject.cache,
    device: subject.device,
  };
}
