/** Both sides of rules: a line that is theirs and one that looks like it. Text in other wrappings, text of no kernel. */
import fc from 'fast-check';
import t from 'tap';
import { parseReports, type ReportKind } from '../../../harness/observe/oops/report.ts';
import { RULES } from '../../../harness/observe/oops/rules.ts';
import { firstReport, recorded } from './oops-fixtures.ts';

/**
 * First lines as the kernel's own formats spell them, for what Debian's kernels are not built to say or say in other
 * versions: the printk of the file named, its arguments filled in. No logs: those are in fixtures/.
 */
const SPELT: readonly (readonly [ReportKind, string, string])[] = [
  ['kasan', 'BUG: KASAN: slab-use-after-free in ovl_open+0x10/0x20 [overlay]', 'mm/kasan/report.c'],
  ['ubsan', 'UBSAN: shift-out-of-bounds in fs/erofs/super.c:1:2', 'lib/ubsan.c'],
  ['ubsan', 'UBSAN: Undefined behaviour in fs/erofs/super.c:1:2', 'lib/ubsan.c before 5.10'],
  ['lockdep', 'WARNING: possible circular locking dependency detected', 'kernel/locking/lockdep.c'],
  ['lockdep', 'WARNING: possible recursive locking detected', 'kernel/locking/lockdep.c'],
  ['lockdep', 'WARNING: inconsistent lock state', 'kernel/locking/lockdep.c'],
  ['lockdep', 'WARNING: suspicious RCU usage', 'kernel/locking/lockdep.c'],
  ['lockdep', 'WARNING: bad unlock balance detected!', 'kernel/locking/lockdep.c'],
  ['warning', 'WARNING: CPU: 0 PID: 1 at fs/inode.c:1 drop_nlink+0x10/0x20', 'kernel/panic.c'],
  ['warning', 'WARNING: fs/inode.c:1 at drop_nlink+0x10/0x20, CPU#0: init/1', 'kernel/panic.c since 6.19'],
  ['bug', 'kernel BUG at fs/inode.c:1!', 'lib/bug.c'],
  ['bug', 'BUG: sleeping function called from invalid context at fs/inode.c:1', 'kernel/sched/core.c'],
  ['bug', 'BUG: scheduling while atomic: init/1/0x00000002', 'kernel/sched/core.c'],
  ['hung-task', 'INFO: task init:1 blocked for more than 120 seconds.', 'kernel/hung_task.c'],
  ['soft-lockup', 'watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [init:1]', 'kernel/watchdog.c'],
  ['rcu-stall', 'rcu: INFO: rcu_sched self-detected stall on CPU', 'kernel/rcu/tree_stall.h'],
  ['refcount', 'refcount_t: underflow; use-after-free.', 'lib/refcount.c'],
  ['list-corruption', 'list_del corruption, ffff888000000000->next is NULL', 'lib/list_debug.c'],
  ['oops', 'Internal error: Oops: 96000004 [#1] SMP', 'arch/arm64/kernel/traps.c'],
  ['oops', 'Internal error: Oops - undefined instruction: 0 [#1] SMP ARM', 'arch/arm/kernel/traps.c'],
  [
    'null-pointer',
    'Unable to handle kernel NULL pointer dereference at virtual address 00000000',
    'arch/arm64/mm/fault.c',
  ],
  ['page-fault', 'Unable to handle kernel paging request at virtual address ffff800000000000', 'arch/arm64/mm/fault.c'],
  ['guard-page', 'Insufficient stack space to handle exception!', 'arch/arm64/kernel/traps.c'],
  ['guard-page', 'BUG: stack guard page was hit at 0000 (stack is 0000..0000)', 'arch/x86/mm/fault.c before 5.16'],
  ['double-fault', 'traps: PANIC: double fault, error_code: 0x0', 'arch/x86/kernel/traps.c'],
  ['out-of-memory', 'Memory cgroup out of memory: Killed process 1 (cat) total-vm:1kB', 'mm/oom_kill.c'],
  ['general-protection', 'general protection fault: 0000 [#1] SMP', 'arch/x86/kernel/traps.c before 6.13'],
  ['panic', 'Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)', 'init/do_mounts.c'],
];

