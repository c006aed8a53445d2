import { changes, list, mount, scenario, upper } from '../../harness/scenario.ts';
import { disk, overlay, tmpfs } from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';
import { everything } from '../tree-contents.ts';

const lower = disk('ext4', everything);
const onDisk = overlay({ lower, upper: disk('xfs', {}), userxattr: true });
const inMemory = overlay({ lower, upper: tmpfs(), userxattr: true });
const all = [
  to.chmod('a', 0o600),
  to.unlink('b'),
  to.append('dir/in', '!'),
  to.rename('dir', 'dir2'),
  to.mkdir('b'),
  to.setxattr('suid', 'user.mine', 'x'),
  to.setxattr('suid', 'trusted.mine', 'x'),
  to.setxattr('suid', 'user.overlay.x', 'x'),
  to.chown('link', 3),
];

export default scenario({
  name: 'userxattr',
  shows: 'With userxattr an overlay keeps its attributes in the namespace user, if its upper has that.',
  about: ['T16', 'O26'],
  steps: [
    mount('on a disk', onDisk),
    ...changes('disk', onDisk, ...all),
    list('its tree', onDisk),
    upper('its upper', onDisk),
    mount('in memory', inMemory),
    ...changes('tmpfs', inMemory, ...all),
    list('the other tree', inMemory),
    upper('the other upper', inMemory),
  ],
});
