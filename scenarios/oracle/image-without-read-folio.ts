import { mount, scenario } from '../../harness/scenario.ts';
import { copyOf, disk, erofs, fileIn, imageFile, loop, overlay, tmpfs } from '../../harness/topology/builders.ts';
import { nestedImage, osImage } from '../contents.ts';

const root = disk('ext4', { 'os.erofs': imageFile(osImage), 'outer.erofs': imageFile(nestedImage) });
const memory = tmpfs();
const outer = erofs(loop(fileIn(root, 'outer.erofs')));
const first = overlay({ lower: outer, upper: root });
const copy = copyOf(fileIn(root, 'os.erofs'), memory, 'os.erofs');

export default scenario({
  name: 'image-without-read-folio',
  shows:
    'tmpfs and overlayfs files have no read_folio, so erofs refuses them as a backing, without a word; a loop device takes them.',
  about: ['E4', 'D10'],
  steps: [
    mount('image on tmpfs', erofs(copy)),
    mount('image on tmpfs, through fsopen', erofs(copy), { api: 'fsopen' }),
    mount('image on tmpfs, on a loop device', erofs(loop(copy))),
    mount('erofs on a loop device', outer),
    mount('overlay on it', first),
    mount('image on the overlay', erofs(fileIn(first, 'inner.erofs'))),
    mount('image on the overlay, on a loop device', erofs(loop(fileIn(first, 'inner.erofs')))),
  ],
});
