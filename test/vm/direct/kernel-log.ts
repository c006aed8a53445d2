/** Tests that judge by this machine's own kernel log take turns: what one has the kernel say, another would take for its own. */
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import type { Test } from 'tap';

/** Waits for the turn, which lasts until the test file has ended. */
export async function takeKernelLog(t: Test): Promise<void> {
  const lock = path.join(tmpdir(), 'fathom-tests-of-the-kernel-log');
  const holder = execa('flock', [lock, '/bin/sh', '-c', 'echo mine; exec cat'], {
    stdin: 'pipe',
    buffer: { stdout: false },
    reject: false,
  });
  await once(holder.stdout, 'data');
  t.teardown(async () => {
    holder.stdin.end();
    await holder;
  });
}
