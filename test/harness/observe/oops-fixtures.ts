/** Console logs of guests that were made to fail, recorded by `.ci/record-consoles.js`. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseReports, type KernelReport } from '../../../harness/observe/oops/report.ts';

export function recorded(name: string): string {
  return readFileSync(path.join('test/harness/observe/fixtures', `${name}.log`), 'utf8');
}

export function firstReport(text: string): KernelReport {
  const [first] = parseReports(text);
  if (first === undefined) throw new Error('no report in the text');
  return first;
}
