import t from 'tap';
import { consoleTail, deathOf } from '../../../vm/qemu/crash.ts';

// Said by 6.18.9+deb13-cloud-amd64, shortened.
const PANIC =
  '[    4.1] sysrq: Trigger a crash\n[    4.2] Kernel panic - not syncing: sysrq triggered crash\n[    4.3] CPU: 0 UID: 0 PID: 71 Comm: init\n';
const INIT =
  '[    4.1] fathom: begin step1\n[    4.2] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000100\n';

await t.test('given a console with a panic, then its title is the panic', async (t) => {
  t.same(deathOf(PANIC), { kind: 'crash', title: 'Kernel panic - not syncing: sysrq triggered crash' });
});

await t.test('given an init that ended, then it is the agent that died', async (t) => {
  t.match(deathOf(INIT), { kind: 'agent-ended', title: /Attempted to kill init/ });
});

await t.test('given an oops that took init along, then it is the oops', async (t) => {
  t.match(deathOf(`[    4.0] BUG: kernel NULL pointer dereference, address: 0000000000000008\n${INIT}`), {
    kind: 'crash',
    title: 'BUG: kernel NULL pointer dereference, address: 0000000000000008',
  });
});

await t.test('given a console without a crash, then there is none, whatever the words', async (t) => {
  t.equal(deathOf(''), undefined);
  t.equal(deathOf('[    1.0] DEBUG: all is well\n[    1.1] kernel panicking is what we do not do\n'), undefined);
});

await t.test('given a long console, then its tail is its last lines', async (t) => {
  const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);
  t.equal(consoleTail(`${lines.join('\n')}\n`, 2), 'line 98\nline 99');
  t.equal(consoleTail(''), '');
});
