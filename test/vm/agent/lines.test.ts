/** What the agent makes of lines: the two halves of the protocol accept and refuse the same. */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import fc from 'fast-check';
import t from 'tap';
import { buildAgent } from '../../../vm/agent/build.ts';
import {
  MAX_DEADLINE_MS,
  MAX_LINE_BYTES,
  MAX_STEPS,
  operation,
  ping,
  plan,
  type Operation,
} from '../../../vm/agent/protocol.ts';
import { planOf } from './conversation.ts';
import { needsRoot, startAgent } from './stdio.ts';

/** Every operation once; `as const` keys make a missing one a type error. */
const OPERATIONS: { readonly [Op in Operation['op']]: Extract<Operation, { op: Op }> } = {
  mount: {
    op: 'mount',
    source: 'none',
    target: '/x',
    fstype: 'tmpfs',
    flags: ['rdonly', 'nosuid', 'nodev', 'noexec', 'silent', 'bind', 'private', 'noatime', 'remount'],
    data: 'size=1m',
  },
  fsmount: {
    op: 'fsmount',
    fstype: 'overlay',
    parameters: [
      { kind: 'flag', key: 'ro' },
      { kind: 'string', key: 'lowerdir', value: 'ü/💾' },
      { kind: 'fd', key: 'lowerdir+', path: '/x' },
    ],
    target: '/x',
    rdonly: true,
  },
  umount: { op: 'umount', target: '/x', lazy: false },
  reconfigure: { op: 'reconfigure', target: '/x', parameters: [{ kind: 'flag', key: 'ro' }] },
  bind: { op: 'bind', source: '/x', target: '/y', rdonly: true, unbindable: false },
  'mount-by': {
    op: 'mount-by',
    by: 'foreign-context',
    api: 'fsopen',
    fstype: 'overlay',
    source: 'overlay',
    target: '/x',
    data: '',
    parameters: [{ kind: 'fd', key: 'lowerdir+', path: '/x' }],
  },
  casefold: { op: 'casefold', path: '/x' },
  look: { op: 'look', path: '/x' },
  'lose-writes': { op: 'lose-writes', path: '/x' },
  loop: { op: 'loop', name: 'a-1._', file: '/x', rdonly: true, directIo: false },
  'loop-detach': { op: 'loop-detach', name: 'a', keepName: true },
  mkdir: { op: 'mkdir', paths: ['/x'], mode: 0o7777 },
  'write-text': { op: 'write-text', path: '/x', text: 'a\u0000\n"\\💾' },
  'copy-file': { op: 'copy-file', from: '/x', to: '/y' },
  read: { op: 'read', path: '/x' },
  'read-by': { op: 'read-by', path: '/x', how: 'exec' },
  'open-write': { op: 'open-write', path: '/x', append: '' },
  tree: { op: 'tree', path: '/' },
  change: {
    op: 'change',
    change: { how: 'rename', path: '/x', to: '/y', flags: ['noreplace', 'exchange', 'whiteout'] },
  },
  cgroup: { op: 'cgroup', name: 'a-1._', memoryMaxBytes: 0, swapMaxBytes: 2 ** 40 },
  counters: { op: 'counters', cgroup: '' },
  hog: { op: 'hog', bytes: 1, how: 'tmpfs' },
  swap: { op: 'swap', sizeBytes: 2 ** 40 },
  verity: {
    op: 'verity',
    name: 'v',
    data: '/dev/vda',
    hash: '/dev/vda',
    dataBlocks: 0xffff_ffff,
    hashStartBlock: 0,
    blockBytes: 4096,
    algorithm: 'sha256',
    salt: '',
    rootHash: 'c0ffee',
  },
  fuse: {
    op: 'fuse',
    over: '/x',
    target: '/y',
    rdonly: true,
    passthrough: true,
    maxStackDepth: 0xffff_ffff,
    writebackCache: false,
  },
  'fuse-backing': { op: 'fuse-backing', target: '/y', file: '/x' },
  'ecryptfs-key': { op: 'ecryptfs-key', signature: '0123456789abcdef' },
  fsverity: { op: 'fsverity', path: '/x' },
  sysctl: { op: 'sysctl', name: 'net/ipv4/conf/eth0.1/mc_forwarding', value: '0' },
  'drop-caches': { op: 'drop-caches' },
  sysrq: { op: 'sysrq', key: 'w' },
  exercise: {
    op: 'exercise',
    how: 'copy_file_range',
    path: '/x',
    to: '/y',
    seed: 0xffff_ffff,
    count: 1,
    processes: 64,
    cgroup: 'a-1._',
    trace: false,
  },
  shell: { op: 'shell', script: 'exec sh', rows: 24, columns: 80, raw: false },
  misbehave: { op: 'misbehave', how: 'exit' },
};

