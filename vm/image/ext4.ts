/** ext4: mke2fs -d fills it from a directory, then debugfs gives each entry its mode, owner, times and attributes. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HarnessError } from '../errors.ts';
import type { Fill, TreeDisk } from './disk.ts';
import { runProgram } from '../run-program.ts';
import type { Directory, Encoding, TreeNode } from './spec.ts';
import { stageTree } from './staging.ts';
import { modeOf, walk, xattrBytes } from './tree.ts';

/** In place of the host's /etc/mke2fs.conf: features that every kernel from 5.10 on has. */
const MKE2FS_CONF = `[defaults]
	base_features = sparse_super,large_file,filetype,resize_inode,dir_index,ext_attr
	default_mntopts = acl,user_xattr
	enable_periodic_fsck = 0
	blocksize = 4096
	inode_size = 256
	inode_ratio = 16384
[fs_types]
	ext4 = {
		features = has_journal,extent,huge_file,flex_bg,metadata_csum,64bit,dir_nlink,extra_isize
	}
`;
/** Links and nodes are in no disk: validate.ts. */
const FILE_TYPE: Readonly<Partial<Record<TreeNode['kind'], number>>> = {
  directory: 0o040000,
  symlink: 0o120000,
  file: 0o100000,
  image: 0o100000,
  blob: 0o100000,
  whiteout: 0o020000,
};

/** Makes the filesystem in an empty file of its size. */
export async function fillExt4({ spec, disk, staging, uuid, time, making, signal }: Fill<TreeDisk>): Promise<void> {
  const { root, under } = await stageTree(spec.tree, {
    directory: staging,
    shows: { modes: false, owners: false, xattrs: false },
    mtime: time,
    signal,
  });
  const configuration = path.join(staging, 'mke2fs.conf');
  const commands = path.join(staging, 'commands');
  await writeFile(configuration, MKE2FS_CONF);
  await writeFile(commands, await debugfsCommands(spec.tree, staging, time));
  const env = { MKE2FS_CONFIG: configuration, E2FSPROGS_FAKE_TIME: String(time), SOURCE_DATE_EPOCH: String(time) };
  await runProgram({
    program: 'mke2fs',
    // Nothing lazy: the guest's kernel would write to an idle disk to finish it.
    args: [
      '-q',
      '-F',
      '-t',
      'ext4',
      '-T',
      'ext4',
      ...(spec.fsVerity === true ? ['-O', 'verity'] : []),
      ...(spec.casefold === undefined ? [] : ['-O', 'casefold']),
      '-U',
      uuid,
      '-E',
      // One -E: of several, mke2fs takes the last.
      `hash_seed=${uuid},lazy_itable_init=0,lazy_journal_init=0,nodiscard,root_owner=0:0${encodingOptions(spec.casefold)}`,
      '-d',
      root,
      disk,
    ],
    making,
    under,
    env,
    signal,
  });
  const { stderr } = await runProgram({ program: 'debugfs', args: ['-w', '-f', commands, disk], making, env, signal });
  // debugfs ends well whatever happens; all that it says besides its name is a complaint.
  const complaints = stderr.split('\n').filter((line) => line.trim() !== '' && !/^debugfs \d/.test(line));
  if (complaints.length > 0) throw new HarnessError(`debugfs for ${making}: ${complaints.slice(0, 12).join('\n')}`);
}

async function debugfsCommands(tree: Directory, staging: string, time: number): Promise<string> {
  const lines: string[] = [];
  let values = 0;
  for (const { path: place, node } of walk(tree)) {
    const name = quoted(place === '.' ? '/' : `/${place}`);
    for (const [attribute, value] of Object.entries(node.xattrs ?? {})) {
      const file = path.join(staging, `value-${values++}`);
      await writeFile(file, xattrBytes(value));
      lines.push(`ea_set -f ${quoted(file)} ${name} ${quoted(attribute)}`);
    }
    for (const [field, value] of inodeFields(node, time)) lines.push(`set_inode_field ${name} ${field} ${value}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function inodeFields(node: TreeNode, time: number): readonly (readonly [string, string])[] {
  return [
    ['mode', `0${(FILE_TYPE[node.kind]! | modeOf(node)).toString(8)}`],
    ['uid', String(node.uid ?? 0)],
    ['gid', String(node.gid ?? 0)],
    ...['atime', 'ctime', 'mtime', 'crtime'].map((field) => [field, `@${time}`] as const),
  ];
}

/** As libss splits a line: in double quotes, a double quote doubled. */
function quoted(word: string): string {
  return `"${word.replaceAll('"', '""')}"`;
}

function encodingOptions(encoding: Encoding | undefined): string {
  if (encoding === undefined) return '';
  return encoding === 'utf8' ? ',encoding=utf8' : ',encoding=utf8,encoding_flags=strict';
}
