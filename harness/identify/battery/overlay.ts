import { mount, scenario } from '../../scenario.ts';
import { directory, directoryIn, disk, overlay, text, tmpfs } from '../../topology/builders.ts';

const root = disk('xfs', {
  layer: directory({ file: text('layer\n') }),
  objects: directory({ object: text('data\n') }),
});
const layer = directoryIn(root, 'layer');
const objects = directoryIn(root, 'objects');
const first = overlay({ lower: layer, upper: root });

export default scenario({
  name: 'identify-overlay',
  shows: 'How overlayfs takes its options, which it knows, and what it says of those that it refuses.',
  about: ['O4', 'O9', 'O16', 'O22', 'O24', 'O40', 'CH6'],
  steps: [
    mount('overlay', first),
    mount('upper on an overlay', overlay({ lower: layer, upper: first })),
    mount('upper without workdir', overlay({ lower: layer, upper: { on: root, withoutWork: true } })),
    mount('userxattr', overlay({ lower: layer, upper: root, userxattr: true })),
    mount('data-only lower, metacopy=on', overlay({ lower: layer, dataOnly: [objects], metacopy: 'on' })),
    mount('data-only lower, metacopy=off', overlay({ lower: layer, dataOnly: [objects], metacopy: 'off' })),
    mount('data-only lower', overlay({ lower: [layer, tmpfs()], dataOnly: [objects] })),
    mount(
      'metacopy=on and redirect_dir=off',
      overlay({ lower: layer, upper: root, metacopy: 'on', redirect_dir: 'off' }),
    ),
  ],
});
