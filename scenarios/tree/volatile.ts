import { changes, list, mount, scenario, upper } from '../../harness/scenario.ts';
import { disk, overlay } from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';
import { everything } from '../tree-contents.ts';

const lower = disk('xfs', everything);
const over = overlay({ lower, upper: disk('ext4', {}), volatile: true });

export default scenario({
  name: 'volatile',
  shows: 'A volatile overlay does all that another does, and syncs nothing.',
  about: ['T26'],
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
  ],
});
