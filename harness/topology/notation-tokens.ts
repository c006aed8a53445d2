/** The notation cut into words and marks, and errors that point at a place in it. */
import { UsageError } from '../../vm/machine.ts';

export interface Token {
  readonly kind: 'word' | 'number' | 'mark' | 'end';
  readonly text: string;
  /** Index of the first character. */
  readonly at: number;
}

const TOKEN = /(?<word>[A-Za-z0-9_.-]+)|(?<number>#\d+)|(?<mark>::|[()[\],=])|(?<space>\s+)/y;

/** The last token is the end. Throws UsageError at a character that the notation does not know. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (found === null) {
      const character = String.fromCodePoint(text.codePointAt(at)!);
      throw errorAt(text, { at, length: character.length }, `${JSON.stringify(character)} is no part of the notation`);
    }
    const { word, number, mark } = found.groups!;
    const kind = word !== undefined ? 'word' : number !== undefined ? 'number' : mark !== undefined ? 'mark' : 'space';
    if (kind !== 'space') tokens.push({ kind, text: found[0], at });
    at += found[0].length;
  }
  return [...tokens, { kind: 'end', text: '', at: text.trimEnd().length }];
}

export interface Span {
  readonly at: number;
  readonly length: number;
}

/** Columns of the text that are shown around the place. */
const SHOWN = 100;

/** What is wrong, the text, a line of carets under the place, and what was expected there. */
export function errorAt(text: string, { at, length }: Span, wrong: string, expected?: string): UsageError {
  const start = at + length <= SHOWN ? 0 : Math.max(0, at - SHOWN / 2);
  const end = Math.min(text.length, start + SHOWN);
  // One column a character: line breaks and tabs would move the carets away from what they point at.
  const shown = text.slice(start, end).replaceAll(/[\s\p{Cc}]/gu, ' ');
  const before = start > 0 ? '…' : '';
  const carets = '^'.repeat(Math.max(1, Math.min(length, end - at)));
  return new UsageError(
    [
      `topology: ${wrong}`,
      `    ${before}${shown}${end < text.length ? '…' : ''}`,
      `    ${' '.repeat(before.length + at - start)}${carets}`,
      ...(expected === undefined ? [] : [`  expected ${expected}`]),
    ].join('\n'),
  );
}

/** `a, b or c`. */
export function eitherOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)!}`;
}

/** `; did you mean …?` where a known word is near. */
export function suggestion(word: string, known: readonly string[]): string {
  const limit = Math.max(1, Math.floor(word.length / 3));
  const [best] = known
    .map((each) => ({ each, distance: nearness(word, each, limit) }))
    .filter((near) => near.distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  return best === undefined ? '' : `; did you mean ${best.each}?`;
}

/** A word that was not written to its end, or is too long, is as near as may be and no nearer. */
function nearness(word: string, known: string, limit: number): number {
  const whole = distance(word, known);
  return known.startsWith(word) || word.startsWith(known) ? Math.min(limit, whole) : whole;
}

/** Optimal string alignment: letters left out, put in, changed, and neighbours swapped. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          rows[i - 1]![j]! + 1,
          row[j - 1]! + 1,
          rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
          swapped ? rows[i - 2]![j - 2]! + 1 : Infinity,
        ),
      );
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}
