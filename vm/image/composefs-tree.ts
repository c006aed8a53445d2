/**
 * What a composefs image is, as trees: a layer for overlayfs whose larger files are only names of objects, and the
 * objects. composefs: libcomposefs/lcfs-writer-erofs.c, tools/mkcomposefs.c
 */
import { fsverityDigest, SHA256 } from './fsverity.ts';
import type { ComposefsSpec, Directory, FileContent, TreeNode, XattrValue } from './spec.ts';
import { directory, walk, whiteout } from './tree.ts';

/** Files of at most this many bytes lie in the image itself (LCFS_BUILD_INLINE_FILE_SIZE_LIMIT, lcfs-writer.h). */
const INLINE_BYTES = 64;

/** Whether a file's contents are an object beside the image. */
export function isObject(content: FileContent): boolean {
  return sizeOf(content) > INLINE_BYTES;
}

/** Where an object lies below the directory of objects. ostree's end in `.file`. */
export function objectPath({ naming = 'composefs' }: Pick<ComposefsSpec, 'naming'>, content: FileContent): string {
  const digest = fsverityDigest(content);
  return `${digest.slice(0, 2)}/${digest.slice(2)}${naming === 'ostree' ? '.file' : ''}`;
}

/** The directory of the objects that these images need, each there once; it is shared between images as on disk. */
export function composefsObjects(...specs: readonly [ComposefsSpec, ...ComposefsSpec[]]): Directory {
  const below: Record<string, Record<string, TreeNode>> = {};
  for (const spec of specs) {
    for (const { node } of walk(spec.tree)) {
      if (node.kind !== 'file' || !isObject(node.content)) continue;
      const [first, rest] = objectPath(spec, node.content).split('/') as [string, string];
      (below[first] ??= {})[rest] = { kind: 'file', content: node.content };
    }
  }
  return directory(Object.fromEntries(Object.entries(below).map(([name, entries]) => [name, directory(entries)])));
}

const layers = new WeakMap<ComposefsSpec, Directory>();

/**
 * What the image shows when it is mounted by itself: objects are holes of their size with the attributes that lead an
 * overlay to them. The root hides what it is merged with: it is opaque, and has a whiteout for each directory of objects.
 */
export function composefsLayer(spec: ComposefsSpec): Directory {
  const known = layers.get(spec);
  if (known !== undefined) return known;
  const shown = layerNode(spec, spec.tree) as Directory;
  const { mode: _mode, xattrs, entries, ...owner } = shown;
  const layer: Directory = {
    ...shown,
    entries: { ...whiteouts({ uid: owner.uid ?? 0, gid: owner.gid ?? 0 }), ...entries },
    xattrs: { ...xattrs, 'trusted.overlay.opaque': 'y' },
  };
  layers.set(spec, layer);
  return layer;
}

/** add_overlay_whiteouts: as devices, `00` to `ff`. */
function whiteouts(owner: { readonly uid: number; readonly gid: number }): Readonly<Record<string, TreeNode>> {
  const names = Array.from({ length: 256 }, (_none, index) => index.toString(16).padStart(2, '0'));
  return Object.fromEntries(names.map((name) => [name, whiteout({ mode: 0o644, ...owner })]));
}

function layerNode(spec: ComposefsSpec, node: TreeNode): TreeNode {
  if (node.kind === 'directory') {
    const entries = Object.entries(node.entries).map(([name, child]) => [name, layerNode(spec, child)]);
    return { ...node, entries: Object.fromEntries(entries) as Directory['entries'] };
  }
  if (node.kind !== 'file' || !isObject(node.content)) return node;
  const hole: FileContent = { kind: 'seeded', seed: '', sizeBytes: sizeOf(node.content), zeros: 1 };
  return { ...node, content: hole, xattrs: { ...node.xattrs, ...objectXattrs(spec, node.content) } };
}

/** add_overlayfs_xattrs: `struct ovl_metacopy` with the digest that `verity=require` asks for, and the way there. */
function objectXattrs(spec: ComposefsSpec, content: FileContent): Readonly<Record<string, XattrValue>> {
  const digest = Buffer.from(fsverityDigest(content), 'hex');
  const metacopy = Buffer.concat([Buffer.from([0, 4 + digest.length, 0, SHA256]), digest]);
  return {
    'trusted.overlay.metacopy': spec.digests === false ? '' : { hex: metacopy.toString('hex') },
    'trusted.overlay.redirect': `/${objectPath(spec, content)}`,
  };
}

function sizeOf(content: FileContent): number {
  return content.kind === 'seeded' ? content.sizeBytes : Buffer.byteLength(content.text);
}
