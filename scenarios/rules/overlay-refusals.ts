import { mount, scenario } from '../../harness/scenario.ts';
import { disk, erofs, fileIn, imageFile, loop, missingFile, overlay, tmpfs } from '../../harness/topology/builders.ts';
import { osImage } from '../contents.ts';

const root = disk('xfs', { 'os.erofs': imageFile(osImage) });
const os = erofs(loop(fileIn(root, 'os.erofs')));
const first = overlay({ lower: os, upper: root });

export default scenario({
  name: 'overlay-refusals',
  shows:
    'What overlayfs refuses whatever the depth: an upper on an overlay, one lower alone, no workdir; by mount(2) and through fsopen(2), where the message goes elsewhere.',
  about: ['O1', 'O4', 'O7', 'O9', 'E3', 'CH2'],
  steps: [
    mount('erofs on a loop device', os),
    mount('overlay on it', first),
    mount('upper on the overlay', overlay({ lower: os, upper: first })),
    mount('upper on the overlay, through fsopen', overlay({ lower: os, upper: first }), { api: 'fsopen' }),
    mount('one lower and no upper', overlay({ lower: os })),
    mount('two lowers and no upper', overlay({ lower: [os, tmpfs()] })),
    mount('upper without workdir', overlay({ lower: os, upper: { on: root, withoutWork: true } })),
    mount('workdir on another mount', overlay({ lower: os, upper: { on: root, workOn: tmpfs() } })),
    mount('image that does not exist', erofs(missingFile(root, 'nowhere.erofs'))),
    mount('image that does not exist, through fsopen', erofs(missingFile(root, 'nowhere.erofs')), { api: 'fsopen' }),
  ],
});
