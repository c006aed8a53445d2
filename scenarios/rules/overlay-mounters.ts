import { mount, reconfigure, scenario } from '../../harness/scenario.ts';
import { bind, directory, directoryIn, disk, newDirectory } from '../../harness/topology/builders.ts';
import type { OverlayMount } from '../../harness/topology/topology.ts';
import {
  datadirPlus,
  lowerdir,
  lowerdirPlus,
  option,
  upperdir,
  workdir,
  writtenOverlay,
} from '../../harness/topology/written-overlay.ts';

const root = disk('xfs', { a: directory({}), b: directory({}), c: directory({}) });
const a = directoryIn(root, 'a');
const b = directoryIn(root, 'b');
const at = (path: string) => newDirectory(root, path);
const own = (name: string) => [upperdir(at(`${name}/upper`)), workdir(at(`${name}/work`))];
const lowers = lowerdir(a, ':', b);
const metacopy = option('metacopy', 'on');

const unbindable = bind(root, { unbindable: true });
const readOnly = writtenOverlay(lowers);
const writable = writtenOverlay(lowerdir(a), ...own('changed'));
const byFsopen = { api: 'fsopen' } as const;

const IN_NAMESPACE: readonly (readonly [string, () => OverlayMount])[] = [
  ['two lowers', () => writtenOverlay(lowers)],
  ['an upper', () => writtenOverlay(lowerdir(a), ...own('upper'))],
  ['an upper, userxattr', () => writtenOverlay(lowerdir(a), ...own('userxattr'), option('userxattr'))],
  ['redirect_dir=on', () => writtenOverlay(lowers, option('redirect_dir', 'on'))],
  ['redirect_dir=nofollow', () => writtenOverlay(lowers, option('redirect_dir', 'nofollow'))],
  ['metacopy=on', () => writtenOverlay(lowers, metacopy)],
  ['metacopy=off', () => writtenOverlay(lowers, option('metacopy', 'off'))],
  ['verity=on', () => writtenOverlay(lowers, option('verity', 'on'))],
  ['a data-only lower', () => writtenOverlay(lowerdir(a, '::', b))],
];

export default scenario({
  name: 'overlay-mounters',
  shows:
    'Who mounts an overlay and how: from a user namespace, with a context from there, from an unbindable mount, with layers as descriptors; and a change of options afterwards.',
  about: ['O27', 'O38', 'O41', 'O42', 'O43', 'O44', 'CH2'],
  steps: [
    ...IN_NAMESPACE.map(([name, make]) => mount(`user namespace: ${name}`, make(), { by: 'user-namespace' })),
    mount('user namespace: metacopy=on, through fsopen', writtenOverlay(lowers, metacopy), {
      by: 'user-namespace',
      ...byFsopen,
    }),

    mount('an unbindable mount', unbindable),
    mount('a lower on it', writtenOverlay(lowerdir(directoryIn(unbindable, 'a'), ':', b))),
    mount(
      'upper and work on it',
      writtenOverlay(
        lowerdir(a),
        upperdir(newDirectory(unbindable, 'unbindable/upper')),
        workdir(newDirectory(unbindable, 'unbindable/work')),
      ),
    ),

    mount('an overlay to be changed', writable),
    reconfigure('remount(2) with an option', writable, [{ key: 'metacopy', value: 'on' }]),
    reconfigure('remount(2) with nonsense', writable, [{ key: 'no_such_option' }]),
    reconfigure('fspick(2) with an option', writable, [{ key: 'metacopy', value: 'on' }], byFsopen),
    reconfigure('fspick(2) without options', writable, [], byFsopen),
    mount('an overlay without an upper', readOnly),
    reconfigure('remount(2) of it, to be writable', readOnly, []),
    reconfigure('fspick(2) of it, to be writable', readOnly, [], byFsopen),

    mount(
      'lowers as descriptors',
      writtenOverlay(lowerdirPlus(a, 'descriptor'), lowerdirPlus(b, 'descriptor')),
      byFsopen,
    ),
    mount(
      'a data-only lower as a descriptor',
      writtenOverlay(lowerdirPlus(a, 'descriptor'), datadirPlus(b, 'descriptor'), metacopy),
      byFsopen,
    ),
    mount(
      'upper and workdir as descriptors',
      writtenOverlay(
        lowerdir(a),
        upperdir(at('descriptor/upper'), 'descriptor'),
        workdir(at('descriptor/work'), 'descriptor'),
      ),
      byFsopen,
    ),
    mount('override_creds', writtenOverlay(lowers, option('override_creds')), byFsopen),
    mount('nooverride_creds', writtenOverlay(lowers, option('nooverride_creds')), byFsopen),
  ],
});
