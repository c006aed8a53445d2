/** Goes through the tokens of a notation, and points at the one that cannot stand where it does. */
import { errorAt, tokensOf, type Span, type Token } from './notation-tokens.ts';

export class Cursor {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  /** Throws UsageError for a character that is no part of the notation. */
  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  peek(): Token {
    return this.#tokens[this.#next]!;
  }

  at(mark: string): boolean {
    return this.peek().kind === 'mark' && this.peek().text === mark;
  }

  /** Whether the mark was there and is passed. */
  skip(mark: string): boolean {
    if (!this.at(mark)) return false;
    this.#next++;
    return true;
  }

  take(mark: string, expected: string): void {
    if (!this.skip(mark)) this.unexpected(expected);
  }

  /** The next token's text, if it is of that kind. */
  skipKind(kind: 'word' | 'number'): string | undefined {
    const token = this.peek();
    if (token.kind !== kind) return undefined;
    this.#next++;
    return token.text;
  }

  word(expected: string): string {
    return this.skipKind('word') ?? this.unexpected(expected);
  }

  /** From the beginning of a token to where the cursor is. */
  since(start: Token): Span {
    const last = this.#tokens[this.#next - 1];
    return last === undefined || last.at < start.at
      ? spanOf(start)
      : { at: start.at, length: last.at + last.text.length - start.at };
  }

  unexpected(expected: string, hint = ''): never {
    const token = this.peek();
    const found = token.kind === 'end' ? 'the text ends too early' : `${JSON.stringify(token.text)} cannot stand here`;
    return this.fail(spanOf(token), found + hint, expected);
  }

  readonly fail = (span: Span, wrong: string, expected?: string): never => {
    throw errorAt(this.#text, span, wrong, expected);
  };
}

export function spanOf({ at, text }: Token): Span {
  return { at, length: Math.max(1, text.length) };
}
