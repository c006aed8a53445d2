/** `lowerdir=` between its colons. */
import type { DirectoryIn, LowerPiece } from '../../topology/topology.ts';

/** What stands between the colons; undefined where nothing does. */
export function elementsOf(pieces: readonly LowerPiece[]): readonly (DirectoryIn | undefined)[] {
  const elements: (DirectoryIn | undefined)[] = [undefined];
  for (const piece of pieces) {
    if (typeof piece !== 'string') elements[elements.length - 1] = piece;
    else if (piece !== '\\') for (let colons = piece.length; colons > 0; colons--) elements.push(undefined);
  }
  return elements;
}

export function endsInBackslash(pieces: readonly LowerPiece[]): boolean {
  return pieces.at(-1) === '\\';
}
