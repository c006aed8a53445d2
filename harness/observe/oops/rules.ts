/**
 * What a kernel says when something is wrong with it, as data. Order matters: the first rule with a format that fits
 * a line has it. Sources: arch/x86/{mm/fault,kernel/traps,kernel/dumpstack}.c, arch/arm{,64}/mm/fault.c, kernel/panic.c,
 * lib/bug.c, and the file named beside a rule.
 */
import type { ReportKind, Rule } from './rule.ts';

/** Functions that report, or that lead to those: never what a report is about. */
export const GENERIC = new RegExp(
  '^(?:(?:__)?dump_stack(?:_lvl)?|show_(?:stack|regs|trace).{0,32}|dump_(?:backtrace|header|trace).{0,16}|v?panic|die|__die|oops_end' +
    '|__warn(?:_printk)?|report_bug|handle_bug|warn_slowpath_.{1,16}|check_panic_on_warn|nmi_.{1,48}|(?:asm_)?exc_.{1,32}' +
    '|asm_sysvec_.{1,48}|sysvec_.{1,48}|(?:no_context|page_fault_oops|bad_area\\w{0,32}|kernelmode_fixup_or_oops)' +
    '|ret_from_fork.{0,8}|arch_(?:trigger|cpu)_.{1,40}|restore_regs_.{1,40}|mem_abort_decode|el1h?_.{1,32})$',
);

/** What an oops is followed by, and belongs to it: `panic_on_oops`, and watchdogs that are told to panic. */
const CONSEQUENCE =
  /Fatal exception|panic_on_(?:warn|oops)|hung_task: blocked tasks|softlockup: hung tasks|RCU Stall|KASAN: panic|kernel stack overflow/;

const FAULTS: readonly ReportKind[] = [
  'null-pointer',
  'page-fault',
  'general-protection',
  'guard-page',
  'double-fault',
  'bug',
  'kasan',
  'list-corruption',
  'oops',
];

