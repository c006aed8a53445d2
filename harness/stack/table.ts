/**
 * Tables of ftrace's stack tracer (tracefs `stack_trace`, kernel/trace/trace_stack.c), as they come out of the kernel
 * and as people paste them: from dmesg, from syslog, quoted in a mail, wrapped, with or without the header.
 *
 *             Depth    Size   Location    (53 entries)
 *             -----    ----   --------
 *       0)     6688      48   mempool_alloc_slab+0x9/0x20
 *       1)     6640      56   mempool_alloc_noprof+0x65/0xd0
 *
 * Location is a return address into a function. Depth is how far below the top of the stack that address was found,
 * and Size the difference to the next line, the function's caller. A call pushes the return address before the callee
 * makes its frame, so on x86_64 a line's Size is the frame of the function named in that line, from just below the
 * return address into its caller down to the one that it pushed itself. Architectures that save the return address
 * after the locals (arm64) set ARCH_RET_ADDR_AFTER_LOCAL_VARS, and the kernel shifts the column so that this holds
 * there too. What was inlined, or left by a tail call, has no line: its bytes are in its caller's.
 */
import { functionName } from './symbol.ts';

export interface Frame {
  /** 0 is the deepest call, the last one the entry into the kernel. */
  readonly index: number;
  /** Bytes from the top of the task's stack, where the kernel was entered, down to and with this frame. */
  readonly depth: number;
  /** Bytes of this function's frame, as printed. */
  readonly size: number;
  /** As printed, without the module: `xfs_vm_readahead+0x4a/0x70`, or a bare address. */
  readonly location: string;
  /** To compare by: no offset, none of the compiler's suffixes. */
  readonly name: string;
  /** `xfs` for ` [xfs]`; undefined for a built-in function. */
  readonly module: string | undefined;
  /** Line of the text, from 1. */
  readonly line: number;
}

/** Something that looks like a part of the table and does not add up. */
export interface Damage {
  /** Line of the text, from 1. */
  readonly line: number;
  readonly what: string;
}

export interface StackTable {
  /** Where it begins in the text, from 1: its header, or its first frame. */
  readonly line: number;
  /** Deepest first; never empty. */
  readonly frames: readonly Frame[];
  /** In the order of the lines; empty for a table that is whole. */
  readonly damage: readonly Damage[];
}

const LOCATION = String.raw`(0x[\da-f]+|[A-Za-z_$.][\w$.]*(?:\+0x[\da-f]+(?:\/0x[\da-f]+)?)?)`;
/** `[xfs]`, or with the build id of the module behind its name (CONFIG_STACKTRACE_BUILD_ID). */
const MODULE = String.raw`(?:\s+\[([\w-]+)(?: [\da-f]+)?\])?`;
/** What people write behind a line that they mean: `<-- here`, `# big`. */
const REMARK = String.raw`(?:\s+(?:<|#|\/\/|--|\(|\*).*)?`;
const FRAME = new RegExp(String.raw`^\s*(\d+)\)\s+(\d+)\s+(\d+)\s+${LOCATION}${MODULE}${REMARK}\s*$`);
/** The two halves of a line that a mail program broke. */
const FIRST_HALF = /^\s*(\d+)\)\s+(\d+)(?:\s+(\d+))?\s*$/;
const SECOND_HALF = new RegExp(String.raw`^\s*(?:(\d+)\s+)?${LOCATION}${MODULE}\s*$`);
const MODULE_ALONE = /^\s*\[([\w-]+)(?: [\da-f]+)?\]\s*$/;
const HEADER = /\bDepth\s+Size\s+Location\b(?:\s+\((\d+) entries\))?/;
const LOOKS_LIKE_FRAME = /^\s*(\d+)\)\s+\S/;

/** What stands before a line that went through a mail, dmesg (plain, -T, -x, PRINTK_CALLER), syslog or journalctl. */
const PREFIX = new RegExp(
  `^(?:\\s*(?:${[
    String.raw`[A-Za-z]{0,3}[>|]`,
    String.raw`<\d{1,3}>`,
    String.raw`\[ *\d+\.\d+\]`,
    String.raw`\[ *[TC]\d+\]`,
    String.raw`\[(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [^\]]+\]`,
    String.raw`[a-z]+ *:[a-z]+ *:`,
    String.raw`(?:[A-Z][a-z]{2} [ \d]?\d [\d:]{8}|\d{4}-\d\d-\d\d[T ][\d:.,+-]+Z?)(?: \S+)?`,
    String.raw`kernel(?:\[\d+\])?:`,
  ].join('|')}))+`,
);

interface Draft {
  readonly line: number;
  readonly announced: number | undefined;
  readonly frames: Frame[];
  readonly damage: Damage[];
}

interface Half {
  readonly line: number;
  readonly index: number;
  readonly depth: number;
  readonly size: number | undefined;
}

