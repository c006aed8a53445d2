import { changes, list, mount, scenario, unchanged, upper } from '../../harness/scenario.ts';
import {
  directory,
  disk,
  erofs,
  erofsImage,
  file,
  fileIn,
  imageFile,
  overlay,
  text,
} from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';

const redirected = (path: string, sizeBytes: number) =>
  file('size', sizeBytes, {
    zeros: 1,
    xattrs: { 'trusted.overlay.metacopy': '', 'trusted.overlay.redirect': path },
  });
const meta = erofsImage({
  'data.bin': redirected('/objects/ab/one', 5000),
  second: redirected('/objects/cd', 3),
  lost: redirected('/objects/none', 10),
  plain: text('plain'),
});
const root = disk('xfs', { 'meta.erofs': imageFile(meta) });
const objects = disk('ext4', {
  objects: directory({ ab: directory({ one: file('one', 5000) }), cd: text('two') }),
  unseen: text('is no part of the tree'),
});
const tree = erofs(fileIn(root, 'meta.erofs'));
const over = overlay({
  lower: tree,
  dataOnly: [objects],
  upper: root,
  metacopy: 'on',
  redirect_dir: 'on',
});

export default scenario({
  name: 'data-only',
  shows: 'A data-only lower shows nothing of its own; metacopies above find their bytes in it by their redirects.',
  about: ['T6', 'O1', 'O22'],
  steps: [
    mount('erofs', tree),
    mount('overlay', over),
    list('its tree', over),
    ...changes(
      'change',
      over,
      to.chmod('data.bin', 0o600),
      to.append('second', '!'),
      to.append('lost', '!'),
      to.openWrite('plain'),
    ),
    list('afterwards', over),
    upper('the upper', over),
    unchanged('the objects', objects),
  ],
});
