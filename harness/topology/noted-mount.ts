/** A mount as the notation says it: without paths and contents, which `fill` makes. */
import type { Compression } from '../../vm/machine.ts';
import type { BACKINGS, NotedErofsOptions } from './notation-words.ts';
import { nearestWritable } from './nearest-writable.ts';
import type { FuseMount, OverlayOptions } from './topology.ts';

export type Noted = NotedDisk | { readonly kind: 'tmpfs' } | NotedErofsDisk | NotedErofs | NotedOverlay | NotedFuse;

export interface NotedDisk {
  readonly kind: 'disk';
  readonly filesystem: (typeof BACKINGS)[number];
}

export interface NotedErofsDisk {
  readonly kind: 'erofs-disk';
  /** Read through dm-verity. */
  readonly verity: boolean;
  readonly compression: NotedCompression | undefined;
}

export interface NotedErofs {
  readonly kind: 'erofs';
  readonly on: Noted;
  /** Undefined for an image in a file that is mounted as it is. */
  readonly loop: { readonly directIo: boolean } | undefined;
  readonly compression: NotedCompression | undefined;
  /** What holds the blob device. */
  readonly device: Noted | undefined;
  readonly options: NotedErofsOptions;
}

export interface NotedCompression {
  readonly algorithm: Compression;
  readonly level?: number;
}

export interface NotedOverlay {
  readonly kind: 'overlay';
  readonly lowers: readonly Noted[];
  readonly dataOnly: readonly Noted[];
  readonly upper: Noted | undefined;
  readonly options: OverlayOptions;
}

export interface NotedFuse {
  readonly kind: 'fuse' | 'ecryptfs';
  readonly over: Noted;
  readonly passthrough: FuseMount['passthrough'];
}

/** Gives the mount that has this number and was said so before, or this one: two mentions are one mount. */
export function sharing(): (number: number, noted: Noted) => Noted {
  const known = new Map<string, Noted>();
  const ids = new Map<unknown, number>();
  return (number, noted) => {
    const key = JSON.stringify([number, noted], (_, value: unknown) =>
      ids.has(value) ? { id: ids.get(value) } : value,
    );
    const shared = known.get(key) ?? noted;
    known.set(key, shared);
    if (!ids.has(shared)) ids.set(shared, ids.size);
    return shared;
  };
}

/** What a mount stands on, without the upper: a file that it shows comes from there. */
export function layersOf(noted: Noted): readonly Noted[] {
  switch (noted.kind) {
    case 'disk':
    case 'tmpfs':
    case 'erofs-disk':
      return [];
    case 'erofs':
      return noted.device === undefined ? [noted.on] : [noted.on, noted.device];
    case 'overlay':
      return [...noted.lowers, ...noted.dataOnly];
    case 'fuse':
    case 'ecryptfs':
      return [noted.over];
  }
  return noted satisfies never;
}

/** The upper of an overlay for which nobody named one; undefined where all below is read-only. */
export function impliedUpper(layers: readonly Noted[]): Noted | undefined {
  return nearestWritable(layers, layersOf, ({ kind }) => kind === 'disk' || kind === 'tmpfs');
}

/** A filesystem that is filled at build time, and a directory of it. */
export interface Holder {
  readonly noted: NotedDisk | NotedErofsDisk | NotedErofs;
  readonly directory: string;
}

/** Overlays have their lower in a directory of a disk and not at its root: the upper is on the same disk, beside it. */
export const LAYER = 'layer';

/** Where a file is to be put so that it is seen at a mount's root; undefined where nothing below is filled. */
export function holderOf(noted: Noted): Holder | undefined {
  switch (noted.kind) {
    case 'disk':
    case 'erofs-disk':
    case 'erofs':
      return { noted, directory: '' };
    case 'tmpfs':
      return undefined;
    case 'overlay':
      return noted.lowers.map(holderOfLayer).find((holder) => holder !== undefined);
    case 'fuse':
    case 'ecryptfs':
      return holderOfLayer(noted.over);
  }
  return noted satisfies never;
}

function holderOfLayer(layer: Noted): Holder | undefined {
  return layer.kind === 'disk' ? { noted: layer, directory: LAYER } : holderOf(layer);
}

/** Whether an image can be copied there at run time. */
export function isWritable(noted: Noted): boolean {
  switch (noted.kind) {
    case 'disk':
    case 'tmpfs':
      return true;
    case 'erofs-disk':
    case 'erofs':
      return false;
    case 'overlay':
      return noted.upper !== undefined;
    case 'fuse':
    case 'ecryptfs':
      return isWritable(noted.over);
  }
  return noted satisfies never;
}
