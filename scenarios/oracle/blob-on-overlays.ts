import { mount, read, scenario } from '../../harness/scenario.ts';
import {
  blobFile,
  copyOf,
  directory,
  directoryIn,
  disk,
  erofs,
  fileIn,
  imageFile,
  missingFile,
  overlay,
  tmpfs,
} from '../../harness/topology/builders.ts';
import { blobImage, osImage } from '../contents.ts';

const root = disk('ext4', {
  'meta.erofs': imageFile(blobImage),
  'os.erofs': imageFile(osImage),
  layer: directory({ 'data.blob': blobFile(blobImage) }),
});
const first = overlay({ lower: directoryIn(root, 'layer'), upper: root });
const second = overlay({ lower: first, upper: root });
const stacked = erofs(fileIn(root, 'meta.erofs'), { devices: [fileIn(second, 'data.blob')] });
const third = overlay({ lower: stacked, upper: root });
const fourth = overlay({ lower: third, upper: root });
const onTmpfs = erofs(fileIn(root, 'meta.erofs'), {
  devices: [copyOf(fileIn(root, 'layer/data.blob'), tmpfs(), 'data.blob')],
});

export default scenario({
  name: 'blob-on-overlays',
  shows:
    "A blob device of a file-backed erofs may lie on two overlays, and two more go on top: nothing counts the blob's own depth.",
  about: ['E12', 'E13', 'E14'],
  steps: [
    mount('overlay on ext4', first),
    mount('overlay on that', second),
    mount('erofs whose blob lies on both', stacked),
    read('contents of the blob', fileIn(stacked, 'data.bin')),
    mount('a third overlay, on the erofs', third),
    read('contents through the third overlay', fileIn(third, 'data.bin')),
    mount('a fourth overlay', fourth),
    mount('blob on tmpfs', onTmpfs),
    mount(
      'blob that does not exist',
      erofs(fileIn(root, 'meta.erofs'), { devices: [missingFile(root, 'nowhere.blob')] }),
    ),
    mount(
      'a blob for an image that has none',
      erofs(fileIn(root, 'os.erofs'), { devices: [fileIn(root, 'layer/data.blob')] }),
    ),
  ],
});
