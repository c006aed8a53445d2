/** Guests prepared before they are frozen: the stack tracer is switched on once, and each clone has it. */
import { createHash } from 'node:crypto';
import t from 'tap';
import type { Kernel, Operation, Shape } from '../../../vm/machine.ts';
import { prepareTemplate, type TemplateRequest } from '../../../vm/qemu/template.ts';
import { kernel, planOf, shape, signal, tidyTest } from './machine.ts';

const TRACER: Operation = { op: 'sysctl', name: 'kernel/stack_tracer_enabled', value: '1' };
const MAXIMUM = '/sys/kernel/tracing/stack_max_size';
const traced: Shape = { ...shape, prepare: [TRACER], needsConfig: ['STACK_TRACER'] };
const request: TemplateRequest = { kernel, shape: traced, accelerator: 'auto', fresh: false, signal };
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

for (const cpus of [1, 2]) {
  await tidyTest(
    t,
    `given a tracer that was switched on and ${cpus} CPUs, when clones are made, then each measures at once`,
    async (t) => {
      // Not in the cache: the template is made here.
      const own = { ...kernel, identity: `traced ${cpus} ${process.pid}` };
      await using template = await prepareTemplate({ ...request, kernel: own, shape: { ...traced, cpus } });
      t.comment(`boot with the tracer on ${Math.round(template.bootMs ?? 0)} ms, slowdown ${template.slowdown}`);
      t.ok(template.bootMs);
      const times: number[] = [];
      for (let i = 0; i < 5; i++) {
        const from = performance.now();
        await using machine = await template.clone([], { signal });
        t.match(machine.start, { how: 'clone' });
        const reset: Operation = { op: 'write-text', path: MAXIMUM, text: '0' };
        const look: Operation = { op: 'read', path: MAXIMUM };
        const switched: Operation = { op: 'read', path: '/proc/sys/kernel/stack_tracer_enabled' };
        const outcome = await machine.run(planOf(switched, reset, look), { signal });
        times.push(performance.now() - from);
        t.match(outcome, {
          kind: 'completed',
          leftovers: [],
          results: [{ sha256: digest('1\n') }, { ok: true }, { ok: true }],
        });
        t.not(outcome.results[2]?.sha256, digest('0\n'), 'then what was reset has been measured anew');
      }
      t.comment(`clone, reset, read: ${times.map(Math.round).join(' ')} ms`);
      t.ok(Math.min(...times) < 1000);
    },
  );
}

await tidyTest(
  t,
  'given a kernel without what the shape needs, then nothing is booted and the option is named',
  async (t) => {
    const config = new Map(kernel.config);
    config.delete('STACK_TRACER');
    const lacking: Kernel = { ...kernel, config };
    await t.rejects(prepareTemplate({ ...request, kernel: lacking, onProgress: (text) => t.fail(text) }), {
      name: 'UnsupportedError',
      missing: 'CONFIG_STACK_TRACER',
    });
  },
);

await tidyTest(
  t,
  'given an operation that fails, when a template or a boot is prepared, then it is unsupported and named',
  async (t) => {
    const impossible: Shape = { ...shape, prepare: [{ op: 'umount', target: '/nowhere', lazy: false }] };
    const expected = {
      name: 'UnsupportedError',
      message: /6\.18\.9.*prepared: umount \/nowhere false failed: umount2?: ENOENT/,
    };
    await t.rejects(prepareTemplate({ ...request, shape: impossible }), expected);
    await using fresh = await prepareTemplate({ ...request, shape: impossible, fresh: true });
    await t.rejects(fresh.clone([], { signal }), expected);
  },
);

await tidyTest(t, 'given an operation that kills the kernel, then the boot failed and says how', async (t) => {
  const deadly: Shape = { ...shape, prepare: [{ op: 'sysrq', key: 'c' }] };
  await t.rejects(prepareTemplate({ ...request, shape: deadly }), {
    name: 'BootFailure',
    kind: 'crashed',
    message: /was being prepared by 1 sysrq c/,
  });
});
