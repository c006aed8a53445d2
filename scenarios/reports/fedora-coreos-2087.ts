import { mount, read, scenario, write } from '../../harness/scenario.ts';
import { disk, erofs, fileIn, imageFile, loop, overlay } from '../../harness/topology/builders.ts';
import { osImage } from '../contents.ts';

const root = disk('xfs', { 'os.erofs': imageFile(osImage) });
const os = erofs(fileIn(root, 'os.erofs'));
const first = overlay({ lower: os, upper: root });
const second = overlay({ lower: first, upper: root });
const third = overlay({ lower: second, upper: root });

const loopOs = erofs(loop(fileIn(root, 'os.erofs')));
const loopFirst = overlay({ lower: loopOs, upper: root });
const loopSecond = overlay({ lower: loopFirst, upper: root });

export default scenario({
  name: 'fedora-coreos-2087',
  shows:
    "A composefs system in small: erofs mounted from a file, an overlay on it, a container's overlay on that. Kernels that count file-backed erofs as a layer refuse the last one; on a loop device it always mounts.",
  about: [
    'D2',
    'D3',
    'D10',
    'E6',
    'E7',
    'E11',
    'fedora-coreos-tracker#2087',
    'ublue-os/ucore#339',
    'fedora-silverblue/issue-tracker#691',
  ],
  steps: [
    mount('file-backed erofs', os),
    read('contents of the image', fileIn(os, 'data.bin')),
    mount('overlay on it', first),
    mount('overlay on that (the report)', second),
    read('contents through both overlays', fileIn(second, 'data.bin')),
    write('copy-up in the upper overlay', fileIn(second, 'os-release'), 'VARIANT=copied-up\n'),
    read('contents after the copy-up', fileIn(second, 'os-release')),
    read('the overlay below is unchanged', fileIn(first, 'os-release')),
    mount('a third overlay', third),
    mount('the same on a loop device', loopOs),
    mount('loop: overlay on it', loopFirst),
    mount('loop: overlay on that', loopSecond),
    read('loop: contents through both', fileIn(loopSecond, 'data.bin')),
  ],
});
