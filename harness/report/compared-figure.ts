/** Of what a table was taken that is compared: the figure that it stands for, as data. Bytes. */
import * as z from 'zod';
import type { Figure } from '../measure/figure.ts';
import { spread, spreadRecord } from './spread.ts';
import { subjectFields, subjectRecord } from './subject-record.ts';

export const compared = z.strictObject({
  ...subjectFields,
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
  return {
    ...subjectRecord(measurement),
    runs: distribution.runs,
    runsOfPath: distribution.ways[0].runs,
    peak: spreadRecord(distribution.peak),
    path: spreadRecord(distribution.path),
    notPassed: [...notPassed],
  };
}
