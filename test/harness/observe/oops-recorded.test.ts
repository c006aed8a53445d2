/** Each kind that a guest can be made to fail with, as a real kernel says it. */
import t from 'tap';
import { parseReports, type ReportKind } from '../../../harness/observe/oops/report.ts';
import { deathOf } from '../../../vm/qemu/crash.ts';
import { firstReport, recorded } from './oops-fixtures.ts';

const RECORDED: Readonly<Record<string, readonly [ReportKind, string]>> = {
  'sysrq-crash': ['panic', 'kernel panic: sysrq triggered crash'],
  'sysrq-crash-5.10': ['panic', 'kernel panic: sysrq triggered crash'],
  'null-pointer': ['null-pointer', 'NULL pointer dereference in ovl_init_fs_context'],
  'page-fault': ['page-fault', 'page fault in ovl_init_fs_context'],
  'general-protection': ['general-protection', 'general protection fault in ovl_init_fs_context'],
  'invalid-opcode': ['oops', 'invalid opcode in ovl_init_fs_context'],
  'double-fault': ['double-fault', 'double fault in ovl_init_fs_context'],
  'guard-page': ['guard-page', 'BUG: TASK stack guard page was hit in filemap_get_read_batch'],
  'guard-page-7.3': ['guard-page', 'BUG: TASK stack guard page was hit in filemap_get_read_batch'],
  'guard-page-recursion': ['guard-page', 'BUG: TASK stack guard page was hit in ovl_init_fs_context'],
  'oom-kill': ['out-of-memory', 'out of memory in process_one_work'],
  'oom-tmpfs': ['out-of-memory', 'out of memory in alloc_pages_mpol'],
  warning: ['warning', 'WARNING in drop_nlink'],
  refcount: ['refcount', 'refcount bug (underflow; use-after-free) in ovl_init_fs_context'],
  'list-corruption': ['list-corruption', 'list_add corruption in ovl_init_fs_context'],
  'hung-task': ['hung-task', 'INFO: task hung in ovl_init_fs_context'],
  'soft-lockup': ['soft-lockup', 'BUG: soft lockup in ovl_init_fs_context'],
  'scheduling-while-atomic': ['bug', 'BUG: scheduling while atomic in ovl_init_fs_context'],
  'rcu-stall': ['rcu-stall', 'INFO: rcu detected stall in ovl_init_fs_context'],
};

const WATCHDOGS: readonly ReportKind[] = ['hung-task', 'soft-lockup'];

for (const [name, [kind, title]] of Object.entries(RECORDED))
  t.test(`given the console of ${name}, when it is read, then each report is of the right kind`, async (t) => {
    const text = recorded(name);
    const reports = parseReports(text);
    // Watchdogs say the same again and again, until the guest is ended.
    t.ok(WATCHDOGS.includes(kind) ? reports.length > 1 : reports.length === 1);
    for (const report of reports) t.match(report, { kind, title });
    const { lines, release, task } = firstReport(text);
    if (kind !== 'hung-task') t.match(release, /^\d+\.\d+/, 'then it names the release');
    t.not(task, undefined, 'then it names the task');
    const death = deathOf(text);
    if (death !== undefined) {
      const at = text.split('\n').findIndex((line) => line.includes(death.title)) + 1;
      t.ok(lines.from <= at && at <= lines.to, 'then the line that machines call a crash is in the report');
    }
  });

t.test('given the BUG of a corrupt list without the line before it, then it is one of its own', async (t) => {
  const text = recorded('list-corruption');
  t.match(firstReport(text.slice(text.indexOf('kernel BUG at'))), { kind: 'bug', title: /^kernel BUG in / });
});

t.test('given traces asked for with sysrq, then they are no reports', async (t) => {
  const text = recorded('sysrq-traces');
  t.match(text, /Call Trace:/);
  t.same(parseReports(text), []);
});

t.test('given a stack of nested filesystems, then its chain is folded into their layers', async (t) => {
  for (const name of ['guard-page', 'guard-page-7.3']) {
    const report = firstReport(recorded(name));
    t.match(report.stackRange, { from: /^[0-9a-f]{16}$/, to: /^[0-9a-f]{16}$/ });
    const layers = report.chain.find((link) => link.kind === 'repeat' && link.times > 3);
    t.match(layers, { kind: 'repeat' }, `${name}: then a section comes more than three times`);
    t.match(JSON.stringify(layers), /ovl_read_iter/, `${name}: then overlay is in it`);
    t.match(JSON.stringify(layers), /erofs/, `${name}: then erofs is in it`);
    t.ok(report.chain.length < report.frames.length / 4, `${name}: then the chain is short`);
  }
});

t.test('given an oops, then its first trace, registers and taint are read', async (t) => {
  const report = firstReport(recorded('null-pointer'));
  t.match(report.at, { function: 'ovl_init_fs_context', offset: 0x4a, size: 0x180, module: 'overlay', reliable: true });
  t.same(
    report.frames.map(({ function: name }) => name),
    ['alloc_fs_context', 'path_mount', '__x64_sys_mount', 'do_syscall_64', 'entry_SYSCALL_64_after_hwframe'],
  );
  t.match(report, { task: { comm: 'init' }, cpu: 0, tainted: 'GE', release: '6.18.9+deb13-cloud-amd64' });
  t.equal(firstReport(recorded('guard-page-recursion')).frames[0]?.reliable, false, 'then `?` is not reliable');
});
