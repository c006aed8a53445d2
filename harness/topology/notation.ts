/** How a topology is named in output: `ovl(ovl(erofs[file](xfs)))`. */
import type { ErofsSource, Mount } from './topology.ts';

/** The mount in one line; every lower is shown, the upper is not. */
export function notationOf(mount: Mount): string {
  switch (mount.kind) {
    case 'disk':
      return mount.disk.filesystem === 'erofs' ? 'erofs[disk]' : mount.disk.filesystem;
    case 'tmpfs':
      return 'tmpfs';
    case 'erofs':
      return `${erofsLabel(mount.source)}(${notationOf(bottomOf(mount.source))}${mount.devices
        .map((device) => `, device on ${notationOf(bottomOf(device))}`)
        .join('')})`;
    case 'overlay':
      return `ovl(${mount.lowers.map((lower) => notationOf(lower.on)).join(', ')}${mount.dataOnly
        .map((layer) => ` :: ${notationOf(layer.on)}`)
        .join('')})`;
    case 'fuse':
      return `${fuseLabel(mount.passthrough)}(${notationOf(mount.over.on)})`;
    case 'ecryptfs':
      return `ecryptfs(${notationOf(mount.over.on)})`;
  }
  return mount satisfies never;
}

/** `erofs[file]` or `erofs[loop]`. */
export function erofsLabel(source: ErofsSource): string {
  return source.kind === 'loop' ? 'erofs[loop]' : 'erofs[file]';
}

export function fuseLabel(passthrough: { readonly maxStackDepth: number } | undefined): string {
  return passthrough === undefined ? 'fuse' : `fuse[passthrough ${passthrough.maxStackDepth}]`;
}

/** The mount that a source's bytes lie on. */
export function bottomOf(source: ErofsSource): Mount {
  return source.kind === 'loop' ? bottomOf(source.backing) : source.on;
}
