/** A call chain with its repeating layers folded: nested filesystems come again and again. */
import { widestRepeat } from '../repeats.ts';

export type ChainLink =
  | { readonly kind: 'call'; readonly function: string }
  /** `unit`, deepest first, comes `times` times in a row. */
  | { readonly kind: 'repeat'; readonly times: number; readonly unit: readonly ChainLink[] };

/** More names than a kernel stack has words for frames are no call chain, and are left as they are. */
const MOST_NAMES = 1024;

/** `names` deepest first, as a trace has them. */
export function chainOf(names: readonly string[]): readonly ChainLink[] {
  const found = names.length > MOST_NAMES ? undefined : widestRepeat(names);
  if (found === undefined) return names.map((name) => ({ kind: 'call', function: name }));
  const { start, length, times } = found;
  return [
    ...chainOf(names.slice(0, start)),
    { kind: 'repeat', times, unit: chainOf(names.slice(start, start + length)) },
    ...chainOf(names.slice(start + length * times)),
  ];
}
