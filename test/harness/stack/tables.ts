/** Tables for tests: the mail's, and made-up chains of functions where a rule needs one that nobody has posted. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { attribute, type Attributed } from '../../../harness/stack/layers.ts';
import { parseStackTables, type Frame, type StackTable } from '../../../harness/stack/table.ts';

const fixtures = path.join(import.meta.dirname, 'fixtures');
export const COPY_UP_FILE = path.join(fixtures, 'erofs-ovl2-copy-up-6688.txt');
export const READ_FILE = path.join(fixtures, 'erofs-ovl2-readonly-5456.txt');
export const copyUp = readFileSync(COPY_UP_FILE, 'utf8');
export const read = readFileSync(READ_FILE, 'utf8');

/** The one table of a text. */
export function only(text: string): StackTable {
  const tables = parseStackTables(text);
  if (tables.length !== 1) throw new Error(`${tables.length} tables`);
  return tables[0]!;
}

/** `vfs_read 16`, `xfs_vm_readahead 48 [xfs]`, from the system call down, as a table; 16 bytes where none are given. */
export function tableText(...calls: readonly string[]): string {
  let depth = 0;
  const frames = calls.map((call) => {
    const [name = '', size = '16', module = ''] = call.split(' ');
    depth += Number(size);
    return `${depth} ${size} ${name.startsWith('0x') ? name : `${name}+0x10/0x90`} ${module}`.trimEnd();
  });
  return frames
    .reverse()
    .map((frame, index) => `${index}) ${frame}\n`)
    .join('');
}

export function framesOf(...calls: readonly string[]): readonly Frame[] {
  return only(tableText(...calls)).frames;
}

/** `function: layer, account` from the system call down. */
export function attributed(...calls: readonly string[]): readonly string[] {
  return attribute(framesOf(...calls))
    .toReversed()
    .map(inShort);
}

export function inShort({ frame, layer, account }: Attributed): string {
  return `${frame.name}: ${layer}, ${account.name}`;
}
