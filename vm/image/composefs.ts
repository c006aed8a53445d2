/** composefs images by mkcomposefs, from its own description of a tree: without root, the same bytes each time. */
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cached, hashOf } from '../cache.ts';
import { newestProgram } from '../tools/tools.ts';
import { runProgram } from '../run-program.ts';
import { isObject, objectPath } from './composefs-tree.ts';
import { contentOf } from './content.ts';
import { fsverityDigest } from './fsverity.ts';
import { refuseFullDisk } from './full-disk.ts';
import type { ComposefsSpec, TreeNode } from './spec.ts';
import { modeOf, walk, xattrBytes } from './tree.ts';
import { checkComposefs } from './validate-composefs.ts';

/** Raised when the same spec would give other bytes than before. */
const FORMAT = 1;
const DEFAULT_MTIME = 1_577_836_800;
const IMAGE = 'image.composefs';

/**
 * The path of an image, built or found in the cache; mode 0644, never to be written to.
 *
 * Throws UsageError for a spec that cannot be meant, UnsupportedError when there is no mkcomposefs to be had,
 * HarnessError when it fails, and the signal's reason on abort; then nothing is left behind.
 */
export async function buildComposefs(
  spec: ComposefsSpec,
  { signal }: { readonly signal: AbortSignal },
): Promise<string> {
  checkComposefs(spec);
  const { file, tool } = await newestProgram('composefs', 'mkcomposefs', { signal });
  const directory = await cached({
    room: 'images',
    title: `composefs image, ${walk(spec.tree).length} entries`,
    ingredients: { format: FORMAT, spec, mkcomposefs: tool.identity },
    build: (building) => build(spec, file, building, signal),
    signal,
  });
  return path.join(directory, IMAGE);
}

/** What makes composefs images, for cache keys. */
export async function mkcomposefsIdentity(signal: AbortSignal): Promise<string> {
  return (await newestProgram('composefs', 'mkcomposefs', { signal })).tool.identity;
}

async function build(spec: ComposefsSpec, file: string, directory: string, signal: AbortSignal): Promise<void> {
  const dump = path.join(directory, 'dump');
  try {
    await writeFile(dump, dumpOf(spec));
    await runProgram({
      program: 'mkcomposefs',
      file,
      args: ['--from-file', 'dump', IMAGE],
      making: `composefs image (spec ${hashOf(spec)})`,
      cwd: directory,
      signal,
    });
  } catch (error) {
    throw await refuseFullDisk(error, directory);
  }
  await chmod(path.join(directory, IMAGE), 0o644);
}

/** composefs-dump(5): a line an entry, a directory before what is in it. */
export function dumpOf(spec: ComposefsSpec): string {
  return walk(spec.tree)
    .map(({ path: place, node }) => `${dumpLine(spec, place === '.' ? '/' : `/${place}`, node)}\n`)
    .join('');
}

const FILE_TYPE = { directory: 0o040000, symlink: 0o120000, file: 0o100000 } as const;

function dumpLine(spec: ComposefsSpec, place: string, node: TreeNode): string {
  if (node.kind !== 'directory' && node.kind !== 'symlink' && node.kind !== 'file')
    throw new TypeError(`a ${node.kind} has no line in a dump`);
  const children = node.kind === 'directory' ? Object.values(node.entries) : [];
  const nlink = node.kind === 'directory' ? 2 + children.filter(({ kind }) => kind === 'directory').length : 1;
  const xattrs = Object.entries(node.xattrs ?? {}).map(
    ([name, value]) => ` ${escaped(Buffer.from(name), '=')}=${escaped(xattrBytes(value), '=')}`,
  );
  return [
    escaped(Buffer.from(place)),
    ...sizeAndMode(node),
    nlink,
    node.uid ?? 0,
    node.gid ?? 0,
    0,
    `${spec.mtime ?? DEFAULT_MTIME}.0`,
    `${body(spec, node)}${xattrs.join('')}`,
  ].join(' ');
}

function sizeAndMode(node: Extract<TreeNode, { kind: keyof typeof FILE_TYPE }>): readonly (number | string)[] {
  const mode = (FILE_TYPE[node.kind] | modeOf(node)).toString(8);
  if (node.kind === 'directory') return [0, mode];
  return [node.kind === 'symlink' ? Buffer.byteLength(node.target) : contentOf(node.content).length, mode];
}

/** PAYLOAD, CONTENT and DIGEST. */
function body(spec: ComposefsSpec, node: Extract<TreeNode, { kind: keyof typeof FILE_TYPE }>): string {
  switch (node.kind) {
    case 'directory':
      return '- - -';
    case 'symlink':
      return `${escaped(Buffer.from(node.target))} - -`;
    case 'file': {
      const content = contentOf(node.content);
      if (content.length === 0) return '- - -';
      if (!isObject(node.content)) return `- ${escaped(content)} -`;
      return `${objectPath(spec, node.content)} - ${spec.digests === false ? '-' : fsverityDigest(node.content)}`;
    }
  }
  return node satisfies never;
}

/** A field that is only `-` would mean that there is none. */
function escaped(bytes: Buffer, also = ''): string {
  const only = bytes.length === 1 && bytes[0] === 0x2d;
  return [...bytes]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      const plain = byte > 0x20 && byte < 0x7f && letter !== '\\' && !also.includes(letter) && !only;
      return plain ? letter : `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}
