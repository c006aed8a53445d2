/** btrfs from a directory. mkfs.btrfs copies modes, owners and attributes as it sees them, so it is shown them. */
import type { Fill, TreeDisk } from './disk.ts';
import { runProgram } from '../run-program.ts';
import { stageTree } from './staging.ts';

/** Makes the filesystem in an empty file of its size. An ordinary user needs fakeroot: the builder's uid would stay. */
export async function fillBtrfs({ spec, disk, staging, uuid, time, making, signal }: Fill<TreeDisk>): Promise<void> {
  const { root, under } = await stageTree(spec.tree, {
    directory: staging,
    shows: { modes: true, owners: true, xattrs: true },
    mtime: time,
    signal,
  });
  await runProgram({
    program: 'mkfs.btrfs',
    args: ['--quiet', '--uuid', uuid, '--rootdir', root, disk],
    making,
    under,
    env: { SOURCE_DATE_EPOCH: String(time) },
    signal,
  });
}
