/** Damages a copy of a finished erofs image: the same bytes each time. */
import { chmod, open, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cached } from '../cache.ts';
import { HarnessError } from '../errors.ts';
import { requireProgram } from '../programs.ts';
import { runProgram } from '../run-program.ts';
import { chooseMkfsErofs } from './choose-mkfs-erofs.ts';
import { SUPERBLOCK_FIELDS, type Damage } from './damage-spec.ts';
import { blockBytesOf, CHECKSUM_AT, inodeOf, placeOf, seal, SUPERBLOCK_AT } from './erofs-format.ts';
import type { ErofsSpec } from './spec.ts';

/** Raised when the same damage would give other bytes than before. */
const FORMAT = 1;

/** An image's file with the damage done, in the cache; `intact` is what buildErofs made of the spec. */
export async function damagedImage(
  spec: ErofsSpec,
  intact: string,
  damage: readonly Damage[],
  signal: AbortSignal,
): Promise<string> {
  const directory = await cached({
    room: 'images',
    title: `damaged erofs image: ${damage.map(({ kind }) => kind).join(', ')}`,
    ingredients: { format: FORMAT, image: path.basename(path.dirname(intact)), damage },
    build: async (building) => {
      const file = path.join(building, 'image.erofs');
      await writeFile(file, await damaged(spec, intact, damage, signal));
      await chmod(file, 0o644);
    },
    signal,
  });
  return path.join(directory, 'image.erofs');
}

async function damaged(
  spec: ErofsSpec,
  intact: string,
  damage: readonly Damage[],
  signal: AbortSignal,
): Promise<Buffer> {
  const original = await readFile(intact);
  let image: Buffer = Buffer.from(original);
  for (const one of damage) {
    switch (one.kind) {
      case 'superblock': {
        const { at, bytes } = SUPERBLOCK_FIELDS[one.field];
        image.writeUIntLE(one.value, SUPERBLOCK_AT + at, bytes);
        break;
      }
      case 'checksum':
        break;
      case 'volume-name':
        image.fill('V', SUPERBLOCK_AT + 64, SUPERBLOCK_AT + 80);
        break;
      case 'root':
        image.writeUInt16LE(inodeOf(original, one.of).nid, SUPERBLOCK_AT + 14);
        break;
      case 'inode':
        image.writeUInt16LE(one.value, inodeOf(original, one.of).at + (one.field === 'i_format' ? 0 : 4));
        break;
      case 'directory':
        image.writeUInt16LE(one.nameoff, placeOf(original, inodeOf(original, one.of), 0) + 8);
        break;
      case 'data':
        image[placeOf(original, inodeOf(original, one.of), one.at)]! ^= one.xor;
        break;
      case 'clusters': {
        const extents = await extentsOf(spec, intact, one.of, signal);
        if (extents[0]!.holdsBytes <= extents[0]!.bytes)
          throw new HarnessError(`/${one.of} does not compress: it is stored plain, and any bytes would be data`);
        for (const { at, bytes } of extents) image.fill(0xff, at, at + bytes);
        break;
      }
      case 'truncated': {
        const [first] = await extentsOf(spec, intact, one.before, signal);
        image = image.subarray(0, first!.at);
        break;
      }
      default:
        one satisfies never;
    }
  }
  // The checksum covers the first block, where inodes and data may lie too.
  seal(image, blockBytesOf(original));
  if (damage.some(({ kind }) => kind === 'checksum')) image[SUPERBLOCK_AT + CHECKSUM_AT]! ^= 1;
  return image;
}

/** Alters bytes of files where they lie on a disk that begins with an image; `intact` is that image's file. */
export async function alterData(
  disk: string,
  intact: string,
  damage: readonly Extract<Damage, { kind: 'data' }>[],
): Promise<void> {
  const original = await readFile(intact);
  const file = await open(disk, 'r+');
  try {
    for (const one of damage) {
      const at = placeOf(original, inodeOf(original, one.of), one.at);
      await file.write(Buffer.of(original[at]! ^ one.xor), 0, 1, at);
    }
  } finally {
    await file.close();
  }
}

interface Extent {
  /** On disk. */
  readonly at: number;
  readonly bytes: number;
  /** Of the file. */
  readonly holdsBytes: number;
}

/** Where a file's data lie on disk, as dump.erofs of the program that made the image tells. Never empty. */
async function extentsOf(spec: ErofsSpec, image: string, of: string, signal: AbortSignal): Promise<readonly Extent[]> {
  const { file = requireProgram('mkfs.erofs') } = await chooseMkfsErofs(spec, signal);
  const { stdout } = await runProgram({
    program: 'mkfs.erofs',
    file: path.join(path.dirname(file), 'dump.erofs'),
    args: ['-e', `--path=/${of}`, image],
    making: `the extents of /${of}`,
    signal,
  });
  const extents = [...stdout.matchAll(/^ *\d+: +\d+\.\. *\d+ \| +(\d+) : +(\d+)\.\. *(\d+) \|/gm)].map(
    ([, holds, from, to]) => ({ at: Number(from), bytes: Number(to) - Number(from), holdsBytes: Number(holds) }),
  );
  if (extents.length === 0) throw new HarnessError(`dump.erofs names no extents of /${of}:\n${stdout}`);
  return extents;
}
