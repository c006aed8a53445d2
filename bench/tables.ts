/** How many stack tables a second are parsed and attributed on one core. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { attribute } from '../harness/stack/layers.ts';
import { parseStackTables } from '../harness/stack/table.ts';
import { median, ratio, type Measured } from './measurement.ts';

export const TABLES = ['tables'] as const;

const FIXTURES = path.join(import.meta.dirname, '../../test/harness/stack/fixtures');
/** The mailing list's: of 53 and of 45 frames. */
const FILES = ['erofs-ovl2-copy-up-6688.txt', 'erofs-ovl2-readonly-5456.txt'];
const PER_SECOND = 10_000;
/** Of the files together, a round. */
const TURNS = 5_000;

/** In seconds of processor time, all threads together: a garbage collector that uses another core is no gain. */
export async function measureTables(rounds: number): Promise<Measured> {
  const texts = await Promise.all(FILES.map((file) => readFile(path.join(FIXTURES, file), 'utf8')));
  const turns = (): number => {
    const begun = process.cpuUsage();
    let tables = 0;
    for (let turn = 0; turn < TURNS; turn++)
      for (const text of texts)
        for (const { frames } of parseStackTables(text)) {
          attribute(frames);
          tables++;
        }
    const { user, system } = process.cpuUsage(begun);
    return tables / ((user + system) / 1e6);
  };
  turns();
  const rates = Array.from({ length: rounds }, turns);
  return {
    times: { tables: rates.map((rate) => 1000 / rate) },
    measurements: [
      ratio(
        'tables',
        'stack tables parsed and attributed on one core, against what is asked',
        { value: median(rates), base: PER_SECOND, unit: 'tables/s' },
        { kind: 'at least', ratio: 1 },
      ),
    ],
  };
}
