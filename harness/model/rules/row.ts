/** What the registry of rules says of one: data to be printed, counted and checked. The checks themselves are code. */
import type { Behaviours } from '../behaviour.ts';

export interface RuleRow {
  /** What must be so for the rule to speak. */
  readonly condition: string;
  /** What the kernel then does: `refuses`, `depth = …`, `mounts, …`. */
  readonly outcome: string;
  /** By name; where kernels differ, in words. Undefined: no call fails by this rule. */
  readonly errno?: string;
  /** What the kernel says, `…` for what varies. Undefined: nothing. */
  readonly message?: string;
  readonly channel: Channel;
  /** In which kernels, for people; what a kernel really is, `absent` tells from its behaviours. */
  readonly kernels: string;
  /** Why a kernel with these behaviours does not have the rule; undefined: it has it. */
  readonly absent?: (behaviours: Behaviours) => string | undefined;
  /** Kernel source: `fs/overlayfs/super.c:ovl_get_lowerstack`. */
  readonly source: readonly string[];
  /** Why no mount from outside can show it. */
  readonly unobservable?: string;
  /** Why no scenario of fathom's shows it on a kernel that has it, though one could. */
  readonly untested?: string;
  /** Why nothing "just does not" fall under it. */
  readonly oneSided?: string;
}

/**
 * Where the message goes. `log`: pr_err and its like, the kernel log with either API (CH1). `context`: the kernel log
 * with mount(2), the context's own log after fsopen(2) (CH2, CH3). `path`: `log` where overlayfs takes its options apart
 * in fill_super, else `context` (CH6). `none`: silent.
 */
export type Channel = 'log' | 'context' | 'path' | 'none';

/** Rules of one group, by their ids, in the order of the table. */
export type Rows = Readonly<Record<string, RuleRow>>;

/** A condition for a kernel to have a rule, and what is to be said of one that fails it. */
export function unless(has: (behaviours: Behaviours) => boolean, why: string): Required<RuleRow>['absent'] {
  return (behaviours) => (has(behaviours) ? undefined : why);
}

/** The first reason of several. */
export function allOf(
  ...reasons: readonly Required<RuleRow>['absent'][]
): (behaviours: Behaviours) => string | undefined {
  return (behaviours) => {
    for (const reason of reasons) {
      const why = reason(behaviours);
      if (why !== undefined) return why;
    }
    return undefined;
  };
}

/** Kernels whose erofs has an option. */
export function erofsOption(name: string): Required<RuleRow>['absent'] {
  return unless(({ erofsOptions }) => erofsOptions.has(name), `its erofs has no option ${name}`);
}
