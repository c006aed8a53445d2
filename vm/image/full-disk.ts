/** Tells a full disk of the host from every other failure of a program that fills a file. */
import { statfs } from 'node:fs/promises';

/** Less than this left counts as full: mkfs programs write in larger steps. */
const FULL_BYTES = 4 * 1024 * 1024;

/**
 * The error itself, or one with the code ENOSPC, which the cache explains, when the directory's disk is full.
 * mkfs.btrfs calls that an input/output error.
 */
export async function refuseFullDisk(error: unknown, directory: string): Promise<unknown> {
  if (!(error instanceof Error) || !/no space left on device|ENOSPC|input\/output error/i.test(error.message))
    return error;
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize >= FULL_BYTES
    ? error
    : Object.assign(new Error(error.message, { cause: error }), { code: 'ENOSPC' });
}
