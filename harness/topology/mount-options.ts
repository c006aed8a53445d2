/** Mount options of a node, by their kernel names and in the order in which the kernel will see them. */
import type { DirectoryIn, ErofsMount, OverlayParameter, TmpfsMount } from './topology.ts';

/** One option; without a value it is a flag. */
export interface MountParameter {
  readonly key: string;
  readonly value?: string | undefined;
  /** The value is a path, and what is handed over is the path itself (as ever) or a descriptor of it. */
  readonly as?: 'path' | 'descriptor';
}

/** `devices`: paths of the blobs, in the image's order. */
export function erofsParameters(mount: ErofsMount, devices: readonly string[]): readonly MountParameter[] {
  return [...devices.map((value) => ({ key: 'device', value })), ...named(mount.options)];
}

export function tmpfsParameters({ casefold }: TmpfsMount): readonly MountParameter[] {
  if (casefold === undefined) return [];
  return [{ key: 'casefold' }, ...(casefold === 'utf8-strict' ? [{ key: 'strict_encoding' }] : [])];
}

/** `layer`: where a directory is in the guest. */
export function overlayMountParameters(
  parameters: readonly OverlayParameter[],
  layer: (directory: DirectoryIn) => string,
): readonly MountParameter[] {
  return parameters.map((parameter) => {
    switch (parameter.kind) {
      case 'lowerdir':
        return {
          key: 'lowerdir',
          value: parameter.pieces
            .map((piece) => (typeof piece === 'string' ? piece : escapeLayer(layer(piece))))
            .join(''),
        };
      case 'layer':
        return { key: parameter.key, value: layer(parameter.directory), as: parameter.as };
      case 'option':
        return { key: parameter.key, value: parameter.value };
    }
    return parameter satisfies never;
  });
}

/** Names the key; any will do. */
export const ECRYPTFS_SIGNATURE = 'fa7408fa7408fa74';

/** With `ecryptfs_passthrough` a file that is not encrypted, as built trees have them, is shown as it is. */
export const ecryptfsParameters: readonly MountParameter[] = [
  { key: 'ecryptfs_sig', value: ECRYPTFS_SIGNATURE },
  { key: 'ecryptfs_cipher', value: 'aes' },
  { key: 'ecryptfs_key_bytes', value: '16' },
  { key: 'ecryptfs_passthrough' },
];

function named(options: object): readonly MountParameter[] {
  return Object.entries(options as Readonly<Record<string, string | number | boolean>>).map(([key, value]) =>
    typeof value !== 'boolean' ? { key, value: String(value) } : { key: value ? key : `no${key}` },
  );
}

/** overlayfs splits `lowerdir=` at unescaped colons (Documentation/filesystems/overlayfs.rst). */
function escapeLayer(path: string): string {
  return path.replaceAll('\\', '\\\\').replaceAll(':', '\\:');
}
