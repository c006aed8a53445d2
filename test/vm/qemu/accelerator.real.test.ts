import { chmod, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import t from 'tap';
import { dir } from 'tmp-promise';
import { hostArchitecture } from '../../../vm/architecture.ts';
import { accelerators, chooseAccelerator } from '../../../vm/qemu/accelerator.ts';
import { leftovers } from './leftovers.ts';
import { temporaryCache } from '../cache/temporary-cache.ts';

const signal = AbortSignal.timeout(60_000);

await t.test(
  'given this host, when accelerators are proved, then what works has run a guest and what does not says why',
  async (t) => {
    temporaryCache(t);
    const found = await accelerators({ signal });
    t.match(found.tcg, { works: true });
    t.ok(found.slowdown >= 1);
    t.equal(found.chosen, found.kvm.works ? 'kvm' : 'tcg');
    if (!found.kvm.works) t.ok(found.kvm.because);
    t.comment(JSON.stringify(found));
    t.same(leftovers(), [], 'then nothing is left');

    const again = performance.now();
    t.same(await accelerators({ signal }), found, 'when asked again, then the answer is remembered');
    t.comment(`${Math.round(performance.now() - again)} ms`);

    t.equal((await chooseAccelerator('tcg', signal)).name, 'tcg');
    t.equal((await chooseAccelerator('auto', signal)).name, found.chosen);
    if (!found.kvm.works)
      await t.rejects(
        chooseAccelerator('kvm', signal),
        { name: 'UnsupportedError', message: /--accel kvm/ },
        'then KVM that does not work is refused',
      );
  },
);

await t.test('given a QEMU that runs no guest, then that is said, and nothing is remembered', async (t) => {
  const root = temporaryCache(t);
  const before = process.env['PATH'] ?? '';
  t.teardown(() => (process.env['PATH'] = before));
  const { path: broken, cleanup } = await dir({ unsafeCleanup: true });
  t.teardown(cleanup);
  await chmod(broken, 0o755);
  await writeFile(path.join(broken, hostArchitecture().qemu.program), '#!/bin/sh\nexit 3\n', { mode: 0o755 });
  process.env['PATH'] = `${broken}:${before}`;
  await t.rejects(accelerators({ signal }), { name: 'HarnessError', message: /QEMU runs no guest here/ });
  t.same(
    (await readdir(path.join(root, 'accelerators'))).filter((name) => !name.endsWith('.lock')),
    [],
  );
});

await t.test('given an abort, when accelerators are proved, then it rejects and nothing is remembered', async (t) => {
  temporaryCache(t);
  await t.rejects(accelerators({ signal: AbortSignal.abort(new Error('enough')) }));
  t.match(await accelerators({ signal }), { tcg: { works: true } });
});
