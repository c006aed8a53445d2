/** Unpacking of RPM packages, with the two programs that Debian has for it. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import { HarnessError, UsageError } from '../errors.ts';
import { reasonOf } from '../file-errors.ts';
import { runProgram } from '../run-program.ts';

/** How the lead of every package begins (struct rpmlead of rpm's lib/rpmlead.c): magic, version, and its type. */
const LEAD = { bytes: 8, magic: Buffer.from([0xed, 0xab, 0xee, 0xdb]), type: 6, binary: 0, source: 1 } as const;

/** Throws UsageError for a file that cannot be read, is no RPM package, or is a source package. */
export async function checkRpm(spec: string, file: string): Promise<void> {
  const lead = Buffer.alloc(LEAD.bytes);
  try {
    await using handle = await open(file);
    await handle.read(lead, 0, LEAD.bytes, 0);
  } catch (cause) {
    throw new UsageError(`kernel '${spec}': cannot read ${file}: ${reasonOf(cause)}`, { cause });
  }
  if (!lead.subarray(0, LEAD.magic.length).equals(LEAD.magic))
    throw new UsageError(`kernel '${spec}': ${file} is not an RPM package`);
  if (lead.readUInt16BE(LEAD.type) === LEAD.source)
    throw new UsageError(`kernel '${spec}': ${file} is a source package; the built ones are kernel-core and its like`);
}

/**
 * Puts the files of a package whose names match any of `patterns` (those of cpio(1), where `*` also takes slashes) below
 * a directory, owned by whoever runs this.
 *
 * Throws UsageError for a package that is cut off or damaged, UnsupportedError without rpm2cpio or cpio.
 */
export async function extractRpm(
  rpm: string,
  directory: string,
  patterns: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const archive = path.join(directory, '.cpio');
  const making = rpm;
  try {
    await runProgram({ program: 'rpm2cpio', args: [path.resolve(rpm)], making, signal, stdoutFile: archive });
    const args = ['--extract', '--quiet', '--make-directories', '--no-absolute-filenames', '--no-preserve-owner'];
    await runProgram({
      program: 'cpio',
      args: [...args, ...patterns],
      making,
      signal,
      cwd: directory,
      stdinFile: archive,
    });
  } catch (cause) {
    if (!(cause instanceof HarnessError)) throw cause;
    throw new UsageError(`${rpm} cannot be unpacked; is it whole? ${cause.message}`, { cause });
  }
}
