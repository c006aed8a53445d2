/** Words of a POSIX shell. */

/** As it is written, whatever is in it. */
export function quoted(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Where plans mount and where they find their loop devices (lower.ts), as the script has it. */
const PLACES = [
  ['/run/fathom/loop/', '$loops/'],
  ['/fathom/', '$root/'],
] as const;

/** A path of a plan, or options that hold some: in the script's own places. */
export function placed(text: string): string {
  if (!PLACES.some(([from]) => text.includes(from))) return quoted(text);
  const escaped = text.replaceAll(/[\\"$`]/g, '\\$&');
  return `"${PLACES.reduce((words, [from, to]) => words.replaceAll(from, to), escaped)}"`;
}

/** A comment, in lines of a script's width. */
export function comment(text: string, margin = ''): string {
  const lines: string[] = [];
  for (const word of text.replaceAll(/\s+/g, ' ').split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && margin.length + line.length + word.length < 96)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => `${margin}# ${line}\n`).join('');
}
