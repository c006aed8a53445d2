/** What measuring the depth of the kernel's stack costs. */
import { buildDisk } from '../vm/image/disk.ts';
import { diskDevice, HarnessError, type Kernel } from '../vm/machine.ts';
import { prepareTemplate } from '../vm/qemu/template.ts';
import { shapeFor } from '../harness/measure/measure.ts';
import { planOf, scenarioOf, TRACE } from '../harness/measure/measured-plan.ts';
import type { Subject } from '../harness/measure/measurement.ts';
import { operationNamed } from '../harness/measure/operation.ts';
import { pressureNamed } from '../harness/measure/pressure.ts';
import { needsOf } from '../harness/topology/lower.ts';
import { parseTopology } from '../harness/topology/parse-notation.ts';
import { bareBoot } from './bare-boot.ts';
import { fathom } from './commands.ts';
import { median, ratio, timed, type Measured } from './measurement.ts';

export const TRACING = ['traced', 'repetitions'] as const;

const TOPOLOGY = 'ovl(ovl(erofs[file](xfs)))';
const OPERATION = 'read';
const REPETITIONS = 100;
const STEP_DEADLINE_MS = 10_000;

/** `names`: which of TRACING. The repetitions are done once: they are a hundred. */
export async function measureTracing(
  kernel: Kernel,
  names: ReadonlySet<string>,
  rounds: number,
  signal: AbortSignal,
): Promise<Measured> {
  const subject: Subject = {
    kernel: kernel.spec,
    topology: TOPOLOGY,
    mount: parseTopology(TOPOLOGY),
    operation: operationNamed(OPERATION),
    pressure: pressureNamed('none'),
    cache: 'cold',
    device: 'virtio-blk',
  };
  const { disks: specs, modules } = needsOf(scenarioOf(subject.mount));
  const disks = await Promise.all(specs.map((disk) => buildDisk(disk, { signal })));
  const shape = shapeFor(subject, modules, disks, 1);
  await using template = await prepareTemplate({ kernel, shape, accelerator: 'auto', fresh: false, signal });
  const plan = planOf(subject, {
    device: (index) => diskDevice(index, subject.device),
    deadlineMs: Math.ceil(STEP_DEADLINE_MS * template.slowdown),
  });
  /** Up to the table, in ms: what the clone then undoes is nobody's to wait for. */
  const once = async (): Promise<number> => {
    const begun = performance.now();
    let took: number | undefined;
    await using machine = await template.clone(disks, { signal });
    const outcome = await machine.run(plan, {
      signal,
      onResult: ({ step, trace }) => {
        if (step === TRACE && trace !== undefined) took = performance.now() - begun;
      },
    });
    if (took === undefined) throw new HarnessError(`nothing was traced: ${JSON.stringify(outcome)}`);
    return took;
  };

  await once();
  await using bare = await bareBoot(kernel, shape, { stackTracer: true }, signal);
  const times = { 'bare, traced': [] as number[], traced: [] as number[], repetitions: [] as number[] };
  for (let round = 1; round <= rounds; round++) {
    process.stderr.write(`tracing: round ${round} of ${rounds}\n`);
    times['bare, traced'].push(await bare.run(signal));
    if (names.has('traced')) times.traced.push(await once());
  }
  const base = median(times['bare, traced']);
  if (names.has('repetitions')) {
    process.stderr.write(`tracing: ${REPETITIONS} repetitions\n`);
    const args = ['-k', kernel.spec, '-t', TOPOLOGY, '--operation', OPERATION, '--repeat', String(REPETITIONS)];
    times.repetitions.push(await timed(() => fathom('stack', ...args)));
  }
  return {
    times,
    measurements: [
      ...(names.has('traced')
        ? [
            ratio(
              'traced',
              'a stack measured in a clone, up to its table, against a bare boot with the tracer on',
              { value: median(times.traced), base, unit: 'ms' },
              { kind: 'at most', ratio: 0.06 },
            ),
          ]
        : []),
      ...(names.has('repetitions')
        ? [
            ratio(
              'repetitions',
              `fathom stack with ${REPETITIONS} repetitions of a read, against one such boot`,
              { value: median(times.repetitions), base, unit: 'ms' },
              { kind: 'at most', ratio: 3 },
            ),
          ]
        : []),
    ],
  };
}
