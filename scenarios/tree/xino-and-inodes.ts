import { changes, list, mount, scenario } from '../../harness/scenario.ts';
import {
  directory,
  directoryIn,
  disk,
  erofs,
  erofsImage,
  fileIn,
  imageFile,
  loop,
  overlay,
  tmpfs,
} from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';
import { everything } from '../tree-contents.ts';

const root = disk('xfs', {
  lower: directory(everything),
  'image.erofs': imageFile(erofsImage({ more: everything.dir })),
});
const image = erofs(loop(fileIn(root, 'image.erofs')));
const lower = directoryIn(root, 'lower');
const overlays = [
  { name: 'one filesystem', over: overlay({ lower, upper: root, xino: 'off' }) },
  { name: 'without', over: overlay({ lower: [image, lower], upper: tmpfs(), xino: 'off' }) },
  { name: 'auto', over: overlay({ lower: [image, lower], upper: tmpfs(), xino: 'auto' }) },
  { name: 'on', over: overlay({ lower: [image, lower], upper: tmpfs(), xino: 'on' }) },
];

export default scenario({
  name: 'xino-and-inodes',
  shows: 'Device and inode numbers of an overlay: which are the same, which are its own, which stay over a copy-up.',
  about: ['T17'],
  steps: [
    mount('erofs', image),
    ...overlays.flatMap(({ name, over }) => [
      mount(name, over),
      list(`${name}: before`, over),
      ...changes(name, over, to.append('a', '!'), to.chmod('dir', 0o700), to.create('new')),
      list(`${name}: after`, over),
    ]),
  ],
});