/** What looks like a report to a careless eye. */
const LOOK_ALIKES: readonly string[] = [
  'BUG: MAX_LOCKDEP_CHAINS too low!',
  'turning off the locking correctness validator.',
  'fathom: BUG: the tool says so of itself',
  'DEBUG: all is well',
  'debug: kernel BUG at the window',
  'WARNING: this driver is experimental',
  'WARNING: CPU is slow at reading',
  'systemd[1]: Kernel panic - not syncing would be bad',
  'rcu: RCU calculated value of scheduler-enlistment delay is 25 jiffies.',
  'rcu: \tRCU CPU stall warnings timeout set to 60 (rcu_cpu_stall_timeout).',
  'Out of memory is what we are not',
  'possible circular locking dependency detected',
  'INFO: task init is well and was not blocked for more than a second',
  'list_add is a function',
  'refcount_t: 1 user left: 0x10 (fine)!',
  'kasan: KernelAddressSanitizer initialized (generic)',
  'traps: a.out[1] general protection fault ip:401000 sp:7ffc0000 error:0',
  'a.out[1]: segfault at 0 ip 0000000000401000 sp 00007ffc0000 error 4',
  'NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.',
  'Oops is not what this is',
  'traps: double fault handler installed',
  'Internal error',
  'Unable to handle your request',
  'NULL pointer dereference is a kind of bug',
  'UBSAN: enabled',
  'soft lockup detector started',
];

t.test('given the first line of a report in the words of its kernel, then its rule has it', async (t) => {
  for (const [kind, line, source] of SPELT) t.match(parseReports(`[    1.000000] ${line}\n`), [{ kind }], source);
  const kinds = new Set(SPELT.map(([kind]) => kind));
  t.same(
    [...new Set(RULES.map(({ kind }) => kind))].filter((kind) => !kinds.has(kind)),
    [],
    'then no rule is untried',
  );
});

t.test('given lines that look like reports, then there is no report', async (t) => {
  for (const line of LOOK_ALIKES) t.same(parseReports(`[    1.000000] ${line}\n`), [], line);
});

t.test('given a console in other wrappings, then its report is the same', async (t) => {
  const plain = recorded('null-pointer');
  const expected = firstReport(plain);
  const eachLine = (change: (line: string) => string): string => plain.split('\n').map(change).join('\n');
  const wrapped = {
    'dmesg with levels': eachLine((line) => `<4>${line}`),
    CRLF: plain.replaceAll('\n', '\r\n'),
    'quoted mail': eachLine((line) => `> > ${line}`),
    CONFIG_PRINTK_CALLER: eachLine((line) => line.replace(/^(\[ *\d+\.\d+\])/, '$1[  T120]')),
    syslog: eachLine((line) => `Nov 21 05:00:00 guest kernel: ${line}`),
    'no time': eachLine((line) => line.replace(/^\[ *\d+\.\d+\] /, '')),
  };
  for (const [name, text] of Object.entries(wrapped)) t.same(firstReport(text), expected, name);
});

t.test('given the consequence of a report, then it belongs to it; alone, then it is one itself', async (t) => {
  const text = recorded('null-pointer');
  t.equal(parseReports(text).length, 1);
  const panic = text.slice(text.indexOf('Kernel panic - not syncing'));
  t.match(parseReports(panic), [{ kind: 'panic', title: 'kernel panic: Fatal exception' }]);
  t.match(parseReports(`${text}\n${recorded('sysrq-crash')}`), [{ kind: 'null-pointer' }, { kind: 'panic' }]);
});

t.test('given any text, then nothing throws and lines are in order', async (t) => {
  const words = fc.constantFrom(
    ...SPELT.map(([, line]) => line),
    ...LOOK_ALIKES,
    'Call Trace:',
    ' <TASK>',
    ' </IRQ>',
    ' f+0x1/0x2',
    '---[ end trace 0 ]---',
  );
  const text = fc.array(fc.oneof(words, fc.string()), { maxLength: 60 }).map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, (log) => {
      let last = 0;
      for (const { lines } of parseReports(log)) {
        if (lines.from <= last || lines.to < lines.from) return false;
        last = lines.from;
      }
      return true;
    }),
  );
  t.pass();
});

t.test('given a megabyte of near misses, then it is read in less than a second', async (t) => {
  const near = {
    'look-alikes': LOOK_ALIKES.join('\n'),
    'first lines': SPELT.map(([, line]) => line).join('\n'),
    'frames without end': `BUG: x\nCall Trace:\n${' f+0x1/0x2\n g+0x1/0x2\n'.repeat(2000)}`,
    'one long line': `BUG: KASAN: ${'a'.repeat(5000)}`,
    blanks: `BUG: x\nCPU: 0 PID: 1 Comm: ${' '.repeat(2000)}Tainted: ${'G '.repeat(2000)}`,
    brackets: '[ '.repeat(500),
    'words and dots': `BUG: x\nCall Trace:\n${'a.'.repeat(400)}+0x\n`,
  };
  for (const [name, piece] of Object.entries(near)) {
    const text = `${piece}\n`.repeat(Math.ceil(2 ** 20 / piece.length)).slice(0, 2 ** 20);
    const from = performance.now();
    parseReports(text);
    const took = performance.now() - from;
    t.comment(`${name}: ${took.toFixed(0)} ms`);
    t.ok(took < 1000, `${name}: ${took.toFixed(0)} ms`);
  }
});
