/** Plain filesystems from the nodes of a mount graph: what was built, or an empty tmpfs. */
import type {
  Damage,
  Directory,
  DiskSpec,
  ErofsSpec,
  ImageSpec,
  TreeNode,
  VerityOptions,
} from '../../../vm/machine.ts';
import { builtTree, imageNodeOf, imageOf, isReadOnlyDisk, type Mount } from '../../topology/topology.ts';
import type { Behaviours } from '../behaviour.ts';
import { hurtOf, undeterminedRead, type DamagedMount } from '../rules/erofs-damage.ts';
import { readCompressed, storedAs } from '../rules/erofs-data.ts';
import { logged, type Refusal } from '../rules/rule.ts';
import { edited } from './contents.ts';
import { fail, type Failure } from './failure.ts';
import { createInode, createVolume, plant, type Building, type Inode, type Volume } from './inode.ts';

/** Every entry has this time unless an image says another: 2020-01-01, in seconds. vm/image/ */
const BUILD_TIME = 1_577_836_800;

/** Undefined where the model does not know what a mount shows. */
export function volumeFor(mount: Mount, id: string, behaviours: Behaviours): Volume | undefined {
  if (mount.kind === 'tmpfs') {
    if (mount.type !== undefined || mount.casefold !== undefined) return undefined;
    return createVolume(
      {
        id,
        filesystem: 'tmpfs',
        readOnly: false,
        fileHandles: true,
        fsVerity: false,
        hasUuid: true,
        userXattrs: behaviours.tmpfsUserXattrs,
        hasDirectIo: () => behaviours.tmpfsDirectIo,
      },
      { mode: 0o1777 },
    );
  }
  if (mount.kind === 'erofs') {
    const [image, tree] = [imageOf(mount), builtTree(mount)];
    const onDevice = mount.source.kind === 'loop';
    if (image === undefined || tree === undefined) return undefined;
    const damaged = { damage: imageNodeOf(mount)?.damage ?? [], isFileBacked: !onDevice };
    return withDamage(erofsVolume(image, tree, id, onDevice, behaviours), damaged, behaviours);
  }
  if (mount.kind !== 'disk') return undefined;
  const tree = builtTree(mount);
  if (tree === undefined) return undefined;
  if (mount.disk.filesystem !== 'erofs')
    return mount.disk.casefold === undefined ? diskVolume(mount.disk, id) : undefined;
  const { image, verity } = mount.disk;
  return withRefusedData(erofsVolume(image, tree, id, true, behaviours), verity?.damage ?? []);
}

function erofsVolume(image: ImageSpec, tree: Directory, id: string, onDevice: boolean, behaviours: Behaviours): Volume {
  const { erofsFileHandles, erofsDirectIo } = behaviours;
  const { mtime = BUILD_TIME } = image;
  const { forceUid, forceGid } = image.kind === 'erofs' ? image : {};
  const hasDirectIo: Volume['hasDirectIo'] = (contents) => {
    if (!onDevice || !erofsDirectIo) return false;
    if (contents === undefined || image.kind !== 'erofs') return undefined;
    // Fragments lie compressed or not in a file of their own.
    const stored = storedAs(image, contents.base);
    return stored === 'either way' ? undefined : stored === 'plain';
  };
  const volume = filled(
    {
      id,
      filesystem: 'erofs',
      readOnly: true,
      fileHandles: erofsFileHandles,
      fsVerity: false,
      hasUuid: true,
      userXattrs: true,
      hasDirectIo,
    },
    tree,
    { mtimeNs: nanoseconds(mtime), forceUid, forceGid, modeOf },
  );
  const refusal = image.kind === 'erofs' ? readCompressed(image, behaviours) : undefined;
  if (image.kind === 'erofs' && refusal !== undefined) refuseCompressed(volume.root, image, refusal);
  return volume;
}

/** E31: the inode of compressed data is refused; E32: reading them. What mkfs.erofs may have left as it was is unsure. */
function refuseCompressed(inode: Inode, image: ErofsSpec, refusal: Refusal): void {
  for (const child of inode.entries.values()) refuseCompressed(child, image, refusal);
  const stored = inode.contents === undefined ? 'plain' : storedAs(image, inode.contents.base);
  if (stored === 'either way') {
    inode.contents = undefined;
    inode.volume.unsure = true;
  }
  if (stored !== 'compressed') return;
  if (refusal.rule === 'E31') inode.lost = asFailure(refusal);
  else inode.unreadable = asFailure(refusal);
}

