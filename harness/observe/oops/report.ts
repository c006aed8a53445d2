/** Reports of the kernel about itself, found in a console log or dmesg. */
import { chainOf, type ChainLink } from './chain.ts';
import { locationIn, traceLine, type Frame } from './frames.ts';
import { cleaned } from './lines.ts';
import { GENERIC, RULES } from './rules.ts';
import type { Format, ReportKind, Rule } from './rule.ts';

export type { ChainLink } from './chain.ts';
export type { Frame } from './frames.ts';
export type { ReportKind } from './rule.ts';

export interface KernelReport {
  readonly kind: ReportKind;
  /** What happened and in which function, without addresses, numbers of CPUs or tasks: the same each time it happens. */
  readonly title: string;
  /** Undefined where the report does not say whose the CPU was. */
  readonly task: { readonly comm: string; readonly pid: number } | undefined;
  readonly cpu: number | undefined;
  /** `uname -r`. */
  readonly release: string | undefined;
  /** Letters of the taint flags, `GWE`; empty: not tainted; undefined: the report does not say. */
  readonly tainted: string | undefined;
  /** Lowest and highest address of the stack whose guard page was hit, as printed. */
  readonly stackRange: { readonly from: string; readonly to: string } | undefined;
  /** Where the CPU was; undefined in reports without registers. */
  readonly at: Frame | undefined;
  /** The report's first call trace, deepest first. */
  readonly frames: readonly Frame[];
  /** The reliable frames outside interrupts, deepest first, folded into repeating layers. */
  readonly chain: readonly ChainLink[];
  /** Lines of the text, counted from 1, both included. */
  readonly lines: { readonly from: number; readonly to: number };
}

/** No report goes on for longer; what comes after is the log's own again. */
const MOST_LINES = 4000;
const END = /^-{2,3}\[ end (?:trace|Kernel panic)/;
const CPU =
  /\bCPU: (?<cpu>\d{1,5}) (?:UID: \d{1,10} )?PID: (?<pid>\d{1,8}) Comm: (?<comm>.{1,48}?) (?:Not tainted|(?:Kdump: \w{1,10} )?Tainted: (?<taint>[A-Z][A-Z -]{0,40}?)) {1,16}(?<release>\d{1,3}\.\d{1,4}\S{0,96})/;
const STACK = /\(stack is (?:\(ptrval\)|(?:0x)?(?<from>[\da-f]{8,16}))\.\.(?:\(ptrval\)|(?:0x)?(?<to>[\da-f]{8,16}))\)/;
const WHERE = /^(?:RIP: (?:0010|e030):|EIP: |pc : |PC is at |NIP )(?<where>.{1,400})/;
/** Where lockdep's lock is taken, the first that it names. */
const LOCK = /^.{0,200}\}(?:-\{[\d:]{1,8}\})?, at: (?<where>.{1,300})/;
const TRACE = /^(?:Call [Tt]race|Backtrace|Stack):/;
/** What ends a trace even inside a `<TASK>` that nothing closes. */
const AFTER_TRACE = /^(?:RIP|EIP|Code|Modules linked in|NMI backtrace|INFO|Sending NMI)[: ]|^-{2,3}\[/;
/** Stacks of their own: what runs there is not the task's. */
const INTERRUPT = /^(?:IRQ|NMI|SOFTIRQ|EOI|#\w{2}|ENTRY_TRAMPOLINE|EXCEPTION)/;

/** Every report in `text`, in its order. Never throws; text without one gives none. Takes time in proportion to it. */
export function parseReports(text: string): readonly KernelReport[] {
  const reports: KernelReport[] = [];
  let open: Open | undefined;
  let number = 0;
  const close = (): void => {
    if (open !== undefined) reports.push(finished(open));
    open = undefined;
  };
  for (const raw of eachLine(text)) {
    number++;
    const line = cleaned(raw);
    const match = matchOf(line);
    const joined = match !== undefined && open !== undefined && belongs(match, line, open.match.rule.kind);
    if (match !== undefined && !joined) {
      close();
      open = { match, from: number, to: number, frames: [], trace: 'before', stacks: [] };
    }
    if (open === undefined) continue;
    if (number - open.from >= MOST_LINES) {
      close();
      continue;
    }
    add(open, line, number, joined);
    if (END.test(line)) open.ended = true;
  }
  close();
  return reports;
}

interface Match {
  readonly rule: Rule;
  readonly format: Format;
  readonly groups: Readonly<Record<string, string | undefined>>;
}

/** A report that is being read. */
interface Open {
  readonly match: Match;
  readonly from: number;
  to: number;
  readonly frames: Frame[];
  trace: 'before' | 'in' | 'after';
  /** Marks that have been opened and not closed. */
  readonly stacks: string[];
  at?: Frame | undefined;
  cpu?: RegExpExecArray['groups'];
  stack?: { readonly from: string; readonly to: string };
  /** Its end marker has come: only a consequence still belongs to it. */
  ended?: boolean;
}

function* eachLine(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from);
    yield text.slice(from, end === -1 ? text.length : end);
    from = end === -1 ? text.length : end + 1;
  }
}

