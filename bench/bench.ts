/**
 * `npm run bench`: what fathom costs, as ratios against bare QEMU in the same run. Medians of five, taken in turn, so
 * that a machine whose speed drifts does not favour one side. `npm run bench -- traced tables` takes these alone.
 *
 * Prints a line a measurement, `NAME … RATIO ×`, and a JSON object last. Exit status 1 when a bound is not kept, 2 when
 * a name is none.
 */
import { loadavg } from 'node:os';
import { resolveKernel } from '../vm/kernel/resolve.ts';
import { isKept, line, type Measured } from './measurement.ts';
import { measureModel, MODEL } from './model.ts';
import { measureScenarios, SCENARIOS } from './scenarios.ts';
import { measureStarting, STARTING } from './starting.ts';
import { measureTables, TABLES } from './tables.ts';
import { measureTracing, TRACING } from './tracing.ts';

const KERNEL = 'debian:6.18.9';
const ROUNDS = 5;
const NAMES: readonly string[] = [...STARTING, ...TRACING, ...SCENARIOS, ...TABLES, ...MODEL];

const { signal } = new AbortController();

async function main(asked: readonly string[]): Promise<number> {
  const unknown = asked.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`bench: there is no ${unknown.join(', ')}; there are: ${NAMES.join(', ')}\n`);
    return 2;
  }
  const names = new Set(asked.length === 0 ? NAMES : asked);
  const any = (of: readonly string[]): boolean => of.some((name) => names.has(name));
  const load = loadavg();
  const measured: Measured[] = [];
  if (any(STARTING) || any(TRACING) || any(SCENARIOS)) {
    const kernel = await resolveKernel(KERNEL, { signal });
    if (any(STARTING)) measured.push(await measureStarting(kernel, names, ROUNDS, signal));
    if (any(TRACING)) measured.push(await measureTracing(kernel, names, ROUNDS, signal));
    if (any(SCENARIOS)) measured.push(await measureScenarios(kernel, ROUNDS, signal));
  }
  if (any(TABLES)) measured.push(await measureTables(ROUNDS));
  if (any(MODEL)) measured.push(await measureModel(ROUNDS));

  const measurements = measured.flatMap((each) => each.measurements);
  const times = Object.assign({}, ...measured.map((each) => each.times)) as Measured['times'];
  for (const each of measurements) process.stdout.write(`${line(each)}\n`);
  process.stdout.write(`${JSON.stringify({ v: 1, kernel: KERNEL, rounds: ROUNDS, load, times, measurements })}\n`);
  return measurements.every(isKept) ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
