/** A text without a stack table: what it seems to be instead, and what to do. */
const KINDS: readonly { readonly sign: RegExp; readonly what: string }[] = [
  { sign: /^\s*$/, what: 'it is empty' },
  { sign: /\0/, what: 'it is not text' },
  {
    sign: /Stack tracer disabled/,
    what: 'the stack tracer was off: `sysctl kernel.stack_tracer_enabled=1` before the run, then read tracefs stack_trace',
  },
  {
    sign: /\bDepth\s+Size\s+Location\b/,
    what: 'the table has no frames: nothing was traced since stack_max_size was set to 0',
  },
  {
    sign: /\bCall Trace:|\[<[\da-f]{8,16}>\]/i,
    what: 'it is a call trace, which names functions and gives no depths; the stack tracer prints `N) Depth Size Location`',
  },
  {
    sign: /^\s*#\s*tracer:/m,
    what: "it is a trace buffer (tracefs trace), not the stack tracer's tracefs stack_trace",
  },
  { sign: /^\s*\d+\s*$/, what: 'it is a number, tracefs stack_max_size perhaps; the table is in tracefs stack_trace' },
  { sign: /^\s*\{/, what: 'it is JSON' },
];

/** To follow `there is no stack table in FILE: `. */
export function foundInstead(text: string): string {
  const kind = KINDS.find(({ sign }) => sign.test(text));
  if (kind !== undefined) return kind.what;
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.trim() !== '');
  const line = lines[at]!.trim();
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  return `${count} ${count === 1 ? 'line' : 'lines'} of something else, line ${at + 1}: ${line.length > 60 ? `${line.slice(0, 59)}…` : line}`;
}
