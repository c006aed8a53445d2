import { mount, read, scenario } from '../../harness/scenario.ts';
import {
  directory,
  directoryIn,
  disk,
  erofs,
  fileIn,
  imageFile,
  overlay,
  text,
  tmpfs,
} from '../../harness/topology/builders.ts';
import { osImage } from '../contents.ts';

const root = disk('ext4', { 'os.erofs': imageFile(osImage), objects: directory({ object: text('data\n') }) });
const os = erofs(fileIn(root, 'os.erofs'));
const objects = overlay({ lower: directoryIn(root, 'objects'), upper: root });
const onPlain = overlay({ lower: os, dataOnly: [directoryIn(root, 'objects')], metacopy: 'on', redirect_dir: 'on' });
const onOverlay = overlay({ lower: os, dataOnly: [objects], metacopy: 'on', redirect_dir: 'on' });
const above = overlay({ lower: [onOverlay, tmpfs()] });

export default scenario({
  name: 'data-only-lower',
  shows:
    'A data-only lower counts like any other: on an overlay it makes a depth of 2. It also counts as the second lower that a read-only overlay needs.',
  about: ['D2', 'D3', 'O1', 'O16'],
  steps: [
    mount('file-backed erofs', os),
    mount('overlay for the data', objects),
    mount('data-only lower on ext4', onPlain),
    mount('data-only lower on the overlay', onOverlay),
    read('contents of the metadata lower', fileIn(onOverlay, 'data.bin')),
    mount('overlay on that', above),
  ],
});
