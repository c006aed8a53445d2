/** Which rules a look at a tree, or a change of one, shows: those that were met, and those that might have been. */
import type { Change } from '../../../vm/machine.ts';
import type { Exercised } from '../rules/exercised.ts';
import type { RuleId } from '../rules/rule.ts';

/** What a listing can meet in an overlay. */
const SHOWN: readonly RuleId[] = ['T1', 'T2', 'T3', 'T4', 'T5', 'T6'];
/** What any change of an overlay can do to its upper. */
const COPIED: readonly RuleId[] = ['T7', 'T8', 'T14', 'T15', 'T16'];
/** What can refuse any change. */
const REFUSED: readonly RuleId[] = ['T20', 'T22', 'T23'];
const OF_CHANGE: Partial<Record<Change['how'], readonly RuleId[]>> = {
  create: ['T9', 'T21'],
  mkdir: ['T9', 'T21'],
  symlink: ['T9', 'T21'],
  mknod: ['T9', 'T21'],
  link: ['T21', 'T25'],
  unlink: ['T10'],
  rmdir: ['T10', 'T24'],
  rename: ['T11', 'T12', 'T13', 'T24', 'T25'],
  'copy-file-range': ['T9', 'T21', 'T28'],
  fallocate: ['T26'],
  fsync: ['T26'],
  'mmap-write': ['T26'],
  setxattr: ['T27'],
  removexattr: ['T27'],
};
/** Only an overlay has them; what is made, removed or renamed elsewhere is what they would make another thing of. */
const OF_OVERLAYS: ReadonlySet<RuleId> = new Set([...SHOWN, ...COPIED, 'T12']);

/** `met`: undefined where no overlay is looked at; there the numbers are the filesystem's own. */
export function exercisedByListing(met: ReadonlySet<RuleId> | undefined): Exercised {
  return met === undefined ? { triggered: [], spared: ['T17'] } : exercised(met, SHOWN);
}

/** By one that succeeds. */
export function exercisedByChange({ how }: Change, met: ReadonlySet<RuleId> | undefined): Exercised {
  const possible = [...REFUSED, ...COPIED, ...(OF_CHANGE[how] ?? [])];
  return met === undefined
    ? { triggered: [], spared: possible.filter((rule) => !OF_OVERLAYS.has(rule)) }
    : exercised(met, possible);
}

function exercised(met: ReadonlySet<RuleId>, possible: readonly RuleId[]): Exercised {
  return { triggered: [...met], spared: possible.filter((rule) => !met.has(rule)) };
}
