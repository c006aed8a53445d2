/** Says how a depth came about: `ovl(ovl(erofs[file]=1)=2)=3`, along the deepest way down. */
import { bottomOf, diskLabel, erofsLabel, fuseLabel } from '../topology/notation.ts';
import type { Mount } from '../topology/topology.ts';

/** The depth of a mount, where it is known. */
export type DepthOf = (mount: Mount) => number | undefined;

/** The chain that gives a mount its depth; `depth` is that of the mount itself, which may not exist. */
export function depthChain(mount: Mount, depth: number, depthOf: DepthOf): string {
  return `${label(mount, depthOf)}=${depth}`;
}

function label(mount: Mount, depthOf: DepthOf): string {
  switch (mount.kind) {
    case 'disk':
      return diskLabel(mount.disk);
    case 'tmpfs':
      return mount.type ?? 'tmpfs';
    case 'machine':
      return 'rootfs';
    case 'bind':
      return label(mount.of.on, depthOf);
    case 'erofs': {
      const backing = bottomOf(mount.source);
      const deep = mount.source.kind !== 'loop' && (depthOf(backing) ?? 0) > 0;
      return `${erofsLabel(mount.source)}${deep ? `(${chainOf(backing, depthOf)})` : ''}`;
    }
    case 'overlay':
      return `ovl(${chainOf(deepestOf(mount, depthOf), depthOf)})`;
    case 'fuse':
      return fuseLabel(mount.passthrough);
    case 'ecryptfs':
      return `ecryptfs(${chainOf(mount.over.on, depthOf)})`;
  }
  return mount satisfies never;
}

function chainOf(mount: Mount, depthOf: DepthOf): string {
  return depthChain(mount, depthOf(mount) ?? 0, depthOf);
}

/** The layer that decides an overlay's depth: the deepest, the first among equals. */
export function deepestOf(mount: Extract<Mount, { kind: 'overlay' }>, depthOf: DepthOf): Mount {
  const layers = [...mount.lowers, ...mount.dataOnly].map((layer) => layer.on);
  if (mount.upper !== undefined) layers.push(mount.upper.on);
  return layers.reduce(
    (deepest, layer) => ((depthOf(layer) ?? 0) > (depthOf(deepest) ?? 0) ? layer : deepest),
    layers[0]!,
  );
}
