/** erofs images by mkfs.erofs, without root, the same bytes each time, built once. */
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cached, hashOf } from '../cache.ts';
import { HarnessError } from '../errors.ts';
import { chooseMkfsErofs, makersIn, type ChosenMkfsErofs } from './choose-mkfs-erofs.ts';
import { refuseFullDisk } from './full-disk.ts';
import type { MkfsErofs } from './mkfs-erofs.ts';
import { runProgram } from '../run-program.ts';
import type { ErofsSpec } from './spec.ts';
import { stageTree } from './staging.ts';
import { walk } from './tree.ts';
import { DEFAULT_BLOCK_BYTES, checkErofs } from './validate.ts';

export interface BuiltErofs {
  /** Path of the image, mode 0644, in the cache: never to be written to. */
  readonly image: string;
  /** Paths of its blob devices, in the order of their `device=` options. */
  readonly blobs: readonly string[];
}

/** Raised when the same spec would give other bytes than before. */
const FORMAT = 2;
const DEFAULT_MTIME = 1_577_836_800;

/**
 * Builds an image, or finds it in the cache.
 *
 * Throws UsageError for a spec that cannot be meant, UnsupportedError for one that no mkfs.erofs
 * to be had can make, HarnessError when it fails, and the signal's reason on abort; then nothing is left behind.
 */
export async function buildErofs(spec: ErofsSpec, { signal }: { readonly signal: AbortSignal }): Promise<BuiltErofs> {
  checkErofs(spec);
  const chosen = await chooseMkfsErofs(spec, signal);
  const directory = await cached({
    room: 'images',
    title: titleOf(spec),
    ingredients: { format: FORMAT, spec, mkfs: chosen.identity, within: await makersIn(spec.tree, signal) },
    build: (building) => build(spec, chosen, building, signal),
    signal,
  });
  return { image: path.join(directory, IMAGE), blobs: blobNames(spec).map((name) => path.join(directory, name)) };
}

/** A UUID made of a spec: two different specs never share one (RFC 9562, version 8). */
export function uuidOf(spec: unknown): string {
  const digits = hashOf(spec);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}

const IMAGE = 'image.erofs';

function blobNames(spec: ErofsSpec): readonly string[] {
  return Array.from({ length: spec.blobs ?? 0 }, (_none, index) => `blob-${index}`);
}

async function build(
  spec: ErofsSpec,
  { mkfs, file }: ChosenMkfsErofs,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const staging = path.join(directory, 'staging');
  await mkdir(staging, { mode: 0o700 });
  try {
    const owner = commonOwner(spec);
    const { root, under } = await stageTree(spec.tree, {
      directory: staging,
      shows: { modes: true, owners: owner === undefined, xattrs: true },
      mtime: spec.mtime ?? DEFAULT_MTIME,
      signal,
    });
    // mkfs.erofs 1.8 wants its blob device to be there.
    for (const blob of blobNames(spec)) await writeFile(path.join(directory, blob), '');
    const { stderr } = await runProgram({
      program: 'mkfs.erofs',
      file,
      args: [...optionsOf(spec, mkfs, owner), IMAGE, root],
      making: `${titleOf(spec)} (spec ${hashOf(spec)})`,
      under,
      cwd: directory,
      signal,
    });
    const errors = stderr.split('\n').filter((line) => line.startsWith('<E>'));
    if (errors.length > 0) throw new HarnessError(`mkfs.erofs ended well but complained: ${errors.join('\n')}`);
  } catch (error) {
    throw await refuseFullDisk(error, directory);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  for (const name of [IMAGE, ...blobNames(spec)]) await chmod(path.join(directory, name), 0o644);
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** The one owner of all entries; undefined when they differ. */
function commonOwner(spec: ErofsSpec): Owner | undefined {
  const owners = walk(spec.tree).map(({ node }) => ({
    uid: spec.forceUid ?? node.uid ?? 0,
    gid: spec.forceGid ?? node.gid ?? 0,
  }));
  const [first] = owners as [Owner];
  return owners.every(({ uid, gid }) => uid === first.uid && gid === first.gid) ? first : undefined;
}

function optionsOf(spec: ErofsSpec, mkfs: MkfsErofs, owner: Owner | undefined): readonly string[] {
  const { compression, chunkBytes, blockBytes = DEFAULT_BLOCK_BYTES, features = [] } = spec;
  const forcedUid = owner?.uid ?? spec.forceUid;
  const forcedGid = owner?.gid ?? spec.forceGid;
  const hasXattrs = walk(spec.tree).some(({ node }) => Object.keys(node.xattrs ?? {}).length > 0);
  return [
    `-T${spec.mtime ?? DEFAULT_MTIME}`,
    `-U${spec.uuid ?? uuidOf(spec)}`,
    ...(hasXattrs ? [] : ['-x-1']),
    ...(compression === undefined
      ? []
      : [`-z${compression.algorithm}${compression.level === undefined ? '' : `,${compression.level}`}`]),
    ...(compression?.pclusterBytes === undefined ? [] : [`-C${compression.pclusterBytes}`]),
    ...(spec.metadataPclusterBytes === undefined ? [] : [`-m${spec.metadataPclusterBytes}`]),
    ...(features.length === 0 ? [] : [`-E${features.join(',')}`]),
    ...(spec.xattrPrefixes ?? []).map((prefix) => `--xattr-prefix=${prefix}`),
    // Without -b, newer ones take the host's page size, older ones know nothing but 4096.
    ...(mkfs.options.has('-b') ? [`-b${blockBytes}`] : []),
    // Whole pages: seen, 7.3 reads no metadata from the last page of a file that ends within it.
    ...(blockBytes < DEFAULT_BLOCK_BYTES && mkfs.options.has('--fsalignblks')
      ? [`--fsalignblks=${DEFAULT_BLOCK_BYTES / blockBytes}`]
      : []),
    ...(chunkBytes === undefined ? [] : [`--chunksize=${chunkBytes}`]),
    ...blobNames(spec).map((name) => `--blobdev=${name}`),
    ...(forcedUid === undefined ? [] : [`--force-uid=${forcedUid}`]),
    ...(forcedGid === undefined ? [] : [`--force-gid=${forcedGid}`]),
  ];
}

function titleOf(spec: ErofsSpec): string {
  const { compression, chunkBytes, blobs = 0 } = spec;
  const entries = walk(spec.tree).length;
  return [
    'erofs image',
    `${entries} ${entries === 1 ? 'entry' : 'entries'}`,
    ...(compression === undefined ? [] : [compression.algorithm]),
    ...(chunkBytes === undefined ? [] : [`chunks of ${chunkBytes}`]),
    ...(blobs === 0 ? [] : [`${blobs} blob`]),
    ...(spec.features ?? []),
  ].join(', ');
}
