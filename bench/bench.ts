/**
 * `npm run bench`: what fathom costs, as ratios against bare QEMU in the same run. Medians of five, taken in turn, so
 * that a machine whose speed drifts does not favour one side.
 *
 * Prints a line a measurement, `NAME … RATIO ×`, and a JSON object last.
 */
import { execa } from 'execa';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { cacheRoot } from '../vm/cache.ts';
import { resolveKernel } from '../vm/kernel/resolve.ts';
import type { Kernel, Machine, Shape } from '../vm/machine.ts';
import { memoryOf } from '../vm/qemu/memory.ts';
import { prepareTemplate, type QemuTemplate } from '../vm/qemu/template.ts';
import { groupsOf } from '../harness/run/groups.ts';
import { loadScenarios } from '../harness/run/load-scenarios.ts';
import { bareBoot } from './bare-boot.ts';

const KERNEL = 'debian:6.18.9';
const SCENARIO = 'fedora-coreos-2087';
const ROUNDS = 5;
const FATHOM = path.join(import.meta.dirname, '../../bin/fathom.js');

interface Measurement {
  readonly name: string;
  readonly what: string;
  readonly value: number;
  readonly base: number;
  readonly unit: 'ms' | 'MiB';
  readonly ratio: number;
  /** The most that the project allows itself. */
  readonly bound: number;
}

const { signal } = new AbortController();

async function main(): Promise<void> {
  const kernel = await resolveKernel(KERNEL, { signal });
  const [group] = groupsOf(await loadScenarios([SCENARIO]), false);
  const shape = group!.shape;
  await fathom('run', SCENARIO, '--kernel', KERNEL);
  await start();
  await using bare = await bareBoot(kernel, shape.modules, shape.memoryMiB, signal);

  const times = { bare: [] as number[], cold: [] as number[], warm: [] as number[], start: [] as number[] };
  for (let round = 1; round <= ROUNDS; round++) {
    process.stderr.write(`round ${round} of ${ROUNDS}\n`);
    times.bare.push(await bare.run(signal));
    // By hand: this process has used them itself, and the cache keeps what is in use.
    await rm(path.join(cacheRoot(), 'templates'), { recursive: true, force: true });
    times.cold.push(await timed(() => fathom('run', SCENARIO, '--kernel', KERNEL)));
    await start();
    times.start.push(await timed(start));
    await using template = await prepareTemplate({ kernel, shape, accelerator: 'auto', fresh: false, signal });
    times.warm.push(await timed(() => cloneOnce(template)));
  }
  const base = median(times.bare);
  const measurements = [
    ratio(
      'cold',
      'fathom run of one scenario with no template, against a bare boot',
      median(times.cold),
      base,
      'ms',
      1.25,
    ),
    ratio('warm', "clone to the agent's first answer, against a bare boot", median(times.warm), base, 'ms', 0.1),
    ratio('start', 'a second npm start on three kernels, against one bare boot', median(times.start), base, 'ms', 0.4),
    await memory(kernel, shape),
  ];
  for (const each of measurements) process.stdout.write(`${line(each)}\n`);
  process.stdout.write(`${JSON.stringify({ v: 1, kernel: KERNEL, rounds: ROUNDS, times, measurements })}\n`);
  process.exitCode = measurements.some((each) => each.ratio > each.bound) ? 1 : 0;
}

async function cloneOnce(template: QemuTemplate): Promise<void> {
  await using machine = await template.clone([], { signal });
  await firstAnswer(machine);
}

async function firstAnswer(machine: Machine): Promise<void> {
  await machine.run({ v: 1, type: 'plan', id: 'first-answer', steps: [] }, { signal });
}

/** Four clones against one: what they map, by PSS, and once the page cache of the RAM file that they are copies of. */
async function memory(kernel: Kernel, shape: Shape): Promise<Measurement> {
  await using template = await prepareTemplate({ kernel, shape, accelerator: 'auto', fresh: false, signal });
  const one = await together(template, 1);
  const four = await together(template, 4);
  return ratio('memory', 'four clones of one template, against one (PSS and page cache)', four, one, 'MiB', 2);
}

/** In MiB, while all of them are there and have answered. */
async function together(template: QemuTemplate, count: number): Promise<number> {
  const clones = await Promise.all(Array.from({ length: count }, () => template.clone([], { signal })));
  try {
    for (const clone of clones) await firstAnswer(clone);
    return (await memoryOf(clones.map(({ pid }) => pid))) / 1024 / 1024;
  } finally {
    for (const clone of clones) await clone[Symbol.asyncDispose]();
  }
}

async function fathom(...args: string[]): Promise<void> {
  await execa('node', [FATHOM, ...args], { stdout: 'ignore', stderr: 'ignore' });
}

async function start(): Promise<void> {
  await execa('npm', ['start', '--silent'], {
    cwd: path.dirname(path.dirname(FATHOM)),
    stdout: 'ignore',
    stderr: 'ignore',
  });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

function ratio(
  name: string,
  what: string,
  value: number,
  base: number,
  unit: Measurement['unit'],
  bound: number,
): Measurement {
  return {
    name,
    what,
    value: Math.round(value),
    base: Math.round(base),
    unit,
    ratio: Number((value / base).toFixed(3)),
    bound,
  };
}

function line({ name, what, value, base, unit, ratio: times, bound }: Measurement): string {
  return `${name.padEnd(8)}${what}: ${value} ${unit} / ${base} ${unit}, at most ${bound}: ${times.toFixed(2)} ×`;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

await main();
