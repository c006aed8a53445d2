/** How output looks on a stream: colours and Unicode only where a person looks at a terminal. */
import pc from 'picocolors';
import type { StackStyle } from '../report/stack-text.ts';

export function styleFor(stream: NodeJS.WriteStream): StackStyle {
  const { bold, dim, green, red, yellow } = pc.createColors(pc.isColorSupported && stream.isTTY);
  const { LC_ALL, LC_CTYPE, LANG } = process.env;
  return {
    bold,
    dim,
    good: green,
    bad: red,
    odd: yellow,
    columns: stream.isTTY ? stream.columns : Infinity,
    // A pipe may end in a mail.
    unicode: stream.isTTY && /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || ''),
  };
}
