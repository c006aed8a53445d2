/** A noted mount → a mount with contents: what is seen holds the standard tree, and each image lies where it is said to. */
import type { ErofsSpec, TreeNode } from '../../vm/machine.ts';
import {
  blobFile,
  copyOf,
  directory,
  directoryIn,
  DISK_BYTES,
  disk,
  ecryptfs,
  erofs,
  erofsDisk,
  erofsImage,
  fileIn,
  fuse,
  imageFile,
  loop,
  overlay,
  text,
  tmpfs,
} from './builders.ts';
import { holderOf, LAYER, layersOf, type Noted, type NotedErofs, type NotedErofsDisk } from './noted-mount.ts';
import { carriedEntries, standardEntries } from './standard-content.ts';
import type { DirectoryIn, DiskMount, FileSource, Mount } from './topology.ts';

/** Size of a chunk of an image with a blob device, in bytes: a block, so that all contents go to the blob. */
const CHUNK_BYTES = 4096;

/** Any will do; its length is that of veritysetup's default. */
const VERITY_SALT = '0123456789abcdef'.repeat(4);

type Entries = Record<string, TreeNode>;

/** The graph below `top` with contents; what is shared in it stays shared. */
export function fill(top: Noted): Mount {
  const all = mountsUpTo(top);
  const seen = seenFrom(top);
  /** Disks of which an overlay, or another mount of directories, takes the layer directory. */
  const layered = new Set(all.flatMap((each) => (each.kind === 'erofs' ? [] : layersOf(each))));
  const carried = new Map<
    Noted,
    { readonly directory: string; readonly name: string; readonly node: () => TreeNode }[]
  >();
  const images = new Map<Noted, ErofsSpec>();
  const mounts = new Map<Noted, Mount>();
  const number = (noted: Noted): number => all.filter(({ kind }) => kind === noted.kind).indexOf(noted) + 1;
  /** Fills what is copied to a tmpfs at run time. */
  const store = all.find(({ kind }) => kind === 'disk');
  let extraStore: DiskMount | undefined;
  const extraEntries: Entries = {};

  const put = (on: Noted, name: string, node: () => TreeNode): void => {
    const holder = holderOf(on) ?? (store === undefined ? undefined : { noted: store, directory: '' });
    if (holder === undefined) return;
    carried.set(holder.noted, [...(carried.get(holder.noted) ?? []), { directory: holder.directory, name, node }]);
  };
  for (const noted of all) {
    if (noted.kind !== 'erofs') continue;
    put(noted.on, imageName(noted), () => imageFile(imageOf(noted)));
    if (noted.device !== undefined) put(noted.device, blobName(noted), () => blobFile(imageOf(noted)));
  }

  function imageName(noted: NotedErofs): string {
    return `image${number(noted)}.erofs`;
  }

  function blobName(noted: NotedErofs): string {
    return `image${number(noted)}.blob`;
  }

  function entriesIn(noted: Noted, directoryName: string): Entries {
    const here = (carried.get(noted) ?? []).filter((each) => each.directory === directoryName);
    return Object.fromEntries(here.map(({ name, node }) => [name, node()]));
  }

  /** No two filesystems have the same bytes: their UUIDs follow from these, and the kernel refuses one that is twice. */
  function label(noted: Noted): Entries {
    return { id: text(`${noted.kind} ${number(noted)}\n`) };
  }

  function contentsOf(noted: Noted, options: { readonly xattrs: boolean }): Entries {
    return { ...(seen.has(noted) ? standardEntries(options) : carriedEntries()), ...label(noted) };
  }

  function imageOf(noted: NotedErofs | NotedErofsDisk): ErofsSpec {
    const known = images.get(noted);
    if (known !== undefined) return known;
    const { compression } = noted;
    const image = erofsImage(
      { ...contentsOf(noted, { xattrs: true }), ...entriesIn(noted, '') },
      {
        ...(compression === undefined ? {} : { compression }),
        ...(noted.kind === 'erofs' && noted.device !== undefined ? { chunkBytes: CHUNK_BYTES, blobs: 1 } : {}),
      },
    );
    images.set(noted, image);
    return image;
  }

  function source(on: Noted, name: string, node: () => TreeNode): FileSource {
    const holder = holderOf(on);
    if (holder !== undefined) return fileIn(mountOf(on), name);
    if (store !== undefined) return copyOf(fileIn(mountOf(store), name), mountOf(on), name);
    extraEntries[name] = node();
    extraStore ??= disk('ext4', extraEntries);
    return copyOf(fileIn(extraStore, name), mountOf(on), name);
  }

  function layer(noted: Noted): DirectoryIn {
    return directoryIn(mountOf(noted), noted.kind === 'disk' ? LAYER : '');
  }

  function mountOf(noted: Noted): Mount {
    const known = mounts.get(noted);
    if (known !== undefined) return known;
    const made = make(noted);
    mounts.set(noted, made);
    return made;
  }

  function make(noted: Noted): Mount {
    switch (noted.kind) {
      case 'disk': {
        const contents = contentsOf(noted, { xattrs: noted.filesystem !== 'xfs' });
        return disk(noted.filesystem, {
          ...(layered.has(noted) ? { [LAYER]: directory({ ...contents, ...entriesIn(noted, LAYER) }) } : {}),
          ...(noted === top ? contents : label(noted)),
          ...entriesIn(noted, ''),
        });
      }
      case 'tmpfs':
        return tmpfs();
      case 'erofs-disk':
        return noted.verity ? erofsDisk(imageOf(noted), DISK_BYTES, { salt: VERITY_SALT }) : erofsDisk(imageOf(noted));
      case 'erofs': {
        const image = source(noted.on, imageName(noted), () => imageFile(imageOf(noted)));
        const blob = noted.device;
        // Of a block device, another holds the blob: kernels take no other.
        const held = (file: FileSource) => (noted.loop === undefined ? file : loop(file, noted.loop));
        return erofs(held(image), {
          ...noted.options,
          devices: blob === undefined ? [] : [held(source(blob, blobName(noted), () => blobFile(imageOf(noted))))],
        });
      }
      case 'overlay':
        return overlay({
          lower: noted.lowers.map(layer),
          dataOnly: noted.dataOnly.map(layer),
          ...(noted.upper === undefined ? {} : { upper: mountOf(noted.upper) }),
          ...noted.options,
        });
      case 'fuse':
        return fuse(layer(noted.over), noted.passthrough);
      case 'ecryptfs':
        return ecryptfs(layer(noted.over));
    }
    return noted satisfies never;
  }

  return mountOf(top);
}

/** What `top` stands on and `top`, what stands lowest first, each once. */
function mountsUpTo(top: Noted, found = new Set<Noted>()): readonly Noted[] {
  const below = top.kind === 'overlay' && top.upper !== undefined ? [...layersOf(top), top.upper] : layersOf(top);
  for (const each of below) if (!found.has(each)) mountsUpTo(each, found);
  found.add(top);
  return [...found];
}

/** The mounts whose files show at the top; the others carry images. */
function seenFrom(top: Noted, found = new Set<Noted>()): ReadonlySet<Noted> {
  if (found.has(top)) return found;
  found.add(top);
  if (top.kind !== 'erofs') for (const each of layersOf(top)) seenFrom(each, found);
  return found;
}
