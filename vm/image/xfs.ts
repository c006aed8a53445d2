/** XFS from a protofile: mkfs.xfs makes the whole tree itself, so no file has to belong to root on the host. */
import { symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { searchPath } from '../programs.ts';
import { writeContent } from './content.ts';
import type { Fill, TreeDisk } from './disk.ts';
import { runProgram } from '../run-program.ts';
import type { Directory, TreeNode } from './spec.ts';
import { imageOf, offsetOf, writeImage } from './staging.ts';
import { modeOf, walk } from './tree.ts';

/** Makes the filesystem in an empty file of its size. */
export async function fillXfs({ spec, disk, staging, uuid, time, making, signal }: Fill<TreeDisk>): Promise<void> {
  const files = new Map<TreeNode, string>();
  for (const { node } of walk(spec.tree)) {
    if (node.kind !== 'file' && node.kind !== 'image' && node.kind !== 'blob') continue;
    // Short names of our own: a protofile cannot quote, and the cache's path may have a space.
    const name = `f${files.size}`;
    files.set(node, name);
    if (node.kind === 'file') await writeContent(path.join(staging, name), node.content, signal);
    else if (offsetOf(node) > 0) await writeImage(path.join(staging, name), node, signal);
    else await symlink(await imageOf(node, signal), path.join(staging, name));
  }
  await writeFile(path.join(staging, 'protofile'), protofile(spec.tree, files));
  await runProgram({
    program: 'mkfs.xfs',
    args: ['-q', '-d', 'agcount=2', '-m', `uuid=${uuid}`, ...(await xfsOptions(signal)), '-p', 'protofile', disk],
    making,
    cwd: staging,
    // Heeded since xfsprogs 6.17.
    env: { SOURCE_DATE_EPOCH: String(time), DETERMINISTIC_SEED: '1' },
    signal,
  });
}

/**
 * Features that every kernel from 5.10 on mounts. bigtime stays on: without it mount warns of timestamps after 2038.
 * (xfsprogs ships lts_5.10.conf for this, but that of 6.1 is refused by its own mkfs.xfs.)
 */
const FEATURES = [
  ['-m', 'bigtime=1'],
  ['-m', 'inobtcount=0'],
  ['-m', 'reflink=1'],
  ['-m', 'rmapbt=0'],
  ['-m', 'metadir=0'],
  ['-i', 'nrext64=0'],
  ['-i', 'exchange=0'],
  ['-n', 'parent=0'],
] as const;

const options = new Map<string, Promise<readonly string[]>>();

/** The features as options, those that the installed mkfs.xfs names in its usage; asked once per search path. */
export async function xfsOptions(signal: AbortSignal): Promise<readonly string[]> {
  const known = options.get(searchPath());
  if (known !== undefined) return known;
  const asked = runProgram({ program: 'mkfs.xfs', args: [], making: 'its usage', signal, tolerant: true }).then(
    ({ stdout, stderr }) =>
      FEATURES.filter(([, feature]) => `${stdout}\n${stderr}`.includes(`${feature.split('=')[0]}=0|1`)).flat(),
  );
  options.set(searchPath(), asked);
  asked.catch(() => options.delete(searchPath()));
  return asked;
}

/** mkfs.xfs(8), -p: boot program, two numbers, the root, its entries, `$`. */
function protofile(tree: Directory, files: ReadonlyMap<TreeNode, string>): string {
  return ['/', '0 0', ...directoryLines('', tree, files)].join('\n') + '\n';
}

function directoryLines(name: string, node: Directory, files: ReadonlyMap<TreeNode, string>): readonly string[] {
  const entries = Object.entries(node.entries).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return [
    `${name} ${typeAndMode(node)} ${owner(node)}`.trimStart(),
    ...entries.flatMap(([entry, child]) => {
      if (child.kind === 'directory') return directoryLines(entry, child, files);
      const source = child.kind === 'symlink' ? child.target : child.kind === 'whiteout' ? '0 0' : files.get(child)!;
      return [`${entry} ${typeAndMode(child)} ${owner(child)} ${source}`];
    }),
    '$',
  ];
}

/** Links and nodes are in no disk: validate.ts. */
const TYPE_LETTERS: Readonly<Partial<Record<TreeNode['kind'], string>>> = {
  directory: 'd',
  symlink: 'l',
  whiteout: 'c',
  file: '-',
  image: '-',
  blob: '-',
};

function typeAndMode(node: TreeNode): string {
  const type = TYPE_LETTERS[node.kind]!;
  const mode = modeOf(node);
  return `${type}${(mode & 0o4000) === 0 ? '-' : 'u'}${(mode & 0o2000) === 0 ? '-' : 'g'}${(mode & 0o777).toString(8).padStart(3, '0')}`;
}

function owner(node: TreeNode): string {
  return `${node.uid ?? 0} ${node.gid ?? 0}`;
}
