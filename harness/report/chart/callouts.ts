/** Under a bar, the bytes of the segments that are too narrow for them. */
import type { Axis } from './axis.ts';
import type { Part } from './chart.ts';
import { INK } from './palette.ts';
import { inside } from './segment.ts';
import { text } from './text.ts';
import { breakText, textWidth } from './text-width.ts';
import { element } from '../xml.ts';

const LINE = 13;
const LINES = 2;
const SIZE = 10;
/** How far a figure may stand from what it belongs to. */
const FARTHEST = 70;

export interface Callouts {
  readonly svg: readonly string[];
  readonly height: number;
}

/** Each at its segment if all of them have room there, else as a list. */
export function callouts(parts: readonly Part[], axis: Axis, top: number, left: number, right: number): Callouts {
  const narrow = parts.filter(
    ({ cost, fromBytes }) => inside(cost, axis.x(fromBytes + cost.bytes) - axis.x(fromBytes)).figure === 'none',
  );
  return placed(narrow, axis, top, left, right) ?? listed(narrow, top, left, right);
}

/** A little to the right where need be, and no line to a figure through another figure. */
function placed(narrow: readonly Part[], axis: Axis, top: number, left: number, right: number): Callouts | undefined {
  const svg: string[] = [];
  const taken = new Array<number>(LINES).fill(-Infinity);
  let lines = 0;
  for (const { cost, fromBytes } of narrow) {
    const what = `${cost.account.name} ${cost.bytes}`;
    const width = textWidth(what, SIZE);
    const middle = axis.x(fromBytes + cost.bytes / 2);
    const at = (line: number): number => Math.max(middle - width / 2, left, taken[line]! + 6);
    const line = taken.findIndex((_, line) => {
      const crosses = taken.slice(0, line).some((end) => middle < end + 1);
      return !crosses && at(line) + width <= right && at(line) + width / 2 - middle <= FARTHEST;
    });
    if (line === -1) return undefined;
    const x = at(line);
    const to = Math.min(Math.max(middle, x + 2), x + width - 2);
    for (let above = 0; above < line; above++) taken[above] = Math.max(taken[above]!, to);
    taken[line] = x + width;
    lines = Math.max(lines, line + 1);
    const down = top + 3 + line * LINE;
    const leader = `M${middle.toFixed(2)} ${top}L${to.toFixed(2)} ${down}`;
    svg.push(
      element('path', { d: leader, stroke: INK, 'stroke-width': 0.75 }),
      text(what, x + width / 2, down + 10, SIZE, 'middle'),
    );
  }
  return { svg, height: lines * LINE };
}

/** `entry 120, 18 × overlay 248`. */
function listed(narrow: readonly Part[], top: number, left: number, right: number): Callouts {
  const same = new Map<string, Part[]>();
  for (const part of narrow) {
    const key = `${part.cost.account.kind} ${part.cost.bytes}`;
    same.set(key, [...(same.get(key) ?? []), part]);
  }
  const items = [...same.values()].map((of) => {
    const { account, bytes } = of[0]!.cost;
    return of.length === 1
      ? `${account.name} ${bytes}`
      : `${of.length} × ${account.name.replace(/ \d+$/, '')} ${bytes}`;
  });
  const lines = breakText(`Narrow ones: ${items.join(', ')}`, SIZE, right - left);
  return {
    svg: lines.map((line, i) => text(line, left, top + 13 + i * LINE, SIZE, 'start')),
    height: lines.length * LINE + 3,
  };
}
