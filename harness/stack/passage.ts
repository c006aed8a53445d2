/** Whether a path goes through the mounts that it was measured on. */
import type { Explanation } from './explain.ts';
import type { Stage } from './predict.ts';

/**
 * The stages that the path does not pass on its way down, named as accounts are: `overlay 1`, `erofs`, `xfs`. A shared
 * mapping of an overlay's file, for one, faults in the file below it; and what is cached already is read no deeper.
 *
 * ext4's own functions end in tail calls of the page cache and of mpage_readahead, and have no frame in the table of a
 * read: pages of nobody that the table names are taken for those of the lowest stage.
 */
export function notPassed(stages: readonly Stage[], { accounts }: Pick<Explanation, 'accounts'>): readonly string[] {
  const passed = new Set(accounts.map(({ account: { name } }) => name));
  const counts = new Map<string, number>();
  return stages.flatMap(({ kind, name }, n) => {
    const number = (counts.get(name) ?? 0) + 1;
    counts.set(name, number);
    const account = kind === 'overlay' || number > 1 ? `${name} ${number}` : name;
    return passed.has(account) || (n === stages.length - 1 && passed.has('page-cache')) ? [] : [account];
  });
}
