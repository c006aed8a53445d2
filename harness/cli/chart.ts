/** `--chart FILE`: bars of stacks as a picture, in the format that the file's name asks for. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UsageError } from '../../vm/machine.ts';
import type { ChartMeta, ChartRow } from '../report/chart/chart.ts';
import { chartPng } from '../report/chart/png.ts';
import { chartSvg } from '../report/chart/svg.ts';
import type { Explanation } from '../stack/explain.ts';

/** @throws UsageError for any other ending: to be asked before there is anything to draw, for measuring takes long */
export function chartFormat(file: string): 'svg' | 'png' {
  const ending = path.extname(file).toLowerCase();
  if (ending === '.svg') return 'svg';
  if (ending === '.png') return 'png';
  throw new UsageError(`--chart ${file}: what picture is it to be? Name a file that ends in .svg or .png`);
}

/** @throws UsageError for another ending than .svg and .png, and where the file cannot be written */
export async function writeChart(file: string, rows: readonly ChartRow[], meta: ChartMeta): Promise<void> {
  const format = chartFormat(file);
  const svg = chartSvg(rows, meta);
  const picture = format === 'svg' ? svg : await chartPng(svg);
  try {
    await writeFile(file, picture);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`--chart ${file}: the picture cannot be written: ${why}`, { cause });
  }
}

export function chartRow(label: string, explanation: Explanation): ChartRow {
  const { accounts, incidentalAccounts, peakBytes, pathBytes, threadSizeBytes } = explanation;
  return { label, accounts, incidental: incidentalAccounts, peakBytes, pathBytes, threadSizeBytes };
}

/** The command that is running, for a shell to run again. */
export function commandLine(): string {
  return ['fathom', ...process.argv.slice(2)].map(quoted).join(' ');
}

function quoted(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
