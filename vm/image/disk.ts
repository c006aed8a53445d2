/** Backing disks: a filesystem filled at build time, or one image from the first byte on. Without root, built once. */
import {
  chmod,
  constants,
  copyFile,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { cached, hashOf } from '../cache.ts';
import { HarnessError, UsageError } from '../errors.ts';
import type { BuiltDisk } from '../machine.ts';
import { programIdentity } from '../programs.ts';
import { fillBtrfs } from './btrfs.ts';
import { alterData } from './damage.ts';
import { makersIn } from './choose-mkfs-erofs.ts';
import { buildErofs, uuidOf } from './erofs.ts';
import { fillExt4 } from './ext4.ts';
import { refuseFullDisk } from './full-disk.ts';
import { runProgram } from '../run-program.ts';
import type { Directory, DiskSpec, DiskVerity, ErofsSpec } from './spec.ts';
import { directory, imageFile } from './tree.ts';
import { checkDisk } from './validate.ts';
import { appendVerity } from './verity.ts';
import { fillSquashfs } from './squashfs.ts';
import { fillXfs } from './xfs.ts';

export type TreeDisk = Extract<DiskSpec, { tree: Directory }>;
type ImageDisk = Extract<DiskSpec, { image: ErofsSpec }>;

/** What a filesystem's own builder gets: an empty file of the right size, and a directory to work in. */
export interface Fill<Spec extends DiskSpec = DiskSpec> {
  readonly spec: Spec;
  readonly disk: string;
  readonly staging: string;
  readonly uuid: string;
  /** Seconds since 1970, for every time in the filesystem. */
  readonly time: number;
  /** For messages. */
  readonly making: string;
  readonly signal: AbortSignal;
}

/** Raised when the same spec would give other contents than before. */
const FORMAT = 3;
const TIME = 1_577_836_800;
const DISK = 'disk.img';
const VERITY = 'verity.json';
const verity = z.strictObject({
  rootHash: z.string(),
  salt: z.string(),
  dataBlocks: z.number(),
  hashStartBlock: z.number(),
}) satisfies z.ZodType<DiskVerity>;

/**
 * Builds a disk, or finds it in the cache: a sparse file, mode 0644.
 *
 * The filesystem's UUID follows from the spec. ext4 and squashfs come out the same bytes each time; mkfs.xfs before 6.17 and
 * mkfs.btrfs put times and random numbers of their own into theirs. ext4 has its `lost+found` beside the tree.
 * Throws UsageError for a spec that cannot be meant or a tree that does not fit, UnsupportedError naming a missing
 * program, HarnessError when one fails, and the signal's reason on abort; then nothing is left behind.
 */
export async function buildDisk(spec: DiskSpec, { signal }: { readonly signal: AbortSignal }): Promise<BuiltDisk> {
  checkDisk(spec);
  const entry = await cached({
    room: 'disks',
    title: `${spec.filesystem} disk, ${Math.round(spec.sizeBytes / 1024 ** 2)} MiB`,
    ingredients: { format: FORMAT, spec, programs: await programsOf(spec, signal) },
    build: (building) => build(spec, building, signal),
    signal,
  });
  const built = { path: path.join(entry, DISK), sizeBytes: spec.sizeBytes, spec };
  if (spec.filesystem !== 'erofs' || spec.verity === undefined) return built;
  return { ...built, verity: verity.parse(JSON.parse(await readFile(path.join(entry, VERITY), 'utf8'))) };
}

async function build(spec: DiskSpec, directory: string, signal: AbortSignal): Promise<void> {
  const disk = path.join(directory, DISK);
  const staging = path.join(directory, 'staging');
  const making = `${spec.filesystem} disk of ${spec.sizeBytes} bytes (spec ${hashOf(spec)})`;
  try {
    await mkdir(staging, { mode: 0o700 });
    await fill({ spec, disk, staging, uuid: uuidOf(spec), time: TIME, making, signal });
    // mkfs.xfs has the log's zeros allocated as unwritten extents, which `fallocate --dig-holes` takes for holes.
    await runProgram({
      program: 'cp',
      args: ['--sparse=always', '--reflink=never', disk, `${disk}.sparse`],
      making,
      signal,
    });
    await rename(`${disk}.sparse`, disk);
  } catch (error) {
    throw doesNotFit(await refuseFullDisk(error, directory), making);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  // mkfs.btrfs and mksquashfs make the file larger rather than fail.
  const { size } = await stat(disk);
  if (size !== spec.sizeBytes) throw new UsageError(`the tree does not fit on the ${making}: it takes ${size} bytes`);
  await chmod(disk, 0o644);
}

async function fill({ spec, ...rest }: Fill): Promise<void> {
  if (spec.filesystem === 'erofs') return fillErofs({ spec, ...rest });
  await (await open(rest.disk, 'wx', 0o600)).close();
  await truncate(rest.disk, spec.sizeBytes);
  await FILLERS[spec.filesystem]({ spec, ...rest });
}

const FILLERS: Readonly<Record<TreeDisk['filesystem'], (fill: Fill<TreeDisk>) => Promise<void>>> = {
  xfs: fillXfs,
  ext4: fillExt4,
  btrfs: fillBtrfs,
  squashfs: fillSquashfs,
};

async function fillErofs({ spec, disk, signal }: Fill<ImageDisk>): Promise<void> {
  const { image } = await buildErofs(spec.image, { signal });
  const { size } = await stat(image);
  if (size > spec.sizeBytes)
    throw new UsageError(`erofs disk: the image has ${size} bytes, the disk ${spec.sizeBytes}`);
  await copyFile(image, disk, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await truncate(disk, spec.sizeBytes);
  if (spec.verity === undefined) return;
  const facts = await appendVerity(disk, { imageBytes: size, sizeBytes: spec.sizeBytes, salt: spec.verity.salt });
  await writeFile(path.join(path.dirname(disk), VERITY), JSON.stringify(facts));
  if (spec.verity.damage !== undefined) await alterData(disk, image, spec.verity.damage);
}

const MAKERS: Readonly<Record<TreeDisk['filesystem'], string>> = {
  xfs: 'mkfs.xfs',
  ext4: 'mke2fs',
  btrfs: 'mkfs.btrfs',
  squashfs: 'mksquashfs',
};

/** Everything besides the spec that shapes the disk. */
async function programsOf(spec: DiskSpec, signal: AbortSignal): Promise<readonly string[]> {
  const tree = spec.filesystem === 'erofs' ? directory({ image: imageFile(spec.image) }) : spec.tree;
  const maker = spec.filesystem === 'erofs' ? [] : [programIdentity(MAKERS[spec.filesystem])];
  return [...(await makersIn(tree, signal)), ...maker];
}

/** A tree too large for its disk is the spec's fault, and each program says so in its own words. */
function doesNotFit(error: unknown, making: string): unknown {
  if (!(error instanceof HarnessError)) return error;
  const words =
    /no space left on device|could not allocate (?:block|inode)|not enough (?:free )?space|error allocating space|too small/i.exec(
      error.message,
    )?.[0];
  return words === undefined
    ? error
    : new UsageError(`the tree does not fit on the ${making}: ${words}`, { cause: error });
}
