/** Files for QEMU: opened by fathom, passed on as descriptors, since QEMU's user need not reach their directory. */
import { copyFile, open, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { HarnessError } from '../errors.ts';
import { ownedDirectory, type RunAs } from './reaper.ts';

/**
 * Opens a file that QEMU will open once more through /proc/self/fd, for which the kernel asks the file's own mode.
 * One that `user` may not read (a kernel of mode 0600, as some distributions have it) is copied to a nameless file.
 */
export async function openReadable(file: string, user: RunAs | undefined): Promise<FileHandle> {
  const handle = await openFor(file, 'r');
  if (user === undefined) return handle;
  const { mode, uid, gid } = await handle.stat();
  const readable = uid === user.uid ? mode & 0o400 : gid === user.gid ? mode & 0o040 : mode & 0o004;
  if (readable !== 0) return handle;
  await handle.close();
  const directory = await ownedDirectory();
  try {
    const copy = path.join(directory.path, 'copy');
    await copyFile(file, copy);
    const copied = await openFor(copy, 'r');
    await copied.chmod(0o444);
    await rm(copy);
    return copied;
  } finally {
    await directory.remove();
  }
}

/** Opens a file; HarnessError says which one could not be. */
export async function openFor(file: string, flags: 'r' | 'r+' | 'wx+'): Promise<FileHandle> {
  try {
    return await open(file, flags, 0o600);
  } catch (cause) {
    throw new HarnessError(`cannot open ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** How QEMU names a descriptor where it wants a path. */
export function descriptorPath(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}
