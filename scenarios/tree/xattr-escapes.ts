import { changes, list, mount, scenario, upper } from '../../harness/scenario.ts';
import { directory, disk, overlay, text } from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';

const lower = disk('ext4', {
  a: text('a', { xattrs: { 'user.x': '1', 'trusted.overlay.overlay.opaque': 'y', 'trusted.y': '2' } }),
  dir: directory({ in: text('in') }, { xattrs: { 'trusted.overlay.overlay.overlay.z': '3' } }),
});
const first = overlay({ lower, upper: disk('xfs', {}) });
const second = overlay({ lower: first, upper: disk('ext4', {}) });
const all = [
  to.setxattr('a', 'trusted.overlay.opaque', 'n'),
  to.setxattr('dir', 'trusted.overlay.opaque', 'y'),
  to.setxattr('dir', 'trusted.overlay.overlay.q', 'q'),
  to.removexattr('a', 'trusted.overlay.opaque'),
  to.removexattr('a', 'trusted.overlay.none'),
  to.setxattr('a', 'user.x', '2'),
  to.removexattr('a', 'trusted.y'),
  to.setxattr('a', 'unknown.x', 'x'),
  to.setxattr('a', '', 'x'),
];

export default scenario({
  name: 'xattr-escapes',
  shows: "An overlay's own attributes are hidden in it; where it can, it gives others of that name an escaped one.",
  about: ['T16', 'T27'],
  steps: [
    mount('first', first),
    list('before', first),
    ...changes('first', first, ...all),
    list('after', first),
    upper('its upper', first),
    mount('second', second),
    ...changes('second', second, ...all),
    list('in the second', second),
    upper('the second upper', second),
  ],
});
