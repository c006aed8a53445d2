/** What the kernel did with a step, in the judge's terms. */
import type { KernelMessage, StepResult, TreeEntry } from '../../vm/machine.ts';

export type Observation = {
  /** Everything the kernel logged meanwhile, at any level; what its set-up logged comes first. */
  readonly messages: readonly KernelMessage[];
  /** The mount context's own log, `e overlay: …`; empty with mount(2). */
  readonly context: readonly string[];
  /** Of a listing; with the error of one entry, it failed and the entries are there all the same. */
  readonly entries?: readonly TreeEntry[] | undefined;
} & (
  | {
      readonly kind: 'ok';
      readonly sha256?: string | undefined;
      readonly sizeBytes?: number | undefined;
      /** Whether a loop device reads its backing directly. */
      readonly directIo?: boolean | undefined;
      /** The tracer's table, as the kernel printed it. */
      readonly stackTable?: string | undefined;
    }
  /** `call` is the system call that failed. */
  | { readonly kind: 'failed'; readonly errno: string; readonly call: string }
  /** Not tried: the step or set-up named did not succeed. */
  | { readonly kind: 'skipped'; readonly needed: string }
);

/** The agent's result as an observation. `setUp` are the results of the set-up steps just before it. */
export function observe(result: StepResult, setUp: readonly StepResult[]): Observation {
  const seen = {
    messages: [...setUp.flatMap((before) => before.messages), ...result.messages],
    context: result.context ?? [],
    ...(result.entries === undefined ? {} : { entries: result.entries }),
  };
  if (result.skipped !== undefined) return { kind: 'skipped', needed: result.skipped, ...seen };
  if (!result.ok) return { kind: 'failed', errno: result.errno ?? 'E?', call: result.call ?? '?', ...seen };
  const { sha256, sizeBytes, directIo, trace } = result;
  return { kind: 'ok', sha256, sizeBytes, directIo, stackTable: trace?.table, ...seen };
}
