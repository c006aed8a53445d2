import { changes, list, mount, scenario, unchanged, upper } from '../../harness/scenario.ts';
import { disk, overlay } from '../../harness/topology/builders.ts';
import { append, create, mkdir, rename } from '../../harness/topology/changes.ts';
import { everything } from '../tree-contents.ts';

const lower = disk('ext4', everything);
const above = disk('ext4', {});
const redirecting = overlay({ lower, upper: above, redirect_dir: 'on' });
const plain = overlay({ lower, upper: above, redirect_dir: 'off' });
const renames = [
  rename('a', 'a2'),
  rename('b', 'dir/b'),
  rename('dir', 'dir2'),
  rename('dir2/sub', 'sub'),
  rename('big.bin', 'suid', 'noreplace'),
  rename('big.bin', 'suid', 'exchange'),
  rename('link', 'dangling'),
  create('new', 'new'),
  mkdir('made'),
  rename('new', 'made/new', 'whiteout'),
  rename('made', 'empty'),
  rename('nothing', 'x'),
  rename('empty', 'empty/in'),
  append('a2', '!'),
];

export default scenario({
  name: 'renames',
  shows: 'Renames in an overlay, with every flag, with directories that leave a redirect and those that may not move.',
  about: ['T10', 'T11', 'T12'],
  steps: [
    ...changes('beside overlays', above, create('of ext4', 'its own'), rename('of ext4', 'renamed')),
    mount('redirecting', redirecting),
    ...changes('with redirects', redirecting, ...renames),
    list('its tree', redirecting),
    upper('its upper', redirecting),
    mount('plain', plain),
    ...changes('without', plain, ...renames),
    list('the other tree', plain),
    upper('the other upper', plain),
    unchanged('the lower', lower),
  ],
});
