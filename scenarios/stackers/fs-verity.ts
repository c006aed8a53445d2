import { mount, read, scenario, seal, upper, write } from '../../harness/scenario.ts';
import {
  composefsImage,
  composefsObjects,
  directory,
  directoryIn,
  disk,
  erofs,
  file,
  fileIn,
  imageFile,
  loop,
  objectOf,
  overlay,
  text,
  tmpfs,
  verityDisk,
} from '../../harness/topology/builders.ts';
import { datadirPlus, lowerdirPlus, option, writtenOverlay } from '../../harness/topology/written-overlay.ts';
import { osImage } from '../contents.ts';

const image = composefsImage({
  sealed: file('sealed', 8192),
  open: file('open', 8192),
  other: file('other', 8192),
  small: text('inline\n'),
});
const objects = composefsObjects(image);
/** In the place of the object of `other` lies something else. */
const replaced = objectOf(image, 'other').split('/') as [string, string];
const changed = directory({
  ...objects.entries,
  [replaced[0]]: directory({ [replaced[1]]: file('another', 8192) }),
});

const root = verityDisk({
  'os.erofs': imageFile(osImage),
  'plain.txt': text('plain\n'),
  'cfs.erofs': imageFile(image),
  objects: changed,
});
const without = disk('ext4', { 'plain.txt': text('plain\n') });
const memory = tmpfs();
const os = erofs(fileIn(root, 'os.erofs'));
const onOs = overlay({ lower: os, upper: memory });
const looped = erofs(loop(fileIn(root, 'os.erofs')));
const plain = overlay({ lower: root, upper: memory });
const metadata = erofs(fileIn(root, 'cfs.erofs'));
const requiring = writtenOverlay(
  option('metacopy', 'on'),
  option('redirect_dir', 'on'),
  option('verity', 'require'),
  lowerdirPlus(metadata),
  datadirPlus(directoryIn(root, 'objects')),
);
const onRequiring = overlay({ lower: requiring, upper: memory });

export default scenario({
  name: 'fs-verity',
  shows:
    'An image sealed by fs-verity is mounted from its file as any other, and nobody writes to it; an overlay with verity=require gives the objects that are sealed with the digest of the image, and no others.',
  about: ['F1', 'F2', 'F3', 'C2', 'C4', 'E11', 'composefs'],
  steps: [
    seal('the image is sealed', fileIn(root, 'os.erofs')),
    seal('it is sealed again', fileIn(root, 'os.erofs')),
    mount('erofs from the sealed file', os),
    read('contents of the sealed image', fileIn(os, 'data.bin')),
    mount('overlay on it', onOs),
    write('copy-up from it', fileIn(onOs, 'os-release'), 'more\n'),
    mount('erofs on a loop device', looped),
    read('contents through the loop device', fileIn(looped, 'data.bin')),
    seal('a file where there is no fs-verity', fileIn(without, 'plain.txt')),
    write('a write to that file', fileIn(without, 'plain.txt'), 'more\n'),
    write('a write to a file that is not sealed yet', fileIn(root, 'plain.txt'), 'more\n'),
    seal('a file below an overlay', fileIn(root, 'plain.txt')),
    write('a write to it', fileIn(root, 'plain.txt'), 'more\n'),
    mount('overlay on ext4', plain),
    write('copy-up of a sealed file', fileIn(plain, 'plain.txt'), 'more\n'),
    read('the copy', fileIn(plain, 'plain.txt')),
    read('the sealed file is unchanged', fileIn(root, 'plain.txt')),
    seal('an object is sealed', fileIn(root, `objects/${objectOf(image, 'sealed')}`)),
    seal('an object with other contents is sealed', fileIn(root, `objects/${objectOf(image, 'other')}`)),
    mount('composefs image', metadata),
    mount('root with verity=require', requiring, { api: 'fsopen' }),
    read('a file that lies in the image', fileIn(requiring, 'small')),
    read('a sealed object', fileIn(requiring, 'sealed')),
    read('an object that is not sealed', fileIn(requiring, 'open')),
    read('an object with another digest', fileIn(requiring, 'other')),
    mount('overlay on the root', onRequiring),
    write('copy-up of a sealed object', fileIn(onRequiring, 'sealed'), 'more\n'),
    read('the copy of the object', fileIn(onRequiring, 'sealed')),
    write('copy-up of an object with another digest', fileIn(onRequiring, 'other'), 'more\n'),
    upper('what was copied up', onRequiring),
  ],
});
