import { mount, scenario } from '../../harness/scenario.ts';
import { directory, directoryIn, disk, newDirectory, ramfs, tmpfs } from '../../harness/topology/builders.ts';
import type { DiskMount, Mount } from '../../harness/topology/topology.ts';
import { lowerdir, option, upperdir, workdir, writtenOverlay } from '../../harness/topology/written-overlay.ts';

const root = disk('xfs', { a: directory({}), b: directory({}) });
const lower = lowerdir(directoryIn(root, 'a'));
const memory = tmpfs();
const poor = ramfs();
const own = (on: Mount, name: string) => [
  upperdir(newDirectory(on, `${name}/upper`)),
  workdir(newDirectory(on, `${name}/work`)),
];

/** Two disks of one specification have one UUID; ext4 does not mind. */
const one = disk('ext4', { a: directory({}) });
const twin: DiskMount = { ...one };
const other = disk('ext4', { b: directory({}) });

export default scenario({
  name: 'overlay-upper-features',
  shows:
    'What overlayfs warns of: an upper without whiteouts and extended attributes, and what falls with them; lowers on filesystems with one UUID.',
  about: ['O28', 'O39'],
  steps: [
    mount('an upper on tmpfs', writtenOverlay(lower, ...own(memory, '1'))),
    mount('an upper on tmpfs, userxattr', writtenOverlay(lower, ...own(memory, '2'), option('userxattr'))),
    mount('an upper on ramfs', writtenOverlay(lower, ...own(poor, '1'))),
    mount('an upper on ramfs, metacopy=on', writtenOverlay(lower, ...own(poor, '2'), option('metacopy', 'on'))),
    mount('an upper on ramfs, index=on', writtenOverlay(lower, ...own(poor, '3'), option('index', 'on'))),
    mount(
      'an upper on ramfs, redirect_dir=nofollow',
      writtenOverlay(lower, ...own(poor, '4'), option('redirect_dir', 'nofollow')),
    ),
    mount(
      'two lowers with one UUID, index=on',
      writtenOverlay(lowerdir(one, ':', twin), ...own(root, '1'), option('index', 'on')),
    ),
    mount('two lowers with one UUID', writtenOverlay(lowerdir(one, ':', twin), ...own(root, '2'))),
    mount(
      'two lowers with two UUIDs, index=on',
      writtenOverlay(lowerdir(one, ':', other), ...own(root, '3'), option('index', 'on')),
    ),
  ],
});
