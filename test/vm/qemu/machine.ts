/** What the tests of real machines share: a kernel, a shape, and disks that are told apart. */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Test } from 'tap';
import { resolveKernel } from '../../../vm/kernel/resolve.ts';
import type { BuiltDisk, Operation, Plan, Shape } from '../../../vm/machine.ts';
import { leftovers } from './leftovers.ts';

export const signal = AbortSignal.timeout(280_000);
export const kernel = await resolveKernel('debian:6.18.9', { signal });

const DISK_BYTES = 4 * 2 ** 20;
export const shape: Shape = {
  memoryMiB: 256,
  cpus: 1,
  slots: [{ sizeBytes: DISK_BYTES }, { sizeBytes: DISK_BYTES }],
  modules: [],
  device: 'virtio-blk',
  prepare: [],
  needsConfig: [],
};

export function planOf(...operations: readonly Operation[]): Plan {
  const steps = operations.map((operation, index) => ({ id: `step${index}`, needs: [], deadlineMs: 3000, operation }));
  return { v: 1, type: 'plan', id: 'plan', steps };
}

/** A raw disk filled with one byte, and the sha256 of it. */
export function diskOf(t: Test, name: string, byte: number): BuiltDisk & { readonly sha256: string } {
  const content = Buffer.alloc(DISK_BYTES, byte);
  const file = path.join(t.testdirName, name);
  mkdirSync(t.testdirName, { recursive: true });
  t.teardown(() => rmSync(file, { force: true }));
  writeFileSync(file, content);
  // Made here and never looked into by its spec.
  const spec = {
    kind: 'disk',
    filesystem: 'xfs',
    sizeBytes: DISK_BYTES,
    tree: { kind: 'directory', entries: {} },
  } as const;
  return { path: file, sizeBytes: DISK_BYTES, spec, sha256: createHash('sha256').update(content).digest('hex') };
}

/** A test after which nothing may be left over. */
export async function tidyTest(t: Test, title: string, body: (t: Test) => Promise<void>): Promise<void> {
  await t.test(title, async (t) => {
    await body(t);
    t.same(leftovers(), [], 'then no process and no directory is left');
  });
}
