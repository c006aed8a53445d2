/** Whiteouts and attributes of any bytes, in every filesystem that is built; nothing is mounted. */
import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import t from 'tap';
import { buildDisk, type TreeDisk } from '../../../vm/image/disk.ts';
import { buildErofs } from '../../../vm/image/erofs.ts';
import type { ErofsSpec } from '../../../vm/image/spec.ts';
import { directory, expectedEntries, text, whiteout } from '../../../vm/image/tree.ts';
import { locate, programs, searchPath } from '../../../vm/programs.ts';
import { useCache } from './cache.ts';
import { ordinaryUser } from './ordinary-user.ts';

const { signal } = new AbortController();
const env = { PATH: searchPath(), LC_ALL: 'C', TZ: 'UTC' };
const missing = ['fakeroot', 'setfattr'].filter(
  (name) => !programs().some((row) => row.name === name && locate(row) !== undefined),
);
const skip = missing.length === 0 ? false : `${missing.join(' and ')} not installed`;

const tree = directory({ etc: directory({ gone: whiteout(), here: text('here\n') }) });
const image: ErofsSpec = { kind: 'erofs', tree };
const disk = (filesystem: TreeDisk['filesystem'], of = tree): TreeDisk => ({
  kind: 'disk',
  filesystem,
  sizeBytes: 512 * 1024 ** 2,
  tree: of,
});

/** Character device, and what comes of its mode and number in `dump.erofs`. */
async function inodeOf(file: string, place: string) {
  const bytes = await readFile(file);
  const { stdout } = await execa('dump.erofs', [`--path=${place}`, file], { env });
  // struct erofs_inode_compact: i_mode at 4, i_u.rdev at 16; meta_blkaddr of the superblock at 40 (erofs_fs.h).
  const at = bytes.readUInt32LE(1024 + 40) * 4096 + Number(/NID: (\d+)/.exec(stdout)?.[1]) * 32;
  return { mode: bytes.readUInt16LE(at + 4), rdev: bytes.readUInt32LE(at + 16) };
}

t.test('given a whiteout, when an erofs image is built, then it is a character device 0:0', { skip }, async (t) => {
  useCache(t);
  const built = await buildErofs(image, { signal });
  t.same(await inodeOf(built.image, '/etc/gone'), { mode: 0o020000, rdev: 0 });
  t.match(await inodeOf(built.image, '/etc/here'), { mode: 0o100644 });
  t.match(
    expectedEntries(tree).find((entry) => entry.path === 'etc/gone'),
    { type: 'character', mode: 0, sizeBytes: 0 },
  );
});

t.test('given a whiteout and no privileges, then it is the image that root builds', { skip }, async (t) => {
  const user = await ordinaryUser(t);
  const { file = '', error } = await user.build(image).outcome;
  t.equal(error, undefined);
  useCache(t);
  const own = await buildErofs(image, { signal });
  t.equal((await readFile(own.image)).compare(await readFile(file)), 0);
});

t.test('given a whiteout, when disks are made, then it is a character device 0:0 on each', { skip }, async (t) => {
  useCache(t);
  const ext4 = await buildDisk(disk('ext4'), { signal });
  await execa('e2fsck', ['-n', '-f', ext4.path], { env });
  const { stdout } = await execa('debugfs', ['-R', 'stat /etc/gone', ext4.path], { env });
  t.match(stdout, /Type: character special +Mode: +0000[^]*Device major\/minor number: 00:00/);
  const xfs = await buildDisk(disk('xfs'), { signal });
  await execa('xfs_repair', ['-n', '-f', xfs.path], { env });
  const shown = await execa('xfs_db', ['-r', '-c', 'path /etc/gone', '-c', 'p core.mode u3.dev', xfs.path], { env });
  t.match(shown.stdout, /core\.mode = 020000\nu3\.dev = 0/);
  const btrfs = await buildDisk(disk('btrfs'), { signal });
  await execa('btrfs', ['check', '--readonly', btrfs.path], { env });
  const dump = await execa('btrfs', ['inspect-internal', 'dump-tree', '-t', '5', btrfs.path], { env });
  t.match(dump.stdout, /mode 20000 links 1 uid 0 gid 0 rdev 0/);
  t.match(dump.stdout, /type CHRDEV\n[^]*name: gone/);
});

t.test('given an attribute of bytes that are no text, then the image holds them', { skip }, async (t) => {
  useCache(t);
  const hex = '0024000180ff';
  const built = await buildErofs(
    { kind: 'erofs', tree: directory({ a: text('a', { xattrs: { 'trusted.overlay.metacopy': { hex } } }) }) },
    { signal },
  );
  const bytes = await readFile(built.image);
  t.ok(bytes.includes(Buffer.concat([Buffer.from('overlay.metacopy'), Buffer.from(hex, 'hex')])));
});

t.test('given what cannot be meant, then it is refused by its path', async (t) => {
  useCache(t);
  const refused = async (node: ErofsSpec['tree']['entries'][string], message: RegExp) =>
    t.rejects(buildErofs({ kind: 'erofs', tree: directory({ x: node }) }, { signal }), { name: 'UsageError', message });
  await refused(
    text('x', { xattrs: { 'user.a': { hex: 'abc' } } }),
    /\/x: the attribute user\.a is "abc", which is no/,
  );
  await refused(whiteout({ xattrs: { 'user.a': 'b' } }), /\/x: the attribute user\.a on a device/);
});

t.test(
  'given an attribute that is empty, then an erofs image has it, and its file is larger by it',
  { skip },
  async (t) => {
    useCache(t);
    const sizeOf = async (xattrs: Readonly<Record<string, string>>) => {
      const of = directory({ a: text('a', { xattrs: { 'trusted.b': 'b', ...xattrs } }) });
      const { image: file } = await buildErofs({ kind: 'erofs', tree: of }, { signal });
      const { stdout } = await execa('dump.erofs', ['--path=/a', file], { env });
      return Number(/Xattr size: (\d+)/.exec(stdout)?.[1]);
    };
    t.ok((await sizeOf({ 'trusted.a': '' })) > (await sizeOf({})));
  },
);
