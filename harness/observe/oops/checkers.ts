/** What the kernel's own checkers and watchdogs say: a part of the table in rules.ts, whose order counts. */
import type { Rule } from './rule.ts';

export const CHECKERS: readonly Rule[] = [
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
];
