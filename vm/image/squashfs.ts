/** squashfs from a directory: read-only, and with no UUID. mksquashfs copies what it sees, so it is shown it. */
import { stat, truncate } from 'node:fs/promises';
import type { Fill, TreeDisk } from './disk.ts';
import { runProgram } from '../run-program.ts';
import { stageTree } from './staging.ts';

/** Makes the filesystem in an empty file of its size. An ordinary user needs fakeroot: the builder's uid would stay. */
export async function fillSquashfs({ spec, disk, staging, time, making, signal }: Fill<TreeDisk>): Promise<void> {
  const { root, under } = await stageTree(spec.tree, {
    directory: staging,
    shows: { modes: true, owners: true, xattrs: true },
    mtime: time,
    signal,
  });
  const times = ['-mkfs-time', String(time), '-all-time', String(time)];
  await runProgram({
    program: 'mksquashfs',
    args: [root, disk, '-noappend', '-no-progress', '-quiet', ...times],
    making,
    under,
    signal,
  });
  const { size } = await stat(disk);
  // One that is larger is refused as it is.
  if (size < spec.sizeBytes) await truncate(disk, spec.sizeBytes);
}
