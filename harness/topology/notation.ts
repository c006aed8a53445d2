/** How a topology is named in output: `ovl(ovl(erofs[file](xfs)))`. docs/topology.md has the grammar. */
import { EROFS_WORDS, OVERLAY_WORDS, wordsOf } from './notation-words.ts';
import {
  imageOf,
  type ErofsMount,
  type ErofsSource,
  type FuseMount,
  type Mount,
  type OverlayMount,
} from './topology.ts';
import type { DiskSpec, ImageSpec } from '../../vm/machine.ts';
import { nearestWritable } from './nearest-writable.ts';

/**
 * The mount in one line. Two mounts that would read the same are told apart by a number. Not shown are paths, copies,
 * workdirs and what is as the notation takes it to be.
 */
export function notationOf(mount: Mount): string {
  return nameOf(mount, { names: new Map(), taken: new Map() });
}

interface Names {
  readonly names: Map<Mount, string>;
  /** How many mounts there are that read so but for their number. */
  readonly taken: Map<string, number>;
}

function nameOf(mount: Mount, named: Names): string {
  const known = named.names.get(mount);
  if (known !== undefined) return known;
  const { head, rest } = partsOf(mount, named);
  const count = (named.taken.get(head + rest) ?? 0) + 1;
  named.taken.set(head + rest, count);
  const name = `${head}${count === 1 ? '' : `#${count}`}${rest}`;
  named.names.set(mount, name);
  return name;
}

/** The number of a mount goes between the two. */
function partsOf(mount: Mount, named: Names): { readonly head: string; readonly rest: string } {
  const below = (each: Mount) => nameOf(each, named);
  switch (mount.kind) {
    case 'disk':
      return mount.disk.filesystem === 'erofs'
        ? { head: 'erofs', rest: bracketed([deviceForm(mount.disk), ...compressionOf(mount.disk.image)]) }
        : { head: mount.disk.filesystem, rest: '' };
    case 'tmpfs':
      return { head: mount.type ?? 'tmpfs', rest: '' };
    case 'machine':
      return { head: 'machine', rest: '' };
    case 'bind':
      return { head: 'bind', rest: `(${below(mount.of.on)})` };
    case 'erofs': {
      const devices = mount.devices.map((device) => `, device on ${below(bottomOf(device))}`);
      return {
        head: 'erofs',
        rest: `${bracketed(erofsWords(mount))}(${below(bottomOf(mount.source))}${devices.join('')})`,
      };
    }
    case 'overlay': {
      const lowers = mount.lowers.map((lower) => below(lower.on)).join(', ');
      const dataOnly = mount.dataOnly.map((layer) => ` :: ${below(layer.on)}`).join('');
      const words = [...upperWords(mount, below), ...wordsOf(mount.options, OVERLAY_WORDS)];
      return { head: 'ovl', rest: `${bracketed(words)}(${lowers}${dataOnly})` };
    }
    case 'fuse':
      return { head: 'fuse', rest: `${bracketed(fuseWords(mount.passthrough))}(${below(mount.over.on)})` };
    case 'ecryptfs':
      return { head: 'ecryptfs', rest: `(${below(mount.over.on)})` };
  }
  return mount satisfies never;
}

function bracketed(words: readonly string[]): string {
  return words.length === 0 ? '' : `[${words.join(',')}]`;
}

function erofsWords(mount: ErofsMount): readonly string[] {
  const directIo = mount.source.kind === 'loop' && mount.source.directIo;
  const { directio, ...others } = mount.options;
  // On a loop device the word is the device's; the mount option is for images in files (rule E27).
  const ofMount = mount.source.kind === 'loop' || directio === undefined ? others : { ...others, directio };
  return [
    formOf(mount.source),
    ...compressionOf(imageOf(mount)),
    ...(directIo ? ['directio'] : []),
    ...wordsOf(ofMount, EROFS_WORDS),
  ];
}

function compressionOf(image: ImageSpec | undefined): readonly string[] {
  if (image?.kind !== 'erofs' || image.compression === undefined) return [];
  const { algorithm, level } = image.compression;
  return [level === undefined ? algorithm : `${algorithm}=${level}`];
}

function upperWords(mount: OverlayMount, below: (mount: Mount) => string): readonly string[] {
  if (mount.upper === undefined) return ['ro'];
  const upper = below(mount.upper.on);
  const standsOn = [...mount.lowers, ...mount.dataOnly].map((layer) => layer.on);
  const implied = nearestWritable(standsOn, layersBelow, isWritableBottom);
  return (implied === undefined ? upper === 'tmpfs' : implied === mount.upper.on) ? [] : [`upper=${upper}`];
}

function layersBelow(mount: Mount): readonly Mount[] {
  switch (mount.kind) {
    case 'disk':
    case 'tmpfs':
    case 'machine':
      return [];
    case 'bind':
      return [mount.of.on];
    case 'erofs':
      return [bottomOf(mount.source), ...mount.devices.map(bottomOf)];
    case 'overlay':
      return [...mount.lowers, ...mount.dataOnly].map((layer) => layer.on);
    case 'fuse':
    case 'ecryptfs':
      return [mount.over.on];
  }
  return mount satisfies never;
}

function isWritableBottom(mount: Mount): boolean {
  return mount.kind === 'tmpfs' || (mount.kind === 'disk' && mount.disk.filesystem !== 'erofs');
}

/** `xfs`, `erofs[disk]` or `erofs[verity]`. */
export function diskLabel(disk: DiskSpec): string {
  return disk.filesystem === 'erofs' ? `erofs[${deviceForm(disk)}]` : disk.filesystem;
}

function deviceForm(disk: Extract<DiskSpec, { filesystem: 'erofs' }>): 'disk' | 'verity' {
  return disk.verity === undefined ? 'disk' : 'verity';
}

/** `erofs[file]` or `erofs[loop]`. */
export function erofsLabel(source: ErofsSource): string {
  return `erofs[${formOf(source)}]`;
}

function formOf(source: ErofsSource): 'file' | 'loop' {
  return source.kind === 'loop' ? 'loop' : 'file';
}

export function fuseLabel(passthrough: FuseMount['passthrough']): string {
  return `fuse${bracketed(fuseWords(passthrough))}`;
}

function fuseWords(passthrough: FuseMount['passthrough']): readonly string[] {
  if (passthrough === undefined) return [];
  return [`passthrough ${passthrough.maxStackDepth}`, ...(passthrough.writebackCache ? ['writeback_cache'] : [])];
}

/** The mount that a source's bytes lie on. */
export function bottomOf(source: ErofsSource): Mount {
  return source.kind === 'loop' ? bottomOf(source.backing) : source.on;
}