type FilledDisk = Exclude<DiskSpec, { filesystem: 'erofs' }>;

/** xfs_file.c, ext4/file.c; btrfs goes by the page cache where it cannot, and says nothing; squashfs has none. */
const DIRECT_IO: Readonly<Record<FilledDisk['filesystem'], boolean | undefined>> = {
  xfs: true,
  ext4: true,
  btrfs: undefined,
  squashfs: false,
};

/** mkfs.xfs before 6.17 takes times from the clock. The root's changes when a plan makes a directory in it. */
function diskVolume(disk: FilledDisk, id: string): Volume {
  const { filesystem, tree, fsVerity = false } = disk;
  const volume = filled(
    {
      id,
      filesystem,
      readOnly: isReadOnlyDisk(disk),
      fileHandles: true,
      fsVerity,
      hasUuid: filesystem !== 'squashfs',
      userXattrs: true,
      hasDirectIo: () => DIRECT_IO[filesystem],
    },
    tree,
    { mtimeNs: filesystem === 'xfs' ? undefined : nanoseconds(BUILD_TIME), modeOf },
  );
  if (!volume.readOnly) volume.root.mtimeNs = undefined;
  if (filesystem === 'ext4')
    volume.root.entries.set(
      'lost+found',
      createInode(volume, { type: 'directory', mode: 0o700, mtimeNs: nanoseconds(BUILD_TIME) }),
    );
  return volume;
}

/** Undefined where nothing notices an inode or a root that is another's, so that the tree is another too. */
function withDamage(volume: Volume, mount: DamagedMount, behaviours: Behaviours): Volume | undefined {
  for (const one of mount.damage) {
    const path = pathOf(one);
    const inode = path === undefined ? undefined : inodeAt(volume, path);
    if (path === undefined || inode === undefined) continue;
    const { lookup, search, read } = hurtOf(path, mount, behaviours);
    if (one.kind === 'root' || (one.kind === 'inode' && lookup === undefined)) return undefined;
    // What the kernel does not read of an image that is whole (E31, E32) it does not read of this one.
    inode.lost = asFailure(lookup) ?? inode.lost;
    inode.unsearchable = asFailure(search);
    inode.unreadable = asFailure(read) ?? inode.unreadable;
    if (undeterminedRead(path, mount, behaviours) !== undefined) inode.contents = undefined;
    // I10: nobody notices.
    if (one.kind === 'data' && inode.contents !== undefined)
      inode.contents = edited(inode.contents, { kind: 'xor', offset: one.at, xor: one.xor });
  }
  return volume;
}

function pathOf(damage: Damage): string | undefined {
  if (damage.kind === 'truncated') return damage.before;
  return 'of' in damage ? damage.of : undefined;
}

function asFailure(refusal: Refusal | undefined): Failure | undefined {
  return refusal === undefined ? undefined : { kind: 'failure', ...refusal };
}

/** Damage that dm-verity notices (rule I11). */
function withRefusedData(volume: Volume, damage: NonNullable<VerityOptions['damage']>): Volume {
  for (const { of } of damage) {
    const inode = inodeAt(volume, of);
    if (inode !== undefined)
      inode.unreadable = fail('I11', 'EIO', `dm-verity reads no block of /${of} that was altered`, [
        logged('I11', CORRUPTED),
      ]);
  }
  return volume;
}

/** drivers/md/dm-verity-target.c:verity_handle_err */
const CORRUPTED = /^device-mapper: verity: \d+:\d+: data block \d+ is corrupted$/;

/** `.` is the root. */
function inodeAt(volume: Volume, path: string): Inode | undefined {
  if (path === '.') return volume.root;
  return path.split('/').reduce<Inode | undefined>((at, name) => at?.entries.get(name), volume.root);
}

function filled(parts: Parameters<typeof createVolume>[0], tree: Directory, building: Building): Volume {
  const volume = createVolume(parts);
  return Object.assign(volume, { root: plant(volume, tree, building) });
}

function nanoseconds(seconds: number): string {
  return seconds === 0 ? '0' : `${seconds}000000000`;
}

/** As vm/image/tree.ts has it. */
function modeOf(node: TreeNode): number {
  if (node.kind === 'symlink') return 0o777;
  if (node.kind === 'whiteout') return node.mode ?? 0;
  return node.mode ?? (node.kind === 'directory' ? 0o755 : 0o644);
}
