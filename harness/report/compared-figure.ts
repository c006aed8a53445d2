/** Of what a table was taken that is compared: the figure that it stands for, as data. Bytes. */
import { z } from 'zod';
import type { Figure } from '../measure/figure.ts';
import { spread, spreadRecord } from './spread.ts';

export const compared = z.strictObject({
  /** Kernel spec, as given, and `uname -r`. */
  kernel: z.string(),
  release: z.string(),
  accelerator: z.string(),
  topology: z.string(),
  operation: z.string(),
  pressure: z.string(),
  cache: z.enum(['cold', 'warm']),
  device: z.string(),
  /** Clones that gave a table, and how many of them took the path that is compared. */
  runs: z.number().int(),
  runsOfPath: z.number().int(),
  peak: spread,
  path: spread,
  /** Mounts of the topology that the path does not pass. */
  notPassed: z.array(z.string()),
});
export type Compared = z.infer<typeof compared>;

/** Throws where there is no table. */
export function comparedRecord({ measurement, distribution, notPassed }: Figure): Compared {
  if (distribution === undefined) throw new TypeError('a figure without a table is compared with nothing');
  const { subject, release, accelerator } = measurement;
  return {
    kernel: subject.kernel,
    release,
    accelerator,
    topology: subject.topology,
    operation: subject.operation.name,
    pressure: subject.pressure.name,
    cache: subject.cache,
    device: subject.device,
    runs: distribution.runs,
    runsOfPath: distribution.ways[0].runs,
    peak: spreadRecord(distribution.peak),
    path: spreadRecord(distribution.path),
    notPassed: [...notPassed],
  };
}
