/** What a console says of a guest's death. */

/** The last lines of a console that are worth showing. */
export function consoleTail(console: string, lines = 40): string {
  return console.trimEnd().split('\n').slice(-lines).join('\n');
}

export type Death =
  /** A panic or oops of the kernel. */
  | { readonly kind: 'crash'; readonly title: string }
  /** The agent, PID 1, ended and took the kernel along: `Attempted to kill init!` and nothing before it. */
  | { readonly kind: 'agent-ended'; readonly title: string };

const TITLES = [/\bKernel panic - not syncing: .*/, /\bBUG: .*/, /\bOops: .*/, /\bInternal error: .*/];
const INIT_ENDED = 'Attempted to kill init!';

/** The first line that names a crash; undefined when none does. */
export function deathOf(console: string): Death | undefined {
  for (const line of console.split('\n')) {
    const title = TITLES.map((pattern) => pattern.exec(line)?.[0]).find((match) => match !== undefined);
    if (title !== undefined)
      return { kind: title.includes(INIT_ENDED) ? 'agent-ended' : 'crash', title: title.trimEnd() };
  }
  return undefined;
}
