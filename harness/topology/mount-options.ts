/** Mount options of a node, by their kernel names and in the order in which the kernel will see them. */
import type { DirectoryIn, ErofsMount, OverlayMount } from './topology.ts';

/** One option; without a value it is a flag. */
export interface MountParameter {
  readonly key: string;
  readonly value?: string | undefined;
}

/** `devices`: paths of the blobs, in the image's order. */
export function erofsParameters(mount: ErofsMount, devices: readonly string[]): readonly MountParameter[] {
  return [...devices.map((value) => ({ key: 'device', value })), ...named(mount.options)];
}

export interface OverlayPlaces {
  readonly layer: (directory: DirectoryIn) => string;
  readonly upper?: string;
  readonly work?: string;
}

export function overlayParameters(mount: OverlayMount, places: OverlayPlaces): readonly MountParameter[] {
  const path = (directory: DirectoryIn) => escapeLayer(places.layer(directory));
  const lowers = [mount.lowers.map(path).join(':'), ...mount.dataOnly.map(path)].join('::');
  return [
    ...(lowers === '' ? [] : [{ key: 'lowerdir', value: lowers }]),
    ...(places.upper === undefined ? [] : [{ key: 'upperdir', value: places.upper }]),
    ...(places.work === undefined ? [] : [{ key: 'workdir', value: places.work }]),
    ...named(mount.options),
  ];
}

function named(options: object): readonly MountParameter[] {
  return Object.entries(options as Readonly<Record<string, string | number | boolean>>).map(([key, value]) =>
    typeof value !== 'boolean' ? { key, value: String(value) } : { key: value ? key : `no${key}` },
  );
}

/** overlayfs splits `lowerdir=` at unescaped colons (Documentation/filesystems/overlayfs.rst). */
function escapeLayer(path: string): string {
  return path.replaceAll('\\', '\\\\').replaceAll(':', '\\:');
}
