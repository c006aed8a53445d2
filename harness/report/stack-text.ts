/** A stack table explained for people: depth and headroom, a bar, what each account costs, and the path. */
import type { AccountCost } from '../stack/cost.ts';
import type { Section } from '../stack/fold.ts';
import type { Attributed } from '../stack/layers.ts';
import type { Explanation } from '../stack/explain.ts';
import { symbolOf } from '../stack/symbol.ts';
import type { Style } from './reporter.ts';
import { bar, letterOf, scale } from './stack-bar.ts';
import type { Named } from './stack-results.ts';
import { wrap } from './wrap.ts';

export interface StackStyle extends Style {
  /** The place takes UTF-8. */
  readonly unicode: boolean;
}

const MOST_EXPENSIVE = 5;

export function stackText(tables: readonly Named[], style: StackStyle): string {
  return tables.map((named) => `${one(named, style).join('\n')}\n`).join('\n');
}

function one({ file, explanation }: Named, style: StackStyle): readonly string[] {
  const { table, incidentalAccounts, accounts, threadSizeBytes } = explanation;
  const cells = style.columns < 100 ? 64 : 80;
  const said = [...damage(explanation, style), ...depths(explanation, style)];
  const after = [...oneMore(explanation), expensive(explanation), ...remarks(explanation, style)];
  return [
    style.bold(`${file}:${table.line}: ${table.frames.length} frames`),
    ...said.flatMap((line) => wrap(`  ${line}`, style.columns)),
    '',
    `  ${bar([...accounts, ...incidentalAccounts], threadSizeBytes, cells, style.unicode)}`,
    `   ${style.dim(scale(threadSizeBytes, cells))}`,
    '',
    ...costLines(explanation, style),
    '',
    ...after.flatMap((line) => wrap(`  ${line}`, style.columns)),
    '',
    ...frames(explanation, style),
  ];
}

function damage({ table }: Explanation, style: Style): readonly string[] {
  return table.damage.map(({ line, what }) => style.bad(`damaged, line ${line}: ${what}`));
}

function depths(explanation: Explanation, style: Style): readonly string[] {
  const { peakBytes, pathBytes, withoutMemoryBytes, threadSizeBytes, headroomBytes } = explanation;
  const share = Math.round((peakBytes / threadSizeBytes) * 100);
  const left =
    headroomBytes >= 0
      ? `${headroomBytes} left`
      : style.bad(`${-headroomBytes} more than it has: is THREAD_SIZE larger there (KASAN)? --thread-size says so`);
  const chance =
    explanation.chance === undefined ? '' : `; ${peakBytes - pathBytes} on top are ${incidentalIn(explanation)}`;
  return [
    `peak ${peakBytes} bytes, ${share} % of a stack of ${threadSizeBytes}; ${left}`,
    `path ${pathBytes} bytes${chance}`,
    ...(withoutMemoryBytes === pathBytes
      ? []
      : [`path ${withoutMemoryBytes} bytes without the allocator and reclaim at its top`]),
  ];
}

function incidentalIn({ frames, incidental, chance }: Explanation): string {
  const first = frames[incidental - 1]!.frame;
  return `incidental: ${chance}, ${incidental} ${incidental === 1 ? 'frame' : 'frames'} from ${first.name} on`;
}

/** A table of the accounts. */
export function costLines({ accounts, incidentalAccounts }: Explanation, style: Style): readonly string[] {
  const rows = [
    ...accounts.map((cost) => ({ cost, own: true })),
    ...incidentalAccounts.map((cost) => ({ cost, own: false })),
  ];
  const names = Math.max(7, ...rows.map(({ cost: { account } }) => account.name.length));
  return [
    style.bold(`     ${'account'.padEnd(names)}  bytes`),
    ...rows.map(({ cost, own }) =>
      `  ${letterOf(cost.account)}  ${cost.account.name.padEnd(names)}  ${String(cost.bytes).padStart(5)}  ${own ? split(cost) : 'incidental'}`.trimEnd(),
    ),
  ];
}

/** Only where it is not all of one layer. */
function split({ layers }: AccountCost): string {
  if (layers.size < 2) return '';
  return `(${[...layers].map(([layer, bytes]) => `${layer} ${bytes}`).join(', ')})`;
}

/** What one more overlay costs, in a sentence; nothing where the table does not say. */
export function oneMore({ oneMoreOverlay }: Explanation): readonly string[] {
  if (oneMoreOverlay === undefined) return [];
  const { bytes, operation, functions, seen } = oneMoreOverlay;
  const parts = functions.map((one) => `${one.name} ${one.bytes}`).join(' + ');
  return [
    `one more overlay costs ${bytes} bytes in ${operation}: ${parts}${seen > 1 ? ` (${seen} overlays here do so)` : ''}`,
  ];
}

function expensive({ functions }: Explanation): string {
  const named = functions
    .slice(0, MOST_EXPENSIVE)
    .map(({ name, bytes, times }) => `${name} ${bytes}${times > 1 ? ` in ${times} calls` : ''}`);
  return `most expensive: ${named.join(', ')}`;
}

function remarks(
  { tracerShareBytes, table, frames: all, unaccountedBytes }: Explanation,
  style: Style,
): readonly string[] {
  const unknown = [...new Set(all.filter(({ layer }) => layer === 'unknown').map(({ frame }) => frame.name))];
  return [
    ...(unaccountedBytes === 0 ? [] : [style.odd(`${unaccountedBytes} bytes are in no frame of this table`)]),
    ...(unknown.length === 0 ? [] : [style.odd(`of no layer that fathom knows: ${unknown.join(', ')}`)]),
    ...(tracerShareBytes === 0
      ? []
      : [
          `${table.frames[0]!.name} was caught at its entry: ${tracerShareBytes} of its ${table.frames[0]!.size} bytes are the tracer's`,
        ]),
  ];
}

function frames({ frames: all, incidental, sections }: Explanation, style: Style): readonly string[] {
  const width = Math.max(...all.map(({ frame }) => symbolOf(frame.location).length)) + 4;
  const row = ({ frame, layer, account }: Attributed, margin: string): string =>
    `  ${String(frame.depth).padStart(6)}  ${String(frame.size).padStart(5)}  ${(margin + symbolOf(frame.location)).padEnd(width)}  ${layer.padEnd(10)}  ${account.name}`;
  const folded = (parts: readonly Section[], margin: string): readonly string[] =>
    parts.flatMap((part) => {
      if (part.kind === 'frame') return [row(part.frame, margin)];
      const { times, bytes, unit } = part;
      const each = new Set(bytes).size === 1 ? `${bytes[0]} bytes each` : `${bytes.join(', ')} bytes`;
      return [
        `${' '.repeat(17)}${margin}${style.bold(`${times} times, ${each}; the deepest of them:`)}`,
        ...folded(unit, `${margin}| `),
      ];
    });
  return [
    style.bold(`   depth   size  ${'function'.padEnd(width)}  ${'layer'.padEnd(10)}  account`),
    ...all.slice(0, incidental).map((one) => style.dim(`${row(one, '').padEnd(width + 42)}  incidental`)),
    ...folded(sections, ''),
  ];
}
