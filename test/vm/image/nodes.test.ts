/** Devices, FIFOs, sockets and hard links in erofs images; nothing is mounted. */
import { readFile } from 'node:fs/promises';
import { execa } from 'execa';
import t from 'tap';
import { buildDisk } from '../../../vm/image/disk.ts';
import { buildErofs } from '../../../vm/image/erofs.ts';
import type { TreeNode } from '../../../vm/image/spec.ts';
import { directory, expectedEntries, hardLink, node, nodeAt, text } from '../../../vm/image/tree.ts';
import { searchPath } from '../../../vm/programs.ts';
import { useCache } from './cache.ts';

const { signal } = new AbortController();
const env = { PATH: searchPath(), LC_ALL: 'C', TZ: 'UTC' };

const tree = directory({
  one: text('x', { mode: 0o640, uid: 7 }),
  sub: directory({ two: hardLink('one'), null: node('character', { mode: 0o666, rdev: { major: 1, minor: 3 } }) }),
  disk: node('block', { rdev: { major: 4095, minor: 1_048_575 } }),
  fifo: node('fifo'),
  socket: node('socket', { mode: 0o755 }),
});

t.test('given each of them, then dump.erofs finds it in the image', async (t) => {
  useCache(t);
  const { image } = await buildErofs({ kind: 'erofs', tree }, { signal });
  const shown = async (place: string) => (await execa('dump.erofs', [`--path=${place}`, image], { env })).stdout;
  t.match(await shown('/one'), /Links: 2/);
  const nid = async (place: string) => /NID: (\d+)/.exec(await shown(place))?.[1];
  t.equal(await nid('/sub/two'), await nid('/one'));
  t.match(await shown('/sub/null'), /char dev[^]*Access: 0666/);
  t.match(await shown('/disk'), /block dev/);
  t.match(await shown('/fifo'), /FIFO/i);
  t.match(await shown('/socket'), /sock/i);
  // struct erofs_inode_compact (erofs_fs.h): i_u at 16, a device number as new_encode_dev packs it; meta_blkaddr at 40.
  const bytes = await readFile(image);
  const start = bytes.readUInt32LE(1024 + 40) * 4096;
  const rdev = async (place: string) => bytes.readUInt32LE(start + Number(await nid(place)) * 32 + 16);
  t.equal(await rdev('/sub/null'), (1 << 8) | 3);
  t.equal(await rdev('/disk'), 0xffff_ffff);
  t.equal(await rdev('/fifo'), 0);
});

t.test('given a link, then it is expected to be what it is another name of', (t) => {
  const [one, two] = ['one', 'sub/two'].map((path) => expectedEntries(tree).find((entry) => entry.path === path)!);
  t.strictSame({ ...two, path: '' }, { ...one, path: '' });
  t.equal(nodeAt(tree, 'sub/two'), nodeAt(tree, 'one'));
  t.equal(nodeAt(tree, 'sub/none'), undefined);
  t.end();
});

t.test('given what cannot be meant, then it is refused by its path', async (t) => {
  const refused = async (one: TreeNode, message: RegExp) =>
    t.rejects(buildErofs({ kind: 'erofs', tree: directory({ x: one, d: directory({}) }) }, { signal }), {
      name: 'UsageError',
      message,
    });
  await refused(node('block'), /\/x: a block needs rdev/);
  await refused(node('fifo', { rdev: { major: 1, minor: 1 } }), /\/x: a fifo has no rdev/);
  await refused(node('block', { rdev: { major: 4096, minor: 0 } }), /\/x: rdev 4096:0 is not within 4095:1048575/);
  await refused(node('character', { rdev: { major: 0, minor: 0 } }), /is a whiteout/);
  await refused(node('fifo', { xattrs: { 'user.a': 'b' } }), /the attribute user\.a on a device/);
  await refused(hardLink('none'), /\/x: a hard link to none, which is no file of the tree/);
  await refused(hardLink('d'), /\/x: a hard link to d, which is no file/);
  await refused({ kind: 'link', to: 'x' }, /a hard link to x, which is one itself/);
  await t.rejects(buildDisk({ kind: 'disk', filesystem: 'ext4', sizeBytes: 2 ** 29, tree }, { signal }), {
    name: 'UsageError',
    message: /fathom puts those into erofs images and squashfs alone/,
  });
});
