/**
 * What measuring leaves behind, written as soon as a clone has ended.
 *
 *   report.json                        all figures (report/measured-results.ts), written last
 *   KERNEL/SUBJECT/NNN/table.txt       the tracer's table, as the kernel printed it
 *   KERNEL/SUBJECT/NNN/…               plan, transcript, kernel log and console, as `fathom run --output` keeps them
 */
import path from 'node:path';
import { evidenceIn, fileNameOf, keepFile } from '../run/evidence.ts';
import type { Trace } from './measure.ts';
import { labelOf, type Failure, type Sample, type Subject } from './measurement.ts';

export interface MeasureEvidence {
  keep(subject: Subject, number: number, result: Sample | Failure, trace: Trace | undefined): Promise<void>;
  close(report: object): Promise<void>;
}

export function evidenceOf(directory: string | undefined): MeasureEvidence {
  if (directory === undefined) return { keep: () => Promise.resolve(), close: () => Promise.resolve() };
  const evidence = evidenceIn(directory);
  const labels = new Map<string, string>();
  /** Of two subjects whose labels are the same without brackets, or as far as a file's name goes, the second is `…-2`. */
  const placeOf = (subject: Subject): string => {
    const label = labelOf(subject);
    const plain = fileNameOf(label);
    let name = plain;
    for (let n = 2; (labels.get(name) ?? label) !== label; n++) name = `${plain}-${n}`;
    labels.set(name, label);
    return name;
  };
  return {
    async keep(subject, number, result, trace) {
      const name = path.join(placeOf(subject), String(number).padStart(3, '0'));
      await evidence.keep(subject.kernel, name, result, trace);
      if (!('kind' in result))
        await keepFile(path.join(directory, fileNameOf(subject.kernel), name, 'table.txt'), result.table);
    },
    close: (report) => evidence.close(report),
  };
}
