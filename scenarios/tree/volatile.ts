import { changes, list, look, mount, scenario, upper } from '../../harness/scenario.ts';
import { disk, overlay } from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';
import { everything } from '../tree-contents.ts';

const lower = disk('xfs', everything);
const above = disk('ext4', {});
const over = overlay({ lower, upper: { on: above, upperdir: 'up', workdir: 'work' }, volatile: true });

export default scenario({
  name: 'volatile',
  shows: 'A volatile overlay does all that another does, syncs nothing, and marks its work directory.',
  about: ['T26', 'O37'],
  steps: [
    mount('overlay', over),
    ...changes(
      'change',
      over,
      to.append('a', '!'),
      to.fsync('a'),
      to.fsync('dir'),
      to.unlink('b'),
      to.fsync('big.bin'),
    ),
    list('its tree', over),
    upper('its upper', over),
    look('the mark', { on: above, path: 'work' }, 'work/incompat/volatile'),
  ],
});