/** A plan that is parsed whole and of which nothing is done: everything needs a step that fails. */
const inert = (operations: readonly unknown[]): unknown => {
  const fails = planOf({ fails: { op: 'read', path: '/nonexistent' } });
  const steps = operations.map((value, index) => ({
    id: `step ${index}`,
    needs: ['fails'],
    deadlineMs: 1000,
    operation: value,
  }));
  return { ...fails, steps: [...fails.steps, ...steps] };
};

await t.test(
  'given every operation, when a plan holds them, then the agent understands each as protocol.ts does',
  { skip: needsRoot },
  async (t) => {
    const agent = await startAgent(t);
    const outcome = await agent.run(plan.parse(inert(Object.values(OPERATIONS))));
    t.equal(outcome.results[0]?.errno, 'ENOENT');
    t.equal(outcome.results.length, 1 + Object.keys(OPERATIONS).length);
    for (const result of outcome.results.slice(1)) t.equal(result.skipped, 'fails', result.step);
    t.same(await agent.end(), { exitCode: 0, stderr: '' });
  },
);

await t.test(
  'given lines that are not of the protocol, when they arrive, then each is refused with its place and the agent goes on',
  async (t) => {
    const agent = await startAgent(t);
    const good = planOf({ a: { op: 'read', path: '/x' } });
    const step = good.steps[0];
    const withOperation = (value: unknown): unknown => ({ ...good, steps: [{ ...step, operation: value }] });
    const cases: readonly (readonly [string | Uint8Array, RegExp])[] = [
      ['', /byte 0: the line ends/],
      ['{"v":1,"type":"ping","id":"x"', /byte 29: expected ',' or '\}'/],
      ['{"v":1,"type":"ping","id":"x"}}', /byte 30: more bytes after the value/],
      ['{"v":1,"type":"ping","id":"x",}', /byte 30: expected a string/],
      ['{"v":01,"type":"ping","id":"x"}', /must not begin with 0/],
      ['{"v":1,"type":"ping","id":"\\ud800"}', /half of a surrogate pair/],
      ['{"v":1,"type":"ping","id":"\\x"}', /unknown escape/],
      ['{"v":1,"type":"ping","id":"\u0001"}', /control character/],
      [Buffer.from('{"v":1,"type":"ping","id":"\xff"}', 'latin1'), /byte 27: not UTF-8/],
      [Buffer.from('{"v":1,"type":"ping","id":"\xc0\x80"}', 'latin1'), /byte 27: not UTF-8/],
      ['[]', /expected an object, not an array/],
      ['['.repeat(100_000), /nested too deeply/],
      ['{"type":"ping","id":"x"}', /missing field "v"/],
      ['{"v":2,"type":"ping","id":"x"}', /v: only version 1 is understood/],
      ['{"v":1,"type":"pong","id":"x"}', /type: unknown type "pong"/],
      ['{"v":1,"type":"ping","id":"x","id":"y"}', /duplicate field "id"/],
      ['{"v":1,"type":"ping","id":"x","more":1}', /unknown field "more"/],
      ['{"v":1,"type":"ping","id":7}', /id: expected a string, not a number/],
      [JSON.stringify({ ...good, id: '' }), /id: empty/],
      [JSON.stringify({ ...good, steps: [{ ...step, deadlineMs: 1.5 }] }), /steps\[0\]\.deadlineMs: not an integer/],
      [JSON.stringify({ ...good, steps: [{ ...step, deadlineMs: 0 }] }), /steps\[0\]\.deadlineMs: out of range/],
      [
        JSON.stringify({ ...good, steps: [{ ...step, deadlineMs: MAX_DEADLINE_MS + 1 }] }),
        /steps\[0\]\.deadlineMs: out of range/,
      ],
      [JSON.stringify({ ...good, steps: [step, step] }), /steps\[1\]\.id: an earlier step has the same id/],
      [
        JSON.stringify({ ...good, steps: [{ ...step, needs: ['a'] }] }),
        /steps\[0\]\.needs\[0\]: no earlier step is called "a"/,
      ],
      [
        JSON.stringify(withOperation({ op: 'format', path: '/x' })),
        /steps\[0\]\.operation\.op: unknown operation "format"/,
      ],
      [JSON.stringify(withOperation({ op: 'read' })), /steps\[0\]\.operation: missing field "path"/],
      [JSON.stringify(withOperation({ op: 'read', path: 'x' })), /steps\[0\]\.operation\.path: not an absolute path/],
      [
        JSON.stringify(withOperation({ op: 'read', path: `/${'x'.repeat(4095)}` })),
        /steps\[0\]\.operation\.path: longer than 4095 bytes/,
      ],
      [JSON.stringify(withOperation({ op: 'read', path: '/a\0b' })), /steps\[0\]\.operation\.path: a NUL in it/],
      [
        JSON.stringify(withOperation({ op: 'mount', source: '', target: '/x', fstype: '', flags: ['ro'], data: '' })),
        /operation\.flags\[0\]: unknown flag "ro"/,
      ],
      [
        JSON.stringify(withOperation({ op: 'loop-detach', name: '../x', keepName: false })),
        /operation\.name: a loop name/,
      ],
      ...['../x', 'vm/../x', '/vm', 'vm/', 'vm//x', 'vm/x\n', ''].map(
        (name) =>
          [
            JSON.stringify(withOperation({ op: 'sysctl', name, value: '1' })),
            /operation\.name: not the name of a sysctl/,
          ] as const,
      ),
      [
        JSON.stringify(withOperation({ ...OPERATIONS.fsmount, parameters: [{ kind: 'flag', key: 'ro', value: '' }] })),
        /operation\.parameters\[0\]: unknown field "value"/,
      ],
      [
        JSON.stringify({
          ...good,
          steps: Array.from({ length: MAX_STEPS + 1 }, (_, index) => ({ ...step, id: `${index}` })),
        }),
        /steps: more than 4096/,
      ],
      ['x'.repeat(MAX_LINE_BYTES + 1), /a line longer than 1048576 bytes/],
      [JSON.stringify({ v: 1, type: 'ping', id: 'x'.repeat(MAX_LINE_BYTES - 30) }), /id: longer than 127 characters/],
    ];
    for (const [line, reason] of cases) {
      agent.sendRaw(line);
      agent.sendRaw('\n');
      t.match((await agent.next('fault')).reason, reason);
      agent.send({ v: 1, type: 'ping', id: 'still there' });
      t.equal((await agent.next('pong')).id, 'still there');
    }
    t.same(await agent.end(), { exitCode: 0, stderr: '' });
  },
);

