/** Repeating sections of a path, folded: two overlays, or erofs upon overlays upon erofs. */
import type { Attributed } from './layers.ts';

/** Frames as they stand, or a section that comes several times in a row. */
export type Section =
  | { readonly kind: 'frame'; readonly frame: Attributed }
  | {
      readonly kind: 'repeat';
      readonly times: number;
      /** Bytes of each time, deepest first: they may differ where the frames were caught at different calls. */
      readonly bytes: readonly number[];
      /** The first, deepest time, folded itself. */
      readonly unit: readonly Section[];
    };

/** The section that covers most frames is folded first, then what is left of it, before it and in it. */
export function fold(frames: readonly Attributed[]): readonly Section[] {
  const found = widest(frames.map(({ frame }) => frame.name));
  if (found === undefined) return frames.map((frame) => ({ kind: 'frame', frame }));
  const { start, length, times } = found;
  const end = start + length * times;
  const bytes = Array.from({ length: times }, (_, n) =>
    frames.slice(start + n * length, start + (n + 1) * length).reduce((sum, { frame }) => sum + frame.size, 0),
  );
  return [
    ...fold(frames.slice(0, start)),
    { kind: 'repeat', times, bytes, unit: fold(frames.slice(start, start + length)) },
    ...fold(frames.slice(end)),
  ];
}

interface Found {
  readonly start: number;
  readonly length: number;
  readonly times: number;
}

/** One function after itself is recursion of no layer: a unit has two frames at least. Of equals, the shorter unit. */
function widest(names: readonly string[]): Found | undefined {
  let best: Found | undefined;
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
