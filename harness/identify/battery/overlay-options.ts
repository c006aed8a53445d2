import { mount, scenario } from '../../scenario.ts';
import { bind, directory, directoryIn, disk, newDirectory, overlay, tmpfs } from '../../topology/builders.ts';
import { lowerdir, lowerdirPlus, option, upperdir, workdir, writtenOverlay } from '../../topology/written-overlay.ts';

const root = disk('xfs', { a: directory({}), b: directory({}) });
const a = directoryIn(root, 'a');
const b = directoryIn(root, 'b');
const readOnlyBind = bind(root, { readOnly: true });
const byContext = { api: 'fsopen' } as const;

/** With `verity`, what it went with where it was a kind of metacopy. */
const OPTIONS = [
  [option('uuid', 'null')],
  [option('verity', 'on'), option('metacopy', 'off')],
  [option('fsync', 'strict')],
  [option('override_creds')],
];

export default scenario({
  name: 'identify-overlay-options',
  shows: 'Which options overlayfs knows, what it takes as a layer, and from whom.',
  about: ['O10', 'O19', 'O23', 'O28', 'O40', 'O42', 'O43'],
  steps: [
    ...OPTIONS.map((options, index) =>
      mount(
        `overlay with ${options.map((each) => (each.kind === 'option' ? each.key : '')).join()}`,
        writtenOverlay(
          lowerdir(a, ':', b),
          upperdir(newDirectory(root, `${index}/upper`)),
          workdir(newDirectory(root, `${index}/work`)),
          ...options,
        ),
      ),
    ),
    mount('lowerdir+ twice', writtenOverlay(lowerdirPlus(a), lowerdirPlus(b)), byContext),
    mount(
      'layers as descriptors',
      writtenOverlay(lowerdirPlus(a, 'descriptor'), lowerdirPlus(b, 'descriptor')),
      byContext,
    ),
    mount('a backslash last', writtenOverlay(lowerdir(a, ':', b, '\\')), byContext),
    mount('overlay in a user namespace', writtenOverlay(lowerdir(a, ':', b)), { by: 'user-namespace' }),
    mount('a read-only bind mount', readOnlyBind),
    mount(
      'upper on the read-only bind mount',
      writtenOverlay(lowerdir(a), upperdir(directoryIn(readOnlyBind, 'b')), workdir(directoryIn(readOnlyBind, 'b'))),
    ),
    mount('userxattr and an upper on tmpfs', overlay({ lower: a, upper: tmpfs(), userxattr: true })),
  ],
});
