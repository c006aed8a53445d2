/** Mount graphs with trees, and short words for what the model says of them. */
import type { Change } from '../../../../vm/machine.ts';
import { sizeOf } from '../../../../harness/model/tree/contents.ts';
import { bytesOf } from '../../../../harness/run/digest.ts';
import type { Trees } from '../../../../harness/model/tree/trees.ts';
import { type ExpectedEntry, type ShownEntry } from '../../../../harness/model/tree/trees.ts';
import type { Mount } from '../../../../harness/topology/topology.ts';
import { behavioursOf } from '../kernels.ts';

export const NEW = behavioursOf('7.3');
export const OLD = behavioursOf('5.10');

/** `ok`, or the errno. */
export function done(trees: Trees, on: Mount, change: Change): string {
  const applied = trees.apply(on, change);
  return applied === undefined ? 'unknown' : applied.kind === 'done' ? 'ok' : applied.errno;
}

/** All of these succeed. */
export function doAll(trees: Trees, on: Mount, ...changes: readonly Change[]): void {
  for (const change of changes) {
    const answer = done(trees, on, change);
    if (answer !== 'ok') throw new Error(`${change.how} ${change.path}: ${answer}`);
  }
}

/** What a path shows; an errno where it shows nothing. */
export function shown(trees: Trees, on: Mount, path: string): ShownEntry | string {
  const listed = trees.list(on, path);
  if (listed === undefined) return 'unknown';
  if (listed.kind === 'refused') return listed.errno;
  const [first] = listed.entries;
  return first?.kind === 'shown' ? first : (first?.errno ?? 'nothing');
}

/** The names of a listing; of a file what it holds behind them, of a whiteout `!`. */
export function brief(entries: readonly ExpectedEntry[]): readonly string[] {
  return entries.slice(1).map((entry) => {
    if (entry.kind === 'lost') return `${entry.path} ${entry.errno}`;
    if (entry.rdev === '0:0') return `!${entry.path}`;
    if (entry.type === 'directory') return `${entry.path}/`;
    if (entry.type === 'symlink') return `${entry.path} -> ${entry.target!}`;
    if (entry.type !== 'file') return `${entry.path} ${entry.type}`;
    if (entry.unreadable !== undefined) return `${entry.path} ${entry.unreadable.errno}`;
    if (entry.contents === undefined) return `${entry.path}=?`;
    return `${entry.path}=${sizeOf(entry.contents) > 40 ? 'long' : bytesOf(entry.contents).toString()}`;
  });
}

export function list(trees: Trees, on: Mount, path = ''): readonly string[] {
  const listed = trees.list(on, path);
  if (listed === undefined) return ['unknown'];
  return listed.kind === 'refused' ? [listed.errno] : brief(listed.entries);
}

export function listUpper(trees: Trees, on: Mount): readonly string[] {
  return brief(trees.listUpper(on) ?? []);
}

/** Attributes of the overlay's own on an entry of the upper, without their prefix: text, or `?` for any value. */
export function own(trees: Trees, on: Mount, path: string): Readonly<Record<string, string>> {
  const entry = trees.listUpper(on)?.find((each) => each.path === path);
  if (entry?.kind !== 'shown') return { missing: path };
  return Object.fromEntries(
    [...entry.xattrs]
      .map(([name, { hex }]) => [name, hex === undefined ? '?' : Buffer.from(hex, 'hex').toString()] as const)
      .filter(([name]) => /^(?:trusted|user)\.overlay\./.test(name))
      .map(([name, value]) => [name.replace(/^(?:trusted|user)\.overlay\./, ''), value]),
  );
}