await t.test('given a line in many pieces, when its newline comes, then it is one line', async (t) => {
  const agent = await startAgent(t);
  for (const character of '{"v":1,"type":"ping","id":"piece by piece"}\n') agent.sendRaw(character);
  t.equal((await agent.next('pong')).id, 'piece by piece');
});

await t.test(
  'given a host that asks and does not read, when it reads at last, then no answer is missing',
  async (t) => {
    const { path } = await buildAgent({ signal: AbortSignal.timeout(120_000) });
    // Their faults are more than the agent is willing to keep: it stops taking lines until some are read.
    const count = 150_000;
    const child = execa(path, ['--stdio'], { input: 'x\n'.repeat(count), buffer: false, reject: false });
    child.stdout.pause();
    await sleep(1000);
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
    const residentKiB = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    t.ok(residentKiB < 64 * 1024, `then it is of bounded size meanwhile: ${residentKiB} KiB`);
    t.match(status, /State:\s+S/, 'then it does not spin meanwhile');
    let lines = 0;
    for await (const line of createInterface({ input: child.stdout })) if (line.includes('"fault"')) lines++;
    t.equal(lines, count);
    t.match(await child, { exitCode: 0 });
  },
);

/** JSON of about the right shape: real operations with a field changed, dropped or added. */
const almostOperation = fc
  .tuple(
    fc.constantFrom(...Object.values(OPERATIONS)),
    fc.option(
      fc.constantFrom('op', 'path', 'target', 'mode', 'flags', 'text', 'rdonly', 'name', 'parameters', 'key', 'more'),
    ),
    fc.oneof(
      fc.constant(undefined),
      fc.json().map((text) => JSON.parse(text) as unknown),
      fc.string({ unit: 'grapheme', maxLength: 80 }),
      fc.integer(),
      fc.boolean(),
    ),
  )
  .map(([good, field, value]): unknown => (field === null ? good : { ...good, [field]: value }));

