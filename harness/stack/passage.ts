/** Whether a path goes through the mounts that it was measured on. */
import type { Explanation } from './explain.ts';
import type { Stage } from './predict.ts';

/**
 * The stages that the path does not pass on its way down, named as accounts are: `overlay 1`, `erofs`, `xfs`. A shared
 * mapping of an overlay's file, for one, faults in the file below it; and what is cached already is read no deeper.
 */
export function notPassed(stages: readonly Stage[], { accounts }: Pick<Explanation, 'accounts'>): readonly string[] {
  const passed = accounts.map(({ account }) => account);
  const counts = new Map<string, number>();
  const missed: string[] = [];
  const named = stages.map(({ kind, name }) => {
    const number = (counts.get(name) ?? 0) + 1;
    counts.set(name, number);
    return { kind, name: kind === 'overlay' || number > 1 ? `${name} ${number}` : name };
  });
  for (const { kind, name } of named)
    if (!passed.some((one) => one.kind === kind && one.name === name)) missed.push(name);
  return missed;
}
