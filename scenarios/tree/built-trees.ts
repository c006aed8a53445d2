import { list, mount, scenario } from '../../harness/scenario.ts';
import {
  directory,
  disk,
  erofs,
  erofsDisk,
  erofsImage,
  file,
  fileIn,
  imageFile,
  loop,
  symlink,
  text,
  tmpfs,
} from '../../harness/topology/builders.ts';

/** What every builder can make; XFS knows no attributes, no sticky bits and no names with blanks at build time. */
const plain = {
  empty: text(''),
  'os-release': text('NAME=fathom\n', { mode: 0o600, uid: 3, gid: 70_000 }),
  'data.bin': file('built', 70_001, { mode: 0o4755 }),
  deep: directory({ er: directory({ still: text('down here') }, { mode: 0o700, uid: 9 }) }, { gid: 8 }),
  link: symlink('deep/er/still', { uid: 5, gid: 6 }),
};
const rich = {
  ...plain,
  '0': text('an attribute without a value comes first', { xattrs: { 'user.nothing': '' } }),
  'ü with blanks': text('a name is bytes'),
  sticky: directory({}, { mode: 0o1777 }),
  marked: text('x', { xattrs: { 'user.one': '1', 'trusted.two': 'zwei ü', 'security.three': '' } }),
  'marked directory': directory({}, { xattrs: { 'user.deep': 'x'.repeat(200) } }),
};
const image = erofsImage(rich);
const compressed = erofsImage(rich, { compression: { algorithm: 'lz4' }, mtime: 1, forceUid: 17, forceGid: 18 });
const xfs = disk('xfs', { ...plain, 'image.erofs': imageFile(image), 'compressed.erofs': imageFile(compressed) });
const ext4 = disk('ext4', rich);
const btrfs = disk('btrfs', rich);
const onDisk = erofsDisk(image);
const fromFile = erofs(fileIn(xfs, 'compressed.erofs'));
const onLoop = erofs(loop(fileIn(xfs, 'image.erofs')));
const empty = tmpfs();

export default scenario({
  name: 'built-trees',
  shows: 'What a filesystem was filled with at build time is what it shows: metadata, attributes and every byte.',
  about: [],
  steps: [
    list('xfs', xfs),
    list('ext4', ext4),
    list('btrfs', btrfs),
    list('erofs on a disk', onDisk),
    mount('erofs from a file', fromFile),
    list('its tree', fromFile),
    mount('erofs on loop', onLoop),
    list('its tree too', onLoop),
    list('a directory of it', { on: onLoop, path: 'deep/er' }),
    list('tmpfs', empty),
  ],
});
