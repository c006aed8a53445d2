/**
 * A colour for each layer. After Okabe and Ito, and Paul Tol's muted set: told apart with every common colour
 * blindness. Neighbours in a stack differ in lightness too, and a letter is in each, for a print in black and white.
 */
import type { Layer } from '../../stack/layer-table.ts';
import type { Account } from '../../stack/layers.ts';

export interface Paint {
  readonly fill: string;
  readonly ink: string;
}

export const INK = '#1a1a1a';
/** Of the line that ends the stack. */
export const LIMIT = '#b00020';
const WHITE = '#ffffff';

const PAINTS: Readonly<Record<Exclude<Layer, 'overlay'>, Paint>> = {
  entry: { fill: '#e4e4e4', ink: INK },
  vfs: { fill: '#b5b5b5', ink: INK },
  glue: { fill: '#ddcc77', ink: INK },
  erofs: { fill: '#e69f00', ink: INK },
  loop: { fill: '#44aa99', ink: INK },
  backing: { fill: '#00805c', ink: WHITE },
  'page-cache': { fill: '#f0e442', ink: INK },
  reclaim: { fill: '#d55e00', ink: INK },
  memory: { fill: '#ffd9b8', ink: INK },
  block: { fill: '#d9a3c4', ink: INK },
  driver: { fill: '#882255', ink: WHITE },
  scheduler: { fill: '#c9c9e8', ink: INK },
  interrupt: { fill: '#f2b5b5', ink: INK },
  tracer: { fill: '#d5e8c8', ink: INK },
  unknown: { fill: '#ffffff', ink: INK },
};

/** Neighbouring overlays are two shades of blue that differ in lightness; from the fifth on the shades begin anew. */
const OVERLAYS: readonly Paint[] = [
  { fill: '#0b4f8a', ink: WHITE },
  { fill: '#6db9ea', ink: INK },
  { fill: '#2a7fc1', ink: WHITE },
  { fill: '#bfe0f5', ink: INK },
];

export const OVERLAY_SHADES = OVERLAYS.length;

export function paintOf({ kind, number }: Account): Paint {
  return kind === 'overlay' ? OVERLAYS[(number - 1) % OVERLAYS.length]! : PAINTS[kind];
}
