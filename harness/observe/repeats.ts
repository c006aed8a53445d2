/** A section that comes several times in a row: where it begins, how long it is, how often it comes. */
export interface Repeat {
  readonly start: number;
  readonly length: number;
  readonly times: number;
}

/**
 * The repeat that covers most of a list of function names; undefined when nothing repeats. One function after itself
 * is recursion of no layer: a unit has two names at least. Of equals, the shorter unit.
 */
export function widestRepeat(names: readonly string[]): Repeat | undefined {
  let best: Repeat | undefined;
  for (let length = 2; length * 2 <= names.length; length++) {
    let run = 0;
    for (let i = 0; i + length < names.length; i++) {
      run = names[i] === names[i + length] ? run + 1 : 0;
      const times = Math.floor(run / length) + 1;
      if (times > 1 && (best === undefined || times * length > best.times * best.length))
        best = { start: i + 1 - run, length, times };
    }
  }
  return best;
}