export const RULES: readonly Rule[] = [
  {
    kind: 'guard-page',
    test: 'stack',
    formats: [
      {
        pattern: /^BUG: (?<stack>[\w#-]{1,20}) stack guard page was hit at /,
        title: 'BUG: {stack} stack guard page was hit in {function}',
      },
      { pattern: /^BUG: stack guard page was hit at /, title: 'BUG: stack guard page was hit in {function}' },
      { pattern: /^Insufficient stack space to handle exception!/, title: 'kernel stack overflow in {function}' },
      { pattern: /^Oops: stack guard page: /, title: 'Oops: stack guard page in {function}' },
    ],
    joins: ['guard-page'],
  },
  {
    kind: 'double-fault',
    test: 'double fault',
    formats: [
      { pattern: /^(?:traps: )?PANIC: double fault/, title: 'double fault in {function}' },
      { pattern: /^(?:Oops: )?double fault: [\da-f]{4} /, title: 'double fault in {function}' },
    ],
    joins: ['double-fault', 'guard-page'],
  },
  {
    kind: 'null-pointer',
    test: 'NULL pointer dereference',
    formats: [
      {
        pattern: /^(?:BUG: )?(?:kernel|[Uu]nable to handle kernel) NULL pointer dereference/,
        title: 'NULL pointer dereference in {function}',
      },
    ],
  },
  {
    kind: 'page-fault',
    test: 'nable to handle ',
    formats: [
      {
        pattern:
          /^(?:BUG: )?[Uu]nable to handle (?:page fault for address|kernel paging request|kernel access|kernel write)/,
        title: 'page fault in {function}',
      },
    ],
  },
  {
    kind: 'general-protection',
    test: 'general protection fault',
    formats: [
      {
        pattern: /^(?:Oops: )?general protection fault(?::|, probably|, maybe)/,
        title: 'general protection fault in {function}',
      },
    ],
    joins: ['kasan'],
  },
  // include/linux/bug.h CHECK_DATA_CORRUPTION, lib/list_debug.c
  {
    kind: 'list-corruption',
    test: 'list_',
    formats: [
      {
        pattern: /^(?:slab .{0,80})?(?<list>list_(?:add|del)) (?:corruption|double add)/,
        title: '{list} corruption in {function}',
      },
    ],
    skip: /^__list_(?:add|del)_.{1,40}$/,
  },
  // lib/refcount.c; its lines come between `cut here` and `WARNING:`
  {
    kind: 'refcount',
    test: 'refcount_t: ',
    formats: [{ pattern: /^refcount_t: (?<what>[\w ,;()-]{1,80}?)\.?$/, title: 'refcount bug ({what}) in {function}' }],
    skip: /^refcount_.{1,48}$/,
  },
  // mm/kasan/report.c
  {
    kind: 'kasan',
    test: 'KASAN: ',
    formats: [
      {
        pattern: /^BUG: KASAN: (?<what>[\w ()-]{1,48}?) in (?<function>[\w$.]{1,128})/,
        title: 'KASAN: {what} in {function}',
      },
    ],
    skip: /^(?:print_(?:report|address_description)|__?kasan_.{1,40}|kasan_.{1,40}|__asan_.{1,40}|check_memory_region.{0,16})$/,
  },
  // lib/ubsan.c
  {
    kind: 'ubsan',
    test: 'UBSAN: ',
    formats: [
      { pattern: /^UBSAN: (?<what>[\w ,-]{1,48}) in \S{1,256}$/, title: 'UBSAN: {what} in {function}' },
      { pattern: /^UBSAN: Undefined behaviour in \S{1,256}$/, title: 'UBSAN: undefined behaviour in {function}' },
    ],
    skip: /^(?:ubsan_.{1,40}|__ubsan_.{1,48}|handle_overflow)$/,
  },
  // kernel/locking/lockdep.c
  {
    kind: 'lockdep',
    test: ': ',
    formats: [
      {
        pattern:
          /^(?:WARNING|\[ ?INFO|INFO): possible (?:circular locking|recursive locking|irq lock inversion)[\w ]{0,32} detected/,
        title: 'possible deadlock in {function}',
      },
      {
        pattern: /^(?:WARNING|\[ ?INFO|INFO): \w{4,16}-safe -> \w{4,16}-unsafe lock order detected/,
        title: 'possible deadlock in {function}',
      },
      {
        pattern: /^(?:WARNING|\[ ?INFO|INFO): inconsistent lock state/,
        title: 'inconsistent lock state in {function}',
      },
      { pattern: /^(?:WARNING|\[ ?INFO|INFO): suspicious RCU usage/, title: 'suspicious RCU usage in {function}' },
      { pattern: /^WARNING: bad unlock balance detected!/, title: 'bad unlock balance in {function}' },
      {
        pattern:
          /^(?:WARNING|BUG): (?:\S{1,48}\/\d{1,8} still has locks held|held lock freed|lock held when returning to user space)!?/,
        title: 'lock held in {function}',
      },
    ],
    skip: /^(?:print_.{1,48}|check_.{1,40}|validate_chain|__lock_acquire|lock_acquire|_raw_.{1,40}|mutex_lock.{0,24}|__mutex_lock.{0,24}|down_(?:read|write).{0,24}|lockdep_.{1,40})$/,
  },
  // kernel/panic.c, __warn(); the second is that of 6.19 and newer
  {
    kind: 'warning',
    test: 'WARNING: ',
    formats: [
      {
        pattern: /^WARNING: CPU: \d{1,5} PID: \d{1,8} at (?:\S{1,256}:\d{1,6} )?(?<function>[\w$.]{1,128})\+0x/,
        title: 'WARNING in {function}',
      },
      { pattern: /^WARNING: CPU: \d{1,5} PID: \d{1,8} at \S{1,256}$/, title: 'WARNING in {function}' },
      {
        pattern:
          /^WARNING: \S{1,256}:\d{1,6} at (?<function>[\w$.]{1,128})\+0x\S{1,24}(?: \[[\w-]{1,64}\])?, CPU#\d{1,5}: /,
        title: 'WARNING in {function}',
      },
    ],
    joins: ['refcount', 'list-corruption'],
  },
  // kernel/watchdog.c
  {
    kind: 'soft-lockup',
    test: 'soft lockup',
    formats: [
      {
        pattern: /^(?:watchdog: )?BUG: soft lockup - CPU#\d{1,5} stuck for \d{1,8}s! \[/,
        title: 'BUG: soft lockup in {function}',
      },
    ],
  },
  // kernel/rcu/tree_stall.h
  {
    kind: 'rcu-stall',
    test: 'stall',
    formats: [
      {
        pattern: /^(?:rcu: )?INFO: (?:rcu_\w{1,24} (?:self-)?detected (?:expedited )?stalls? on CPUs?)/,
        title: 'INFO: rcu detected stall in {function}',
      },
    ],
    joins: ['rcu-stall'],
    skip: /^(?:rcu_.{1,40}|sched_show_task|print_cpu_stall.{0,16}|update_process_times|tick_.{1,32}|hrtimer_.{1,32}|__hrtimer_.{1,32})$/,
  },
  // kernel/hung_task.c
  {
    kind: 'hung-task',
    test: 'blocked for more than',
    formats: [
      {
        pattern: /^INFO: task (?<comm>.{1,48}):(?<pid>\d{1,8}) (?:<\S{1,40}> )?blocked for more than \d{1,8} seconds/,
        title: 'INFO: task hung in {function}',
      },
    ],
    skip: /^(?:__schedule|schedule.{0,32}|io_schedule.{0,16}|(?:do_|__)?wait_for_.{1,40}|__switch_to.{0,8}|context_switch|wait_on_.{1,32}|folio_wait_.{1,32}|rwsem_down_.{1,32}|__down_.{1,32}|down_.{1,24}|__mutex_lock.{0,24}|mutex_lock.{0,24})$/,
  },
  // mm/oom_kill.c
  {
    kind: 'out-of-memory',
    test: 'oom-killer',
    formats: [{ pattern: /^(?<comm>.{1,48}) invoked oom-killer: /, title: 'out of memory in {function}' }],
    skip: /^(?:oom_.{1,40}|out_of_memory|__alloc_.{1,48}|moom_callback)$/,
  },
  {
    kind: 'out-of-memory',
    test: 'ut of memory',
    formats: [
      {
        pattern:
          /^(?:Memory cgroup out of memory|Out of memory(?: \([\w ]{1,40}\))?): Kill(?:ed)? process \d{1,8} \((?<victim>[^)]{1,48})\)/,
        title: 'out of memory: killed {victim}',
      },
    ],
    joins: ['out-of-memory'],
  },
  // lib/bug.c
  {
    kind: 'bug',
    test: 'kernel BUG at ',
    formats: [{ pattern: /^kernel BUG at \S{1,256}!$/, title: 'kernel BUG in {function}' }],
    joins: ['list-corruption'],
  },
  {
    kind: 'bug',
    test: 'BUG: ',
    formats: [
      {
        pattern: /^BUG: sleeping function called from invalid context/,
        title: 'BUG: sleeping function called from invalid context in {function}',
      },
      { pattern: /^BUG: scheduling while atomic: /, title: 'BUG: scheduling while atomic in {function}' },
      { pattern: /^BUG: Bad page (?:state|map|cache) in process /, title: 'BUG: bad page in {function}' },
      { pattern: /^BUG: (?<what>\S.{0,200})$/, title: 'BUG: {what}' },
    ],
    // lockdep is out of room and says so; nothing is wrong with the kernel.
    suppressions: [
      /^BUG: MAX_(?:LOCKDEP_\w{1,24}|LOCK_DEPTH|STACK_TRACE_ENTRIES) too low!/,
      /turning off the locking correctness validator/,
    ],
    joins: [...FAULTS, 'lockdep'],
    skip: /^(?:__might_resched|__might_sleep|___might_sleep|__schedule_bug|__schedule|schedule(?:_.{1,32})?|rwsem_down_.{1,32}|down_(?:read|write).{0,24}|bad_page)$/,
  },
  {
    kind: 'oops',
    test: ': ',
    formats: [
      {
        pattern: /^Internal error: (?<what>[A-Za-z][\w ,/()-]{1,60}?)(?: - .{1,40})?: [\da-f]{1,16} /,
        title: '{what} in {function}',
      },
      { pattern: /^Oops: (?:Oops: )?[\da-f]{4} /, title: 'Oops in {function}' },
      { pattern: /^Oops(?: - |: )(?<what>[A-Za-z][\w ,]{1,48}?): [\da-f]{1,16} /, title: '{what} in {function}' },
      {
        pattern:
          /^(?<what>invalid opcode|divide error|stack segment|int3|alignment check|segment not present): [\da-f]{4} /,
        title: '{what} in {function}',
      },
      { pattern: /^Oops: (?<what>\S.{0,80})$/, title: 'Oops: {what}' },
    ],
    joins: FAULTS,
  },
  {
    kind: 'panic',
    test: 'Kernel panic - not syncing',
    formats: [{ pattern: /^Kernel panic - not syncing: ?(?<what>.{0,200})$/, title: 'kernel panic: {what}' }],
    joins: 'any',
    joinsIf: CONSEQUENCE,
  },
];
