/**
 * How wide a text may become. The reader's font is not known, so these are the widths of DejaVu Sans, one of the
 * widest that `sans-serif` stands for: what fits in it fits in the others.
 */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[ijl'|.,:;! ]/, 0.34],
  [/[frtI()[\]\-/\\"·]/, 0.46],
  [/[mwMW@%]/, 0.98],
  [/[A-HJ-LN-VX-Z#+<>=~&–]/, 0.84],
  [/[ -ɏ]/, 0.64],
];
const WIDEST = 1.05;
const BOLD = 1.12;

/** In the unit of `size`, the font's. */
export function textWidth(text: string, size: number, bold = false): number {
  let width = 0;
  for (const char of text) width += WIDTHS.find(([set]) => set.test(char))?.[1] ?? WIDEST;
  return width * size * (bold ? BOLD : 1);
}

/** Breaks at spaces, and within a word where a line has no room for it. */
export function breakText(text: string, size: number, room: number, bold = false): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<= )/)) {
    if (line !== '' && textWidth((line + word).trimEnd(), size, bold) > room) {
      lines.push(line.trimEnd());
      line = '';
    }
    for (const char of word) {
      if (textWidth(line + char, size, bold) > room && char !== ' ') {
        lines.push(line);
        line = '';
      }
      line += char;
    }
  }
  return [...lines, line.trimEnd()].filter((one) => one !== '');
}
