import { stripVTControlCharacters } from 'node:util';

/** Breaks a line at spaces so that it fits; what follows is set in by four more. A word that is too long stays whole. */
export function wrap(line: string, columns: number): readonly string[] {
  if (width(line) <= columns) return [line];
  const margin = /^ */.exec(line)![0];
  const lines: string[] = [];
  let current = '';
  for (const word of line.slice(margin.length).split(' ')) {
    const longer = current === '' ? `${margin}${lines.length > 0 ? '    ' : ''}${word}` : `${current} ${word}`;
    if (current !== '' && width(longer) > columns) {
      lines.push(current);
      current = `${margin}    ${word}`;
    } else current = longer;
  }
  return [...lines, current];
}

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}
