/** What of the operations for pressure can be tried beside us: sysctls, and how each refuses. */
import t from 'tap';
import { planOf } from './conversation.ts';
import { needsRoot, startAgent } from './stdio.ts';

await t.test(
  'given sysctls that cannot be set, when a plan sets them, then the refusals of the kernel come back',
  { skip: needsRoot },
  async (t) => {
    const agent = await startAgent(t);
    const { results, done } = await agent.run(
      planOf({
        'read-only': { op: 'sysctl', name: 'kernel/ostype', value: 'Linux' },
        unknown: { op: 'sysctl', name: 'vm/nonesuch', value: '1' },
        nonsense: { op: 'sysctl', name: 'vm/drop_caches', value: 'many' },
      }),
    );
    t.same(
      results.map(({ ok, errno, call }) => (ok ? 'ok' : `${call}: ${errno}`)),
      ['open: EACCES', 'open: ENOENT', 'write: EINVAL'],
    );
    t.same(done.leftovers, []);
    t.same(await agent.end(), { exitCode: 0, stderr: '' });
  },
);
