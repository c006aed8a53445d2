import { attach, detach, mount, read, scenario } from '../../harness/scenario.ts';
import {
  copyOf,
  disk,
  directory,
  erofs,
  erofsImage,
  fileIn,
  imageFile,
  loop,
  missingFile,
  symlink,
  text,
  tmpfs,
} from '../../harness/topology/builders.ts';
import { osImage } from '../contents.ts';

const outer = erofsImage({ 'inner.erofs': imageFile(osImage), id: text('outer\n') });
const root = disk('xfs', {
  'outer.erofs': imageFile(outer),
  directory: directory({}),
  character: symlink('/dev/null'),
});
const file = fileIn(root, 'outer.erofs');

/** Attached first, so that they have the lowest numbers, and unbound again. */
const lowest = loop(file);
const second = loop(file);
const onSecond = loop(second);
const image = erofs(loop(fileIn(root, 'outer.erofs')));
const fromFile = erofs(file);
const inner = erofs(loop(fileIn(image, 'inner.erofs')));
const innermost = loop(fileIn(image, 'inner.erofs'));

export default scenario({
  name: 'loop-devices',
  shows:
    'What the loop driver refuses (a device on itself, on one without a backing, on no file) and takes: devices on devices, files of filesystems on loop devices.',
  about: ['L0', 'L1', 'L2', 'L3', 'L4', 'L5', 'L6', 'D10'],
  steps: [
    attach('a loop device on a file', lowest),
    attach('a second one', second),
    attach('a loop device on the second', onSecond),
    detach('the one on the second is detached', onSecond),
    attach('a loop device on a file that is not there', loop(missingFile(root, 'nowhere'))),
    attach('a loop device on a directory', loop(fileIn(root, 'directory'))),
    attach('a loop device on a character device', loop(fileIn(root, 'character'))),
    detach('the first is detached', lowest),
    attach('the lowest free device on itself', loop(lowest)),
    detach('the second is detached', second),
    attach('the lowest free device on the unbound second', loop(second)),
    attach('direct I/O to a file on XFS', loop(file, { directIo: true })),
    attach('direct I/O to a file on tmpfs', loop(copyOf(file, tmpfs(), 'copy.erofs'), { directIo: true })),
    mount('erofs on a loop device', image),
    attach('a loop device on a file of it', innermost),
    mount('erofs on a loop device on a file of it', inner),
    read('its contents', fileIn(inner, 'data.bin')),
    mount('erofs from a file', fromFile),
    attach('direct I/O to a file of that', loop(fileIn(fromFile, 'inner.erofs'), { directIo: true })),
  ],
});