/** Every table in a text, in order; none where there is none. A damaged table comes too, and says what is wrong. */
export function parseStackTables(text: string): readonly StackTable[] {
  const drafts: Draft[] = [];
  let draft: Draft | undefined;
  let half: Half | undefined;
  let line = 0;

  for (const raw of text.split('\n')) {
    line++;
    let match = FRAME.exec(raw);
    let rest = raw;
    if (match === null) {
      rest = raw.replace(PREFIX, '');
      if (rest !== raw) match = FRAME.exec(rest);
    }
    if (match !== null) {
      dropHalf();
      add(Number(match[1]), Number(match[2]), Number(match[3]), match[4]!, match[5]);
    } else if (rest.trim() !== '') otherwise(rest);
  }
  dropHalf();
  return drafts.filter(({ frames }) => frames.length > 0).map(finish);

  function open(announced?: number): Draft {
    draft = { line, announced, frames: [], damage: [] };
    drafts.push(draft);
    return draft;
  }

  function add(index: number, depth: number, size: number, location: string, module: string | undefined): void {
    const last = draft?.frames.at(-1);
    // Nothing lies below the entry into the kernel, whose Size is its Depth.
    const begins = draft === undefined || (last !== undefined && (index === 0 || last.size === last.depth));
    const { frames } = begins ? open() : draft!;
    frames.push({ index, depth, size, location, name: functionName(location), module, line });
  }

  function otherwise(rest: string): void {
    const header = HEADER.exec(rest);
    if (header !== null) {
      dropHalf();
      open(header[1] === undefined ? undefined : Number(header[1]));
      return;
    }
    const second = half === undefined ? null : SECOND_HALF.exec(rest);
    const size = half?.size ?? (second?.[1] === undefined ? undefined : Number(second[1]));
    if (half !== undefined && second !== null && size !== undefined) {
      const { index, depth } = half;
      half = undefined;
      add(index, depth, size, second[2]!, second[3]);
      return;
    }
    dropHalf();
    const first = FIRST_HALF.exec(rest);
    if (first !== null) {
      const [, index, depth, size] = first;
      half = { line, index: Number(index), depth: Number(depth), size: size === undefined ? undefined : Number(size) };
      return;
    }
    const last = draft?.frames.at(-1);
    if (draft === undefined || last === undefined) return;
    const alone = MODULE_ALONE.exec(rest);
    if (alone !== null && last.module === undefined && last.line === line - 1)
      draft.frames[draft.frames.length - 1] = { ...last, module: alone[1] };
    else if (Number(LOOKS_LIKE_FRAME.exec(rest)?.[1]) === last.index + 1 && last.size !== last.depth)
      draft.damage.push({ line, what: `frame ${last.index + 1} cannot be read: ${rest.trim()}` });
  }

  function dropHalf(): void {
    const last = draft?.frames.at(-1);
    if (half !== undefined && last !== undefined && half.index === last.index + 1 && last.size !== last.depth)
      draft!.damage.push({ line: half.line, what: `frame ${half.index} breaks off before its function` });
    half = undefined;
  }
}

function finish({ line, announced, frames, damage }: Draft): StackTable {
  const found = [...damage, ...sums(frames)];
  if (announced !== undefined && announced !== frames.length)
    found.push({ line, what: `the header says ${announced} entries, ${frames.length} were found` });
  return { line, frames, damage: found.length < 2 ? found : found.sort((a, b) => a.line - b.line) };
}

/** The kernel computes each Size from two depths, and numbers the lines: whatever breaks that came after it. */
function sums(frames: readonly Frame[]): readonly Damage[] {
  const damage: Damage[] = [];
  const first = frames[0]!;
  if (first.index > 0) damage.push({ line: first.line, what: `the table begins with frame ${first.index}` });
  for (let i = 1; i < frames.length; i++) {
    const above = frames[i - 1]!;
    const frame = frames[i]!;
    const tell = (line: number, what: string): number => damage.push({ line, what });
    if (frame.index > above.index + 1) {
      const from = above.index + 1;
      const missing = from === frame.index - 1 ? `frame ${from} is` : `frames ${from} to ${frame.index - 1} are`;
      tell(frame.line, `${missing} missing before frame ${frame.index}`);
    } else if (frame.index <= above.index) tell(frame.line, `frame ${frame.index} stands after frame ${above.index}`);
    if (frame.depth >= above.depth)
      tell(frame.line, `frame ${frame.index}: depth ${frame.depth} is not less than the ${above.depth} above it`);
    else if (above.size !== above.depth - frame.depth && frame.index === above.index + 1)
      tell(above.line, `frame ${above.index}: size ${above.size}, the depths give ${above.depth - frame.depth}`);
  }
  const last = frames.at(-1)!;
  if (last.size !== last.depth)
    damage.push({
      line: last.line,
      what: `the table ends at depth ${last.depth} with a size of ${last.size}: what is below is missing`,
    });
  return damage;
}
