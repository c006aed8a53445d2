import { mount, read, scenario } from '../../harness/scenario.ts';
import {
  blobFile,
  directory,
  disk,
  erofs,
  fileIn,
  imageFile,
  loop,
  missingFile,
} from '../../harness/topology/builders.ts';
import { blobImage, osImage } from '../contents.ts';

const root = disk('xfs', {
  'meta.erofs': imageFile(blobImage),
  'os.erofs': imageFile(osImage),
  'data.blob': blobFile(blobImage),
  directory: directory({}),
});
const meta = fileIn(root, 'meta.erofs');
const blob = fileIn(root, 'data.blob');
const whole = erofs(meta, { devices: [blob] });
const onLoops = erofs(loop(meta), { devices: [loop(blob)] });

export default scenario({
  name: 'erofs-blobs',
  shows: 'How many blobs an image wants and what they may be: of a file-backed mount files, of another block devices.',
  about: ['E12', 'E13', 'E14', 'E15'],
  steps: [
    mount('an image with its blob', whole),
    read('contents of the blob', fileIn(whole, 'data.bin')),
    mount('its blob twice', erofs(meta, { devices: [blob, blob] })),
    mount('its blob twice, through fsopen', erofs(meta, { devices: [blob, blob] }), { api: 'fsopen' }),
    mount('a blob for an image that has none', erofs(fileIn(root, 'os.erofs'), { devices: [blob] })),
    mount('no blob', erofs(meta)),
    mount('a blob that is not there', erofs(meta, { devices: [missingFile(root, 'nowhere.blob')] })),
    mount('a directory for a blob', erofs(meta, { devices: [fileIn(root, 'directory')] })),
    mount('on a loop device, a file for a blob', erofs(loop(meta), { devices: [blob] })),
    mount('on a loop device, its blob twice', erofs(loop(meta), { devices: [blob, blob] })),
    mount('on a loop device, no blob', erofs(loop(meta))),
    mount('on a loop device, its blob on another', onLoops),
    read('contents of the blob on a loop device', fileIn(onLoops, 'data.bin')),
    mount('on a loop device, its blob on another, twice', erofs(loop(meta), { devices: [loop(blob), loop(blob)] })),
    mount('on a loop device, no blob at its name', erofs(loop(meta), { devices: [missingFile(root, 'nowhere.blob')] })),
    mount('from a file, its blob on a loop device', erofs(meta, { devices: [loop(blob)] })),
  ],
});
