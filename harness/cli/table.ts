/** Columns for a terminal or a pipe: spaces only, so that it reads without colour and without Unicode. */
import { stripVTControlCharacters } from 'node:util';
import colours from 'picocolors';

/** Lines, each ended. `right` lists the columns to be set flush right; cells may hold colours. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  { right = [] }: { readonly right?: readonly number[] } = {},
): string {
  const lines = [heads.map((head) => colours.bold(head)), ...rows];
  const widths = heads.map((_head, column) => Math.max(...lines.map((cells) => width(cells[column] ?? ''))));
  return lines
    .map(
      (cells) =>
        `${cells
          .map((cell, column) => pad(cell, column))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');

  function pad(cell: string, column: number): string {
    const space = ' '.repeat((widths[column] ?? 0) - width(cell));
    return right.includes(column) ? space + cell : cell + space;
  }
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
