/** One table explained: path, accounts, headroom. Everything that a report says of it, and nothing of how. */
import {
  costByAccount,
  costByFunction,
  oneMoreOverlay,
  type AccountCost,
  type FunctionCost,
  type OneMoreOverlay,
} from './cost.ts';
import { fold, type Section } from './fold.ts';
import { attribute, type Attributed } from './layers.ts';
import { pathOf, type Path } from './path.ts';
import type { StackTable } from './table.ts';

/** Bytes of a task's stack: THREAD_SIZE of x86_64 (arch/x86/include/asm/page_64_types.h), and of arm64. Twice that with KASAN. */
export const THREAD_SIZE = 16_384;

export interface Explanation extends Path {
  readonly table: StackTable;
  /** Deepest first; the first `incidental` of them are not of the path. */
  readonly frames: readonly Attributed[];
  readonly threadSizeBytes: number;
  /** What the peak leaves of the stack; negative when it does not fit into the stack that was named. */
  readonly headroomBytes: number;
  /** Of the path, then of what is incidental. */
  readonly accounts: readonly AccountCost[];
  readonly incidentalAccounts: readonly AccountCost[];
  readonly sections: readonly Section[];
  readonly functions: readonly FunctionCost[];
  readonly oneMoreOverlay: OneMoreOverlay | undefined;
  /** Bytes of the peak that no frame of the table has: those of lines that are missing. */
  readonly unaccountedBytes: number;
  /** Bytes of the first line that are the tracer's and not the function's. See tracerShare. */
  readonly tracerShareBytes: number;
}

export function explain(table: StackTable, threadSizeBytes = THREAD_SIZE): Explanation {
  const frames = attribute(table.frames);
  const path = pathOf(frames);
  const own = frames.slice(path.incidental);
  return {
    ...path,
    table,
    frames,
    threadSizeBytes,
    headroomBytes: threadSizeBytes - path.peakBytes,
    accounts: costByAccount(own),
    incidentalAccounts: costByAccount(frames.slice(0, path.incidental)),
    sections: fold(own),
    functions: costByFunction(own),
    oneMoreOverlay: oneMoreOverlay(own),
    unaccountedBytes: path.peakBytes - table.frames.reduce((sum, { size }) => sum + size, 0),
    tracerShareBytes: tracerShare(table),
  };
}

/**
 * The function of the first line was caught at its own call of __fentry__, which comes before it makes a frame. On
 * x86_64 the tracer looks for that call's return address from below, and finds the copy in the pt_regs that
 * ftrace_caller saved (ftrace_64.S, save_mcount_regs): 8 bytes for the call, 40 for ip, cs, flags, sp and ss. So a
 * table whose deepest function is at +0x5 or (behind an endbr64) +0x9 begins with 48 bytes, 40 of them the tracer's.
 */
function tracerShare({ frames }: StackTable): number {
  const [{ index, size, location }] = frames as readonly [StackTable['frames'][number]];
  return index === 0 && size === 48 && /\+0x[59]\//.test(location) ? 40 : 0;
}
