import { list, mount, read, scenario, write } from '../../harness/scenario.ts';
import {
  directory,
  disk,
  erofs,
  file,
  fileIn,
  hardLink,
  imageFile,
  loop,
  node,
  overlay,
  symlink,
  text,
  tmpfs,
} from '../../harness/topology/builders.ts';
import { osImage } from '../contents.ts';

const root = disk('squashfs', {
  'os.erofs': imageFile(osImage),
  etc: directory({
    hostname: text('live\n', { mode: 0o640, uid: 3, gid: 70_000 }),
    'a name': text('', { xattrs: { 'user.note': 'kept' } }),
    hosts: hardLink('etc/hostname'),
  }),
  usr: directory({ 'libc.so': file('libc', 200_000, { zeros: 0 }), lib: symlink('libc.so') }),
  console: node('character', { mode: 0o600, rdev: { major: 5, minor: 1 } }),
});
const other = disk('squashfs', { etc: directory({ fstab: text('other\n') }) });
const memory = tmpfs();

const live = overlay({ lower: root, upper: memory });
const second = overlay({ lower: live, upper: memory });
const os = erofs(fileIn(root, 'os.erofs'));
const onOs = overlay({ lower: os, upper: memory });
const looped = erofs(loop(fileIn(root, 'os.erofs')));
const indexed = overlay({ lower: root, upper: memory, index: 'on' });
const both = overlay({ lower: [root, other], upper: memory });

export default scenario({
  name: 'squashfs',
  shows:
    'What a live system has: a squashfs, an overlay in memory on it, and images that lie in it, mounted from the file and by a loop device. It counts as erofs on a disk does, and is the one filesystem here without a UUID: two of them are one too many for an index.',
  about: ['D1', 'D2', 'D3', 'E11', 'O39', 'dracut dmsquash-live'],
  steps: [
    list('all of the squashfs', root),
    read('contents of squashfs', fileIn(root, 'usr/libc.so')),
    mount('overlay in memory on it', live),
    list('all through the overlay', live),
    write('copy-up out of squashfs', fileIn(live, 'etc/hostname'), 'more\n'),
    read('contents after the copy-up', fileIn(live, 'etc/hostname')),
    read('the squashfs is unchanged', fileIn(root, 'etc/hostname')),
    mount('overlay on that', second),
    list('all through both', second),
    mount('a third overlay', overlay({ lower: second, upper: memory })),
    mount('file-backed erofs in it', os),
    read('contents of the image', fileIn(os, 'data.bin')),
    mount('overlay on that erofs', onOs),
    write('copy-up out of the image', fileIn(onOs, 'os-release'), 'more\n'),
    mount('erofs on a loop device in it', looped),
    read('contents through the loop device', fileIn(looped, 'data.bin')),
    mount('overlay with an index', indexed),
    write('copy-up of a hard link', fileIn(indexed, 'etc/hosts'), 'more\n'),
    list('all with an index', indexed),
    mount('overlay that numbers inodes if it can', overlay({ lower: root, upper: memory, xino: 'auto' })),
    mount('overlay that numbers inodes', overlay({ lower: root, upper: memory, xino: 'on' })),
    mount('overlay on two of them', both),
    list('all of the two', both),
    mount('overlay on two of them with an index', overlay({ lower: [root, other], upper: memory, index: 'on' })),
    mount('overlay on two of them, for reading', overlay({ lower: [root, other], xino: 'auto' })),
  ],
});
