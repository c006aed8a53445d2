import { mount, read, scenario, write } from '../../harness/scenario.ts';
import {
  directory,
  disk,
  erofs,
  erofsImage,
  file,
  fileIn,
  imageFile,
  loop,
  overlay,
  text,
  tmpfs,
} from '../../harness/topology/builders.ts';

const rootImage = erofsImage(
  {
    etc: directory({ hostname: text('live\n'), fstab: text('') }),
    usr: directory({ 'libc.so': file('libc', 80 * 1024) }),
  },
  { compression: { algorithm: 'lz4hc', level: 9 } },
);
const mediumImage = erofsImage({
  LiveOS: directory({ 'squashfs.img': imageFile(rootImage) }),
  boot: directory({ vmlinuz: file('vmlinuz', 24 * 1024) }),
});

/** The stick or server that has the medium as a file, as iso-scan and Ventoy find it. */
const stick = disk('ext4', { 'live.img': imageFile(mediumImage) });
const memory = tmpfs();

const medium = erofs(loop(fileIn(stick, 'live.img')));
const root = erofs(loop(fileIn(medium, 'LiveOS/squashfs.img')));
const live = overlay({ lower: root, upper: memory });
const container = overlay({ lower: live, upper: memory });
const third = overlay({ lower: container, upper: memory });

const fileMedium = erofs(fileIn(stick, 'live.img'));
const fileRoot = erofs(fileIn(fileMedium, 'LiveOS/squashfs.img'));
const fileLive = overlay({ lower: fileRoot, upper: memory });

export default scenario({
  name: 'live-medium',
  shows:
    'A live system: the medium on a loop device, its root image on a loop device in that, an overlay whose upper is in memory, written to, and an overlay for a container on it. Loop devices make it all start at depth 0; without them it depends on the kernel.',
  about: ['D2', 'D3', 'D10', 'E8', 'E10', 'L5', 'dracut dmsquash-live'],
  steps: [
    mount('medium on a loop device', medium),
    read('a file of the medium', fileIn(medium, 'boot/vmlinuz')),
    mount('root image on a loop device in it', root),
    mount('overlay with its upper in memory', live),
    read('contents of the live root', fileIn(live, 'usr/libc.so')),
    write('the hostname is set', fileIn(live, 'etc/hostname'), 'changed\n'),
    read('the hostname', fileIn(live, 'etc/hostname')),
    read('the image is unchanged', fileIn(root, 'etc/hostname')),
    mount('overlay on the live root', container),
    read('the hostname through both overlays', fileIn(container, 'etc/hostname')),
    write('copy-up out of memory', fileIn(container, 'etc/hostname'), 'in a container\n'),
    read('the hostname in the container', fileIn(container, 'etc/hostname')),
    read('the live root keeps its own', fileIn(live, 'etc/hostname')),
    mount('a third overlay', third),
    mount('medium from the file', fileMedium),
    mount('root image from the file in it', fileRoot),
    mount('overlay on that, in memory', fileLive),
    read('contents of it', fileIn(fileLive, 'usr/libc.so')),
  ],
});
