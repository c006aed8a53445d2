/** Repeating sections of a path, folded: two overlays, or erofs upon overlays upon erofs. */
import { widestRepeat } from '../observe/repeats.ts';
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
  const found = widestRepeat(frames.map(({ frame }) => frame.name));
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
