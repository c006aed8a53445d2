import { changes, list, mount, scenario, upper } from '../../harness/scenario.ts';
import {
  directory,
  disk,
  erofs,
  erofsImage,
  fileIn,
  hardLink,
  imageFile,
  loop,
  node,
  overlay,
  symlink,
  text,
  type ErofsSpec,
} from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';

/** NAME_MAX is in bytes: 255 letters, and 85 of three bytes each. mkfs.erofs 1.5 takes one less. */
const longest = 'n'.repeat(254);
const longestOfThree = '名'.repeat(84);
const longestOfAll = { ['n'.repeat(255)]: text('255 bytes\n'), ['名'.repeat(85)]: directory({ in: text('in') }) };

const tree: ErofsSpec['tree']['entries'] = {
  one: text('three names\n', { mode: 0o640, uid: 7, xattrs: { 'user.of': 'all three' } }),
  three: hardLink('one'),
  sub: directory({ two: hardLink('one'), 'of a device': hardLink('devices/null') }),
  devices: directory({
    null: node('character', { mode: 0o666, rdev: { major: 1, minor: 3 } }),
    last: node('character', { rdev: { major: 4095, minor: 1_048_575 } }),
    disk: node('block', { mode: 0o660, gid: 6, rdev: { major: 259, minor: 300 } }),
    nought: node('block', { rdev: { major: 0, minor: 0 } }),
  }),
  fifo: node('fifo', { mode: 0o600, uid: 1000, gid: 1000 }),
  socket: node('socket', { mode: 0o755, xattrs: { 'security.label': 'of a socket' } }),
  [longest]: text('255 bytes\n'),
  [longestOfThree]: directory({ '- a\tname\nof lines': text('odd\n'), '\\"\'': symlink(longest) }),
};
const images = {
  compact: erofsImage(tree, { features: ['force-inode-compact'] }),
  extended: erofsImage(tree, { features: ['force-inode-extended'] }),
  'longest names': erofsImage(longestOfAll),
  compressed: erofsImage({ ...tree, name: text('c') }, { compression: { algorithm: 'lz4' } }),
};
const store = disk(
  'ext4',
  Object.fromEntries(Object.entries(images).map(([name, image]) => [`${name}.erofs`, imageFile(image)])),
);
const below = erofs(loop(fileIn(store, 'extended.erofs')));
const over = overlay({ lower: below, upper: disk('xfs', {}) });
const indexed = overlay({ lower: below, upper: disk('ext4', {}), index: 'on' });

export default scenario({
  name: 'erofs-nodes',
  shows:
    'Hard links, devices, FIFOs, sockets and names of 255 bytes in images of mkfs.erofs, from a file and on a loop device; and what an overlay makes of them.',
  about: ['T1', 'T2', 'T17'],
  steps: [
    ...Object.keys(images).flatMap((name) => {
      const source = fileIn(store, `${name}.erofs`);
      const [byFile, byLoop] = [erofs(source), name === 'extended' ? below : erofs(loop(source))];
      return [
        mount(`${name}, from a file`, byFile),
        list(`${name}, from a file: its tree`, byFile),
        mount(`${name}, on loop`, byLoop),
        list(`${name}, on loop: its tree`, byLoop),
      ];
    }),
    mount('an overlay on it', over),
    list('the same through the overlay', over),
    ...changes(
      'change',
      over,
      to.append('one', 'and more\n'),
      to.chmod('devices/null', 0o600),
      to.chown('devices/disk', 1, 2),
      to.setMtime('fifo', 5),
      to.rename('socket', 'sub/socket'),
      to.link('sub/two', 'four'),
      to.unlink('three'),
      to.openWrite(longest),
      to.rename(longest, `${longestOfThree}/${longest}`),
      to.mkdir(`${longestOfThree}/${'d'.repeat(255)}`),
      to.create('n'.repeat(256)),
    ),
    list('what it shows then', over),
    upper('the upper', over),
    mount('an overlay with an index', indexed),
    ...changes(
      'indexed',
      indexed,
      to.append('sub/two', 'and more\n'),
      to.link('one', 'four'),
      to.unlink('three'),
      to.chown('sub/of a device', 5),
      to.unlink('devices/null'),
      to.mknod('devices/null', 'character', [1, 5]),
    ),
    list('what that shows', indexed),
    list('and what is below', below),
  ],
});