function matchOf(line: string): Match | undefined {
  for (const rule of RULES) {
    if (!line.includes(rule.test)) continue;
    for (const format of rule.formats) {
      const groups = format.pattern.exec(line);
      if (groups === null) continue;
      // What a rule suppresses is no other rule's either.
      if (rule.suppressions?.some((pattern) => pattern.test(line)) === true) return undefined;
      return { rule, format, groups: groups.groups ?? {} };
    }
  }
  return undefined;
}

function belongs({ rule: { joins, joinsIf } }: Match, line: string, kind: ReportKind): boolean {
  if (joins === undefined || (joins !== 'any' && !joins.includes(kind))) return false;
  return joinsIf === undefined || joinsIf.test(line);
}

function add(open: Open, line: string, number: number, joined: boolean): void {
  if (open.ended === true && !joined && !END.test(line)) return;
  // What follows a trace is the report's only when its end, or more of it, comes after.
  if (open.trace !== 'after' || joined || END.test(line)) open.to = number;
  const range = STACK.exec(line)?.groups;
  if (range?.['from'] !== undefined && range['to'] !== undefined)
    open.stack ??= { from: range['from'], to: range['to'] };
  open.cpu ??= CPU.exec(line)?.groups;
  const where = WHERE.exec(line) ?? (open.match.rule.kind === 'lockdep' ? LOCK.exec(line) : null);
  if (where !== null) open.at ??= locationIn(where.groups!['where']!);
  addToTrace(open, line);
}

function addToTrace(open: Open, line: string): void {
  if (open.trace === 'after') return;
  if (open.trace === 'before') {
    if (TRACE.test(line)) open.trace = 'in';
    return;
  }
  const inInterrupt = open.stacks.some((name) => INTERRUPT.test(name));
  const found = traceLine(line, inInterrupt);
  switch (found.kind) {
    case 'frame':
      open.frames.push(found.frame);
      return;
    case 'mark':
      if (!found.closes) open.stacks.push(found.name);
      else if (open.stacks.includes(found.name)) open.stacks.splice(open.stacks.lastIndexOf(found.name), 1);
      // 5.x and older: `<EOI>` begins what was interrupted.
      else if (found.name === 'EOI') open.stacks.length = 0;
      return;
    case 'other':
      // Within a stack that is still open the line is another CPU's, or the registers at an exception.
      if (open.stacks.length === 0 ? open.frames.length > 0 : AFTER_TRACE.test(line) && !line.startsWith('RIP'))
        open.trace = 'after';
      return;
  }
  found satisfies never;
}

function finished(open: Open): KernelReport {
  const { match, frames, at, cpu } = open;
  const path = frames.filter(({ reliable, inInterrupt }) => reliable && !inInterrupt);
  return {
    kind: match.rule.kind,
    title: titleOf(match, at, frames),
    task: taskOf(match, cpu),
    cpu: cpu?.['cpu'] === undefined ? undefined : Number(cpu['cpu']),
    release: cpu?.['release'],
    tainted: cpu === undefined ? undefined : (cpu['taint'] ?? '').replaceAll(/[^A-Z]/g, ''),
    stackRange: open.stack,
    at,
    frames,
    chain: chainOf(path.map(({ function: name }) => name)),
    lines: { from: open.from, to: open.to },
  };
}

function taskOf({ rule, groups }: Match, cpu: Open['cpu']): KernelReport['task'] {
  const [comm, pid] = rule.kind === 'hung-task' ? [groups['comm'], groups['pid']] : [cpu?.['comm'], cpu?.['pid']];
  return comm === undefined || pid === undefined ? undefined : { comm, pid: Number(pid) };
}

function titleOf({ rule, format, groups }: Match, at: Frame | undefined, frames: readonly Frame[]): string {
  const candidates = [...(at === undefined ? [] : [at]), ...frames.filter(({ reliable }) => reliable)];
  const about = candidates.find(
    ({ function: name }) => !GENERIC.test(plain(name)) && rule.skip?.test(plain(name)) !== true,
  );
  const title = format.title.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    name === 'function' ? plain(groups['function'] ?? about?.function ?? '(unknown)') : stable(groups[name] ?? ''),
  );
  return title.trimEnd();
}

/** Without what the compiler adds to a clone of a function. */
function plain(name: string): string {
  return name.replace(/(?:\.(?:isra|constprop|part|cold|llvm|lto_priv)(?:\.\d+)?)+$/, '');
}

/** Without what changes from one time to the next. */
function stable(text: string): string {
  return text
    .replaceAll(/\b(?:0x[\da-f]+|[\da-f]{8,16})\b/g, 'ADDR')
    .replaceAll(/\b(CPU|cpu)[# ]?\d+/g, '$1')
    .replaceAll(/\b([\w-]+)[/:]\d+\b/g, '$1')
    .trim();
}
