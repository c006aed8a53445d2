/** Stack tables from files and from standard input. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { UsageError } from '../../vm/machine.ts';
import { foundInstead } from '../stack/not-a-table.ts';
import { parseStackTables, type StackTable } from '../stack/table.ts';

export interface Found {
  readonly file: string;
  readonly tables: readonly StackTable[];
}

/** @throws UsageError naming every file without a table, and what was found in it */
export async function readTables(files: readonly string[]): Promise<readonly Found[]> {
  if (files.filter((file) => file === '-').length > 1)
    throw new UsageError('standard input can be read once: - was given twice');
  const found: Found[] = [];
  const without: string[] = [];
  for (const file of files) {
    const text = await read(file);
    const tables = parseStackTables(text);
    if (tables.length === 0) without.push(`there is no stack table in ${fileLabel(file)}: ${foundInstead(text)}`);
    found.push({ file, tables });
  }
  if (without.length > 0) throw new UsageError(without.join('\n  '));
  return found;
}

/** `FILE`, or `FILE#2` for the second of several. */
export async function readOne(argument: string): Promise<StackTable> {
  const [, named, number] = existsSync(argument) ? [] : (/^(.+)#([1-9]\d*)$/.exec(argument) ?? []);
  const file = named ?? argument;
  const [{ tables }] = (await readTables([file])) as readonly [Found];
  if (number === undefined && tables.length > 1) {
    const lines = tables.map(({ line }, n) => `${fileLabel(file)}#${n + 1} (line ${line})`);
    throw new UsageError(`${fileLabel(file)} has ${tables.length} tables: which one? ${lines.join(', ')}`);
  }
  const table = tables[Number(number ?? 1) - 1];
  if (table === undefined)
    throw new UsageError(
      `${argument}: ${fileLabel(file)} has ${tables.length === 1 ? '1 table' : `${tables.length} tables`}`,
    );
  return table;
}

async function read(file: string): Promise<string> {
  try {
    return file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`cannot read ${fileLabel(file)}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

export function fileLabel(file: string): string {
  return file === '-' ? 'standard input' : file;
}