await t.test(
  'given operations that are almost right, when both halves read them, then both accept or both refuse',
  { skip: needsRoot },
  async (t) => {
    const agent = await startAgent(t);
    await fc.assert(
      fc.asyncProperty(almostOperation, async (candidate) => {
        const request = JSON.parse(JSON.stringify(inert([candidate]))) as { steps: { operation: unknown }[] };
        const accepted = operation.safeParse(request.steps[1]?.operation).success;
        agent.send(request);
        const first = await agent.nextText();
        const { type } = JSON.parse(first) as { type: string };
        if (type === 'result') {
          t.match(JSON.parse(await agent.nextText()), { type: 'result', skipped: 'fails' });
          await agent.next('done');
        }
        return accepted === (type === 'result');
      }),
      { numRuns: 150, interruptAfterTimeLimit: 20_000 },
    );
    t.same(await agent.end(), { exitCode: 0, stderr: '' });
  },
);

await t.test(
  'given any bytes, when they end in a newline, then the answer is a fault or, for a true ping, a pong',
  async (t) => {
    const agent = await startAgent(t);
    const valid = Buffer.from(JSON.stringify(planOf({ a: { op: 'mkdir', paths: ['/x'], mode: 1 } })));
    const mutated = fc
      .array(fc.tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 })
      .map((changes) => {
        const bytes = Buffer.from(valid);
        for (const [at, byte] of changes) bytes[at] = byte;
        // Never a plan: that would be run.
        return Buffer.concat([Buffer.from('['), bytes]);
      });
    const line = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
      mutated,
      fc
        .record({
          v: fc.constantFrom(1, 2),
          type: fc.constant('ping'),
          id: fc.string({ unit: 'binary', maxLength: 130 }),
        })
        .map((value) => Buffer.from(JSON.stringify(value))),
    );
    await fc.assert(
      fc.asyncProperty(line, async (bytes) => {
        const one = Buffer.from(bytes).map((byte) => (byte === 10 ? 32 : byte));
        agent.sendRaw(Buffer.concat([one, Buffer.from('\n')]));
        const answer = JSON.parse(await agent.nextText()) as { type: string; id?: string };
        if (answer.type === 'fault') return;
        t.match(ping.parse(JSON.parse(Buffer.from(one).toString())), { id: answer.id });
      }),
      { numRuns: 2000, interruptAfterTimeLimit: 15_000 },
    );
    t.same(await agent.end(), { exitCode: 0, stderr: '' });
  },
);
