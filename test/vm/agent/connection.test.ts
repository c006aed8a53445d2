import { Duplex, PassThrough } from 'node:stream';
import t from 'tap';
import { connectAgent, parseLine } from '../../../vm/agent/connection.ts';

const limits = { signal: new AbortController().signal, deadlineMs: 1000 };
const PONG = '{"v":1,"type":"pong","id":"1"}';

/** Two ends of one stream. */
function pipe(): { readonly ours: Duplex; readonly theirs: Duplex } {
  const [a, b] = [new PassThrough(), new PassThrough()];
  return { ours: Duplex.from({ readable: a, writable: b }), theirs: Duplex.from({ readable: b, writable: a }) };
}

await t.test('given lines in pieces, then each is one event, in order', async (t) => {
  const { ours, theirs } = pipe();
  const agent = connectAgent(ours);
  theirs.write(`${PONG}\n${PONG.slice(0, 10)}`);
  theirs.write(`${PONG.slice(10)}\nnot json\n`);
  t.match(await agent.next(limits), { kind: 'line', line: { type: 'pong' } });
  t.match(await agent.next(limits), { kind: 'line', line: { type: 'pong' } });
  t.match(await agent.next(limits), { kind: 'garbage', text: '"not json"' });
  t.same(agent.transcript, [`< ${PONG}`, `< ${PONG}`, '< not json']);
});

await t.test('given silence, then the deadline is an answer and abort is an error', async (t) => {
  const agent = connectAgent(pipe().ours);
  t.equal(await agent.next({ ...limits, deadlineMs: 5 }), 'deadline');
  await t.rejects(agent.next({ ...limits, signal: AbortSignal.abort(new Error('enough')) }), { message: 'enough' });
});

await t.test(
  'given a stream that ends, then what came before is still read, and then it is closed for ever',
  async (t) => {
    const { ours, theirs } = pipe();
    const agent = connectAgent(ours);
    theirs.write(`${PONG}\nrest`);
    theirs.end();
    t.match(await agent.next(limits), { kind: 'line' });
    t.same(await agent.next(limits), { kind: 'closed' });
    t.same(await agent.next(limits), { kind: 'closed' });
    t.same(agent.transcript, [`< ${PONG}`, '< rest'], 'and the transcript has the unfinished line');
    agent.send({ v: 1, type: 'ping', id: 'x' });
  },
);

await t.test('given lines that are not the protocol, then each says why', async (t) => {
  t.match(parseLine('{"v":2,"type":"pong","id":"1"}'), { kind: 'garbage', why: /v/ });
  t.match(parseLine('{"v":1,"type":"what"}'), { kind: 'garbage' });
  t.match(parseLine(`"${'x'.repeat(500)}"`), { kind: 'garbage', text: /more characters/ });
  t.match(parseLine(PONG), { kind: 'line' });
});
