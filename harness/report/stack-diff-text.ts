/** Two stack tables side by side, for people: what changed, and which of it is the path's own. */
import type { FrameChange, StackDiff } from '../stack/diff.ts';
import { symbolOf } from '../stack/symbol.ts';
import type { Style } from './reporter.ts';

const SIGNS: Readonly<Record<FrameChange['kind'], string>> = {
  same: ' ',
  gained: '+',
  lost: '-',
  grown: '>',
  shrunk: '<',
};

export function stackDiffText(names: readonly [string, string], found: StackDiff, style: Style): string {
  const { before, after, ownBytes, incidentalBytes, changes } = found;
  const width = Math.max(names[0].length, names[1].length);
  const sum = (name: string, { peakBytes, pathBytes }: StackDiff['before']): string =>
    `${name.padEnd(width)}  peak ${peakBytes}, path ${pathBytes}`;
  const changed = changes.filter(({ kind }) => kind !== 'same');
  const damage = (
    [
      [names[0], before],
      [names[1], after],
    ] as const
  ).flatMap(([name, { table }]) =>
    table.damage.map(({ line, what }) => style.bad(`damaged, ${name} line ${line}: ${what}`)),
  );
  const lines = [
    sum(names[0], before),
    sum(names[1], after),
    ...damage,
    style.bold(
      changed.length === 0
        ? 'the same frames'
        : `peak ${signed(after.peakBytes - before.peakBytes)}: the path's own ${signed(ownBytes)}, incidental ${signed(incidentalBytes)}`,
    ),
    '',
    ...accounts(found, style),
    ...(changed.length === 0 ? [] : ['', ...frames(changed, style)]),
  ];
  return `${lines.join('\n')}\n`;
}

function accounts({ accounts: all }: StackDiff, style: Style): readonly string[] {
  const width = Math.max(4, ...all.map(({ name }) => name.length));
  return [
    style.bold(`  ${'path'.padEnd(width)}  before   after  change`),
    ...all.map(({ name, beforeBytes, afterBytes }) => {
      const change = afterBytes === beforeBytes ? '' : signed(afterBytes - beforeBytes);
      return `  ${name.padEnd(width)}  ${String(beforeBytes).padStart(6)}  ${String(afterBytes).padStart(6)}  ${change.padStart(6)}`.trimEnd();
    }),
  ];
}

function frames(changed: readonly FrameChange[], style: Style): readonly string[] {
  const width = Math.max(...changed.map(({ before, after }) => symbolOf((after ?? before)!.frame.location).length));
  return [
    style.bold('  frames that changed, deepest first (+ gained, - lost, > grown, < shrunk)'),
    ...changed.map(({ kind, bytes, before, after, own }) => {
      const { frame, account } = (after ?? before)!;
      const sizes = before !== undefined && after !== undefined ? `${before.frame.size} -> ${after.frame.size}` : '';
      const line = `  ${SIGNS[kind]} ${signed(bytes).padStart(6)}  ${symbolOf(frame.location).padEnd(width)}  ${account.name.padEnd(10)}  ${sizes}`;
      return own ? line.trimEnd() : style.dim(`${line.trimEnd()}  (not the path's own)`);
    }),
  ];
}

function signed(bytes: number): string {
  return bytes > 0 ? `+${bytes}` : String(bytes);
}
