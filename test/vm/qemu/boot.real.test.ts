/** Guests that never come up, and templates that cannot be used. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { listCache } from '../../../vm/cache.ts';
import { prepareTemplate, type TemplateRequest } from '../../../vm/qemu/template.ts';
import { kernel, shape, signal, tidyTest } from './machine.ts';

const request: TemplateRequest = { kernel, shape, accelerator: 'auto', fresh: false, signal };
/**
 * A copy of the kernel whose compressed payload is none any more: its decompressor says so and halts.
 * Offsets: Documentation/arch/x86/boot.rst.
 */
function damaged(directory: string): string {
  const image = readFileSync(kernel.image);
  const payload = ((image[0x1f1] ?? 0) + 1) * 512 + image.readUInt32LE(0x248);
  image.fill(0x5a, payload, payload + 65536);
  const file = path.join(directory, 'damaged');
  // For its owner alone: QEMU, another user, gets it all the same.
  writeFileSync(file, image, { mode: 0o600 });
  return file;
}

await tidyTest(
  t,
  'given a kernel image that is damaged, when it is booted, then the boot failed before its deadline, and not fathom',
  async (t) => {
    const image = damaged(t.testdir({}));
    const began = performance.now();
    const booting = prepareTemplate({
      ...request,
      kernel: { ...kernel, image, identity: `damaged ${process.pid}` },
      bootDeadlineMs: 60_000,
    });
    await t.rejects(booting, { name: 'BootFailure', kind: 'hung', message: /6\.18\.9.*stopped for good/ });
    t.ok(performance.now() - began < 30_000);
    await booting.catch((error: unknown) => t.comment(String(error)));
  },
);

await tidyTest(t, 'given a file that is no kernel, then QEMU refuses it in its own words', async (t) => {
  const image = path.join(t.testdir({ nonsense: 'nonsense' }), 'nonsense');
  const booting = prepareTemplate({ ...request, kernel: { ...kernel, image, identity: `nonsense ${process.pid}` } });
  await t.rejects(booting, { name: 'HarnessError' });
  await booting.catch((error: unknown) => t.comment(String(error)));
});

await tidyTest(t, 'given too little time to boot, then it hung, and where is said', async (t) => {
  const booting = prepareTemplate({ ...request, fresh: true, bootDeadlineMs: 1500 }).then(async (template) => {
    await using _ = template;
    await using machine = await template.clone([], { signal });
    return machine;
  });
  await t.rejects(booting, { name: 'BootFailure', kind: 'hung', message: /within 2 s: cpu0/ });
});

await tidyTest(t, 'given a boot that is aborted, then it rejects with the reason', async (t) => {
  const abort = new AbortController();
  const onProgress = (): void => void setTimeout(() => abort.abort(new Error('enough')), 800);
  const booting = prepareTemplate({
    ...request,
    kernel: { ...kernel, identity: `aborted ${process.pid}` },
    signal: abort.signal,
    onProgress,
  });
  await t.rejects(booting, { message: 'enough' });
  t.notOk(
    (await listCache()).some(({ title, lastUsed }) => title.startsWith('aborted') && lastUsed),
    'then no entry is in the cache',
  );
});

await tidyTest(
  t,
  'given a template whose state is damaged, when it is cloned, then a machine is booted and says why',
  async (t) => {
    const own = { ...request, kernel: { ...kernel, identity: `to be damaged ${process.pid}` } };
    await (await prepareTemplate(own))[Symbol.asyncDispose]();
    const [entry] = (await listCache())
      .filter(({ room }) => room === 'templates')
      .sort((a, b) => b.lastUsed.getTime() - a.lastUsed.getTime());
    t.ok(entry);
    truncateSync(path.join(entry!.directory, 'state'), 1000);
    await using template = await prepareTemplate(own);
    await using machine = await template.clone([], { signal });
    t.match(machine.start, { how: 'boot', because: /could not be restored/ });
    t.comment(machine.start.because);
  },
);
