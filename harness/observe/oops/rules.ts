/**
 * What a kernel says when something is wrong with it, as data. Order matters: the first rule with a format that fits
 * a line has it. Sources: arch/x86/{mm/fault,kernel/traps,kernel/dumpstack}.c, arch/arm{,64}/mm/fault.c, kernel/panic.c,
 * lib/bug.c, and the file named beside a rule.
 */
import { CHECKERS } from './checkers.ts';
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
  ...CHECKERS,
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
