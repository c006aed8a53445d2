import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import t from 'tap';
import type { QemuGuest } from '../../../vm/qemu/guest.ts';
import { memoryOf } from '../../../vm/qemu/memory.ts';
import { prepareTemplate } from '../../../vm/qemu/template.ts';
import { diskOf, kernel, planOf, shape, signal, tidyTest } from './machine.ts';

const progress: string[] = [];
const made = performance.now();
const template = await prepareTemplate({
  kernel,
  shape,
  accelerator: 'auto',
  fresh: false,
  signal,
  onProgress: (text) => progress.push(text),
});
t.teardown(() => template[Symbol.asyncDispose]());
t.comment(
  `template after ${Math.round(performance.now() - made)} ms, boot ${template.bootMs}, slowdown ${template.slowdown}`,
);

await tidyTest(t, 'given two clones of one template with different disks', async (t) => {
  const [a, b] = [diskOf(t, 'a', 0xaa), diskOf(t, 'b', 0xbb)];
  await using first = await template.clone([a, b], { signal });
  await using second = await template.clone([b], { signal });
  t.match(first.start, { how: 'clone' }, 'then they are clones');
  t.comment(`clones to their first answer: ${first.start.durationMs}, ${second.start.durationMs} ms`);
  t.equal(first.hello.release, kernel.release);
  t.match(first.hello.commandLine, 'randomize_kstack_offset=off');

  const look = planOf({ op: 'read', path: '/dev/vda' }, { op: 'read', path: '/dev/vdb' });
  const [ofFirst, ofSecond] = await Promise.all([first.run(look, { signal }), second.run(look, { signal })]);
  t.match(
    ofFirst,
    { kind: 'completed', leftovers: [], results: [{ sha256: a.sha256 }, { sha256: b.sha256 }] },
    'then the first reads its own',
  );
  const zeros = createHash('sha256').update(Buffer.alloc(b.sizeBytes)).digest('hex');
  t.match(
    ofSecond,
    { kind: 'completed', results: [{ sha256: b.sha256 }, { sha256: zeros }] },
    'then the second reads its own, and zeros where it has none',
  );

  const write = planOf(
    { op: 'write-text', path: '/dev/vda', text: 'written' },
    { op: 'drop-caches' },
    { op: 'read', path: '/dev/vda' },
  );
  const changed = createHash('sha256')
    .update('written')
    .update(Buffer.alloc(a.sizeBytes - 7, 0xaa))
    .digest('hex');
  const written = await first.run(write, { signal });
  t.match(written.results.at(-1), { ok: true, sha256: changed }, 'when the first writes, then it reads what it wrote');
  t.equal(
    createHash('sha256').update(readFileSync(a.path)).digest('hex'),
    a.sha256,
    'then the shared file is untouched',
  );
  await using third = await template.clone([a], { signal });
  t.equal(await third.console(), '', 'then a clone starts with an empty console');
  t.match(
    (await third.run(look, { signal })).results,
    [{ sha256: a.sha256 }],
    'then another clone of the same disk does not see it',
  );
  t.match(
    await third.console(),
    /fathom: begin step0\n[^]*fathom: begin step1\n/,
    'then its console has said what was done since',
  );
});

await tidyTest(t, 'given ten clones, two at a time, when each runs a plan, then all complete', async (t) => {
  const disk = diskOf(t, 'shared', 0x11);
  const durations: number[] = [];
  const one = async (): Promise<void> => {
    await using machine = await template.clone([disk], { signal });
    durations.push(Math.round(machine.start.durationMs));
    const outcome = await machine.run(planOf({ op: 'read', path: '/dev/vda' }), { signal });
    t.match(outcome, { kind: 'completed', results: [{ ok: true, sha256: disk.sha256 }] });
  };
  const five = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await one();
  };
  await Promise.all([five(), five()]);
  t.comment(`to first answer: ${durations.sort((a, b) => a - b).join(' ')} ms`);
});

await tidyTest(
  t,
  'given four clones of one template, then together they use less than twice the memory of one',
  async (t) => {
    const look = planOf({ op: 'read', path: '/dev/vda' });
    const used = async (): Promise<QemuGuest> => {
      const machine = await template.clone([], { signal });
      await machine.run(look, { signal });
      return machine;
    };
    await using one = await used();
    const alone = await memoryOf([one.pid]);
    await using two = await used();
    await using three = await used();
    await using four = await used();
    const together = await memoryOf([one, two, three, four].map(({ pid }) => pid));
    t.comment(
      `one ${Math.round(alone / 2 ** 20)} MiB, four ${Math.round(together / 2 ** 20)} MiB, ${(together / alone).toFixed(2)} ×`,
    );
    t.ok(together < 2 * alone);
  },
);

await tidyTest(t, 'given a template, when it is prepared again, then it comes from the cache', async (t) => {
  await using again = await prepareTemplate({ kernel, shape, accelerator: 'auto', fresh: false, signal });
  t.equal(again.bootMs, undefined);
  await using machine = await again.clone([], { signal });
  t.equal(machine.start.how, 'clone');
  await t.rejects(
    again.clone([{ ...diskOf(t, 'short', 1), path: '/dev/null' }], { signal }),
    { name: 'HarnessError', message: /slot 0/ },
    'and a disk that does not fit its slot is refused',
  );
});

await tidyTest(t, 'given --fresh, when a machine is asked for, then it is booted and says so', async (t) => {
  await using fresh = await prepareTemplate({ kernel, shape, accelerator: 'auto', fresh: true, signal });
  const disk = diskOf(t, 'fresh', 0x77);
  await using machine = await fresh.clone([disk], { signal });
  t.match(machine.start, { how: 'boot', because: /fresh/ });
  t.comment(`boot ${Math.round(machine.start.durationMs)} ms`);
  t.match(await machine.run(planOf({ op: 'read', path: '/dev/vda' }), { signal }), {
    kind: 'completed',
    results: [{ sha256: disk.sha256 }],
  });
});
