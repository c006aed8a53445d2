import { execa } from 'execa';
import t from 'tap';
import { buildAgent } from '../../../vm/agent/build.ts';
import { agentLine } from '../../../vm/agent/protocol.ts';
import { useCache } from '../image/cache.ts';

const signal = AbortSignal.timeout(120_000);

await t.test(
  'given the sources, when built, then the agent is static and says the hash it was built under',
  async (t) => {
    useCache(t);
    const agent = await buildAgent({ signal });
    const { stdout } = await execa(agent.path, ['--stdio'], { input: '' });
    t.match(agentLine.parse(JSON.parse(stdout)), { type: 'hello', agent: agent.hash });
    t.match((await execa('readelf', ['-l', agent.path])).stdout.includes('INTERP'), false);
    const began = performance.now();
    t.same(await buildAgent({ signal }), agent, 'and built again it is the same one');
    t.ok(performance.now() - began < 1000, 'without compiling');
    t.equal((await execa(agent.path, [], { reject: false })).exitCode, 2, 'and without --stdio it wants to be init');
  },
);

await t.test('given no compiler, when built, then it is unsupported, with a remedy', async (t) => {
  const before = process.env['CC'];
  process.env['CC'] = 'no-such-compiler';
  t.teardown(() => {
    if (before === undefined) delete process.env['CC'];
    else process.env['CC'] = before;
  });
  await t.rejects(buildAgent({ signal }), {
    name: 'UnsupportedError',
    missing: 'a C compiler',
    remedy: /apt-get install gcc/,
  });
});
