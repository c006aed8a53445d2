/** What booting, cloning and starting cost. */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { cacheRoot } from '../vm/cache.ts';
import type { Kernel, Machine, Shape } from '../vm/machine.ts';
import { memoryOf } from '../vm/qemu/memory.ts';
import { prepareTemplate, type QemuTemplate } from '../vm/qemu/template.ts';
import { groupsOf } from '../harness/run/groups.ts';
import { loadScenarios } from '../harness/run/load-scenarios.ts';
import { bareBoot } from './bare-boot.ts';
import { fathom, start } from './commands.ts';
import { median, ratio, timed, type Measured, type Measurement } from './measurement.ts';

export const STARTING = ['cold', 'warm', 'start', 'memory'] as const;

const SCENARIO = 'fedora-coreos-2087';

/** `names`: which of STARTING. */
export async function measureStarting(
  kernel: Kernel,
  names: ReadonlySet<string>,
  rounds: number,
  signal: AbortSignal,
): Promise<Measured> {
  const [group] = groupsOf(await loadScenarios([SCENARIO]), false);
  const shape = group!.shape;
  const times = { bare: [] as number[], cold: [] as number[], warm: [] as number[], start: [] as number[] };
  if (names.has('cold') || names.has('warm') || names.has('start')) {
    await fathom('run', SCENARIO, '--kernel', kernel.spec);
    if (names.has('start')) await start();
    await using bare = await bareBoot(kernel, shape, { stackTracer: false }, signal);
    for (let round = 1; round <= rounds; round++) {
      process.stderr.write(`starting: round ${round} of ${rounds}\n`);
      times.bare.push(await bare.run(signal));
      if (names.has('cold')) {
        // By hand: this process has used them itself, and the cache keeps what is in use.
        await rm(path.join(cacheRoot(), 'templates'), { recursive: true, force: true });
        times.cold.push(await timed(() => fathom('run', SCENARIO, '--kernel', kernel.spec)));
      }
      if (names.has('start')) {
        await start();
        times.start.push(await timed(start));
      }
      if (names.has('warm')) {
        await using template = await prepareTemplate({ kernel, shape, accelerator: 'auto', fresh: false, signal });
        times.warm.push(await timed(() => cloneOnce(template, signal)));
      }
    }
  }
  const against = (name: 'cold' | 'warm' | 'start', what: string, atMost: number): readonly Measurement[] =>
    names.has(name)
      ? [
          ratio(
            name,
            what,
            { value: median(times[name]), base: median(times.bare), unit: 'ms' },
            { kind: 'at most', ratio: atMost },
          ),
        ]
      : [];
  return {
    times,
    measurements: [
      ...against('cold', 'fathom run of one scenario with no template, against a bare boot', 1.25),
      ...against('warm', "clone to the agent's first answer, against a bare boot", 0.1),
      ...against('start', 'a second npm start on three kernels, against one bare boot', 0.4),
      ...(names.has('memory') ? [await memory(kernel, shape, signal)] : []),
    ],
  };
}

async function cloneOnce(template: QemuTemplate, signal: AbortSignal): Promise<void> {
  await using machine = await template.clone([], { signal });
  await firstAnswer(machine, signal);
}

async function firstAnswer(machine: Machine, signal: AbortSignal): Promise<void> {
  await machine.run({ v: 1, type: 'plan', id: 'first-answer', steps: [] }, { signal });
}

/** Four clones against one: what they map, by PSS, and once the page cache of the RAM file that they are copies of. */
async function memory(kernel: Kernel, shape: Shape, signal: AbortSignal): Promise<Measurement> {
  await using template = await prepareTemplate({ kernel, shape, accelerator: 'auto', fresh: false, signal });
  const base = await together(template, 1, signal);
  const value = await together(template, 4, signal);
  return ratio(
    'memory',
    'four clones of one template, against one (PSS and page cache)',
    { value, base, unit: 'MiB' },
    { kind: 'at most', ratio: 2 },
  );
}

/** In MiB, while all of them are there and have answered. */
async function together(template: QemuTemplate, count: number, signal: AbortSignal): Promise<number> {
  const clones = await Promise.all(Array.from({ length: count }, () => template.clone([], { signal })));
  try {
    for (const clone of clones) await firstAnswer(clone, signal);
    return (await memoryOf(clones.map(({ pid }) => pid))) / 1024 / 1024;
  } finally {
    for (const clone of clones) await clone[Symbol.asyncDispose]();
  }
}
