/** An overlay from its mount: layers, filesystems, and what falls back because of them. fs/overlayfs/super.c */
import type { Behaviours } from '../behaviour.ts';
import { createInode, type Volume } from './inode.ts';
import { allowsOfflineChanges, xattrPrefix, type Entry, type Layer, type Overlay, type TreeConfig } from './overlay.ts';

export interface OverlayParts {
  readonly id: string;
  readonly behaviours: Behaviours;
  readonly config: TreeConfig;
  /** The filesystem on which the upper directory is made, empty and as `mkdir` makes it. */
  readonly upper: Volume | undefined;
  readonly lowers: readonly LayerParts[];
  readonly dataOnly: readonly LayerParts[];
}

export interface LayerParts {
  readonly superblock: Volume | Overlay;
  readonly root: () => Entry;
}

export function createOverlay(parts: OverlayParts): Overlay {
  const { id, behaviours, upper: volume, lowers } = parts;
  const noXattr = volume !== undefined && parts.config.userxattr && !volume.userXattrs;
  const superblocks = lowers.map(({ superblock }) => superblock);
  const config = withFallbacks(parts, noXattr, superblocks);
  const decodesNull = volume === undefined || decodesNameless(config, superblocks, behaviours);
  const fsids = numbered(superblocks, volume);
  const filesystems = new Set(superblocks.filter((superblock) => superblock !== volume)).size;
  const upper = volume === undefined ? undefined : createInode(volume, { type: 'directory', mode: 0o755 });
  const layer = ({ superblock, root }: LayerParts, position: number): Layer => ({
    position,
    fsid: fsids.get(superblock) ?? 0,
    decodes: superblock.kind === 'volume' && superblock.fileHandles && (hasUuid(superblock, behaviours) || decodesNull),
    root,
  });
  const overlay: Overlay = {
    kind: 'overlay',
    id,
    behaviours,
    config,
    upper,
    layers: lowers.map(layer),
    dataLayers: parts.dataOnly.map(layer),
    xino: filesystems + (volume === undefined ? 0 : 1) === 1 ? 'same-fs' : config.xino === 'off' ? 'none' : 'bits',
    noXattr,
    index: new Map(),
    origins: new Map(),
    uncertain: new Map(),
    met: new Set(),
  };
  if (upper !== undefined && !noXattr) {
    /** util.c:ovl_init_uuid_xattr, `uuid=auto`: a new upper gets one. */
    if (behaviours.overlayUuid) upper.xattrs.set(`${xattrPrefix(overlay)}uuid`, null);
    /** super.c:ovl_get_indexdir: the upper root is bound to the lower root. */
    if (config.index) upper.xattrs.set(`${xattrPrefix(overlay)}origin`, null);
  }
  return overlay;
}

/** super.c:ovl_make_workdir, ovl_lower_dir, ovl_get_fsid. In 5.10 `xino=auto` stays; 6.1 has the words for its fall. */
function withFallbacks(
  { config, upper, behaviours }: OverlayParts,
  noXattr: boolean,
  superblocks: readonly (Volume | Overlay)[],
): TreeConfig {
  const { nfsExport } = config;
  const xinoFalls = behaviours.overlayUuidWarning !== 'index';
  let { redirect, metacopy, index, xino } = config;
  if (noXattr) {
    redirect = 'nofollow';
    metacopy = index = false;
    if (xino === 'auto' && xinoFalls) xino = 'off';
  }
  const forgets = superblocks.some((superblock) => superblock.kind === 'overlay' || !superblock.fileHandles);
  if (forgets || (upper !== undefined && !upper.fileHandles)) {
    index = false;
    if (xino === 'auto' && xinoFalls && upper !== undefined) xino = 'off';
  }
  const now = { ...config, redirect, metacopy, index, xino };
  if (upper !== undefined && !decodesNameless(now, superblocks, behaviours)) {
    index = false;
    xino = xino === 'auto' && xinoFalls ? 'off' : xino;
  }
  return { ...config, redirect, metacopy, index, nfsExport: nfsExport && index, xino };
}

/** super.c:ovl_lower_uuid_ok: a null UUID tells one filesystem from no other. */
function decodesNameless(
  config: TreeConfig,
  superblocks: readonly (Volume | Overlay)[],
  behaviours: Behaviours,
): boolean {
  const nameless = new Set(superblocks.filter((superblock) => !hasUuid(superblock, behaviours)));
  return nameless.size === 0 || (nameless.size === 1 && !allowsOfflineChanges(config));
}

function hasUuid(superblock: Volume | Overlay, { overlayUuid }: Behaviours): boolean {
  if (superblock.kind === 'volume') return superblock.hasUuid;
  return superblock.upper !== undefined && overlayUuid && !superblock.noXattr;
}

/** super.c:ovl_get_fsid: 0 is the upper's filesystem. */
function numbered(
  superblocks: readonly (Volume | Overlay)[],
  upper: Volume | undefined,
): Map<Volume | Overlay, number> {
  const fsids = new Map<Volume | Overlay, number>();
  if (upper !== undefined) fsids.set(upper, 0);
  let next = 1;
  for (const superblock of superblocks) if (!fsids.has(superblock)) fsids.set(superblock, next++);
  return fsids;
}
