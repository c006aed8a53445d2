/** What is left of a fathom that was killed with SIGKILL. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { startTime } from '../../../vm/process-identity.ts';
import { sweep } from '../../../vm/qemu/reaper.ts';
import { leftovers } from './leftovers.ts';

await t.test(
  'given a fathom with a running clone, when it is killed with SIGKILL, then its QEMU is gone within a second',
  async (t) => {
    const child = spawn(process.execPath, [...process.execArgv, path.join(import.meta.dirname, 'victim.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.teardown(() => child.kill('SIGKILL'));
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const qemu = Number(said.toString());
    t.ok(startTime(qemu), 'the QEMU runs');
    const made = leftovers(child.pid);
    t.match(made, [/^fathom-/, `process ${qemu}`]);

    const killed = performance.now();
    child.kill('SIGKILL');
    await once(child, 'exit');
    while (startTime(qemu) !== undefined && performance.now() - killed < 1000) await sleep(5);
    t.equal(startTime(qemu), undefined);
    t.comment(`gone after ${Math.round(performance.now() - killed)} ms`);

    await sweep();
    t.same(leftovers(child.pid), [], 'and the next fathom removes its directory');
  },
);
