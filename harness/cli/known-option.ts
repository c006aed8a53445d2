/** `--known FILE`: the known deviations by which a run is judged as a whole. */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { UsageError } from '../../vm/machine.ts';
import { knownFile, type KnownEntry } from '../report/known.ts';

export const KNOWN_OPTION =
  'known deviations, in YAML: what it lists does not fail the run, what is gone or expired does';

/** Throws UsageError that names the place in the file. */
export async function readKnown(file: string): Promise<readonly KnownEntry[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UsageError(
      `cannot read the known deviations: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  });
  const { parse, YAMLParseError } = await import('yaml');
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    if (!(cause instanceof YAMLParseError)) throw cause;
    throw new UsageError(`${file} is no YAML: ${cause.message}`, { cause });
  }
  const parsed = knownFile.safeParse(value);
  if (!parsed.success)
    throw new UsageError(`${file} is no list of known deviations:\n${z.prettifyError(parsed.error)}`);
  return parsed.data.deviations;
}
