/** What becomes of a preparation that does not come off; the agent's lines are given, no machine. */
import { Duplex, PassThrough } from 'node:stream';
import t from 'tap';
import type { Kernel, Operation, Plan, Shape } from '../../../vm/machine.ts';
import { connectAgent } from '../../../vm/agent/connection.ts';
import { prepareGuest } from '../../../vm/qemu/prepare.ts';
import type { Qemu } from '../../../vm/qemu/process.ts';

const signal = AbortSignal.timeout(20_000);
const OPERATIONS: readonly Operation[] = [
  { op: 'mkdir', paths: ['/run/ä'], mode: 0o755 },
  { op: 'write-text', path: '/run/b', text: 'one\ntwo' },
];
const FIRST = '1 mkdir ["/run/?"] 493';
const SECOND = '2 write-text /run/b one?two';
const result = (step: string, extra: object = {}) => ({
  v: 1,
  type: 'result',
  plan: 'prepare',
  step,
  ok: true,
  messages: [],
  durationUs: 1,
  ...extra,
});
const done = { v: 1, type: 'done', plan: 'prepare', leftovers: [], messages: [] };
const message = { sequence: 1, level: 4, facility: 0, timestampUs: 1, text: 'no, said the kernel' };

/** Prepares a guest whose agent says these lines, and gives what it was sent. */
async function prepared(operations: readonly Operation[], lines: readonly object[], console = ''): Promise<string> {
  const [a, b] = [new PassThrough(), new PassThrough()];
  const agent = connectAgent(Duplex.from({ readable: a, writable: b }));
  for (const line of lines) a.write(`${JSON.stringify(line)}\n`);
  const qemu = { agent, console: () => Promise.resolve(console) } as unknown as Qemu;
  const kernel = { release: '6.18.9', spec: 'debian:6.18.9' } as Kernel;
  await prepareGuest(qemu, { kernel, shape: { prepare: operations } as Shape, slowdown: 2 }, signal);
  return String(b.read() ?? '');
}

t.test('given nothing to prepare, then the guest is left alone', async (t) => {
  t.equal(await prepared([], []), '');
});

t.test(
  'given operations, then each needs the one before, has a scaled deadline, and caches are dropped at the end',
  async (t) => {
    const lines = [result(FIRST), result(SECOND), result('drop caches'), done];
    const plan = JSON.parse(await prepared(OPERATIONS, lines)) as Plan;
    t.match(plan, {
      id: 'prepare',
      steps: [
        { id: FIRST, needs: [], deadlineMs: 60_000, operation: OPERATIONS[0] },
        { id: SECOND, needs: [FIRST], operation: OPERATIONS[1] },
        { id: 'drop caches', needs: [], operation: { op: 'drop-caches' } },
      ],
    });
  },
);

t.test('given an operation that the kernel refuses, then it is unsupported, and which and how is said', async (t) => {
  const lines = [
    result(FIRST, { ok: false, errno: 'EROFS', call: 'mkdir', messages: [message] }),
    result(SECOND, { ok: false, skipped: FIRST }),
    result('drop caches'),
    done,
  ];
  await t.rejects(prepared(OPERATIONS, lines), {
    name: 'UnsupportedError',
    missing: 'mkdir ["/run/?"] 493',
    message: `6.18.9 (debian:6.18.9) cannot be prepared: mkdir ["/run/?"] 493 failed: mkdir: EROFS (no, said the kernel)`,
  });
});

t.test('given a guest that dies of an operation, then the boot failed, and not fathom', async (t) => {
  const console = `fathom: begin ${FIRST}\n[    1.0] Kernel panic - not syncing: of this\n`;
  await t.rejects(prepared(OPERATIONS, [{ ...done, type: 'nonsense' }], console), {
    name: 'BootFailure',
    kind: 'crashed',
    message: /while 6\.18\.9 .* was being prepared by 1 mkdir .*: it died|died: .*of this/,
  });
});

t.test('given a guest that hangs in an operation, then the boot failed', async (t) => {
  const stuck = {
    v: 1,
    type: 'stuck',
    plan: 'prepare',
    step: SECOND,
    how: 'deadline',
    stack: '[<0>] xfs_wait+0x1\n',
    messages: [],
  };
  await t.rejects(prepared(OPERATIONS, [result(FIRST), stuck]), {
    name: 'BootFailure',
    kind: 'hung',
    message: /was being prepared by 2 write-text .* hung: in xfs_wait/,
  });
});

t.test('given a guest that talks nonsense or cannot be tidied up, then it is fathom’s fault', async (t) => {
  await t.rejects(prepared(OPERATIONS, [result(SECOND)]), { name: 'HarnessError', message: /lost: .*nonsense/ });
  const lines = [result(FIRST), result(SECOND), result('drop caches'), { ...done, leftovers: ['mount /mnt'] }];
  await t.rejects(prepared(OPERATIONS, lines), { name: 'HarnessError', message: /undone: mount \/mnt/ });
});
