import { list, mount, read, scenario, write } from '../../harness/scenario.ts';
import {
  composefsImage,
  composefsObjects,
  directory,
  directoryIn,
  disk,
  erofs,
  fileIn,
  imageFile,
  loop,
  overlay,
} from '../../harness/topology/builders.ts';
import { lowerdir, option, writtenOverlay } from '../../harness/topology/written-overlay.ts';
import { deployment } from '../contents.ts';

const image = composefsImage(deployment, { naming: 'ostree', digests: false });
/** /sysroot: ostree's repository, and the image of the deployment. */
const sysroot = disk('xfs', {
  ostree: directory({
    repo: directory({ objects: composefsObjects(image) }),
    deploy: directory({ '.ostree.cfs': imageFile(image) }),
  }),
});
const cfs = fileIn(sysroot, 'ostree/deploy/.ostree.cfs');
const objects = directoryIn(sysroot, 'ostree/repo/objects');
const options = { metacopy: 'on', redirect_dir: 'on' } as const;

const metadata = erofs(cfs, { acl: false });
const root = overlay({ lower: metadata, dataOnly: [objects], ...options });
const container = overlay({ lower: root, upper: sysroot });
const third = overlay({ lower: container, upper: sysroot });

/** ostree's images have digests only where it is told to sign or to seal: `verity=on` then asks nothing. */
const verity = (value: 'on' | 'require') =>
  writtenOverlay(
    option('metacopy', 'on'),
    option('redirect_dir', 'on'),
    option('verity', value),
    lowerdir(metadata, '::', objects),
  );
const asking = verity('on');
const requiring = verity('require');

const loopMetadata = erofs(loop(cfs, { directIo: true }), { acl: false });
const loopRoot = overlay({ lower: loopMetadata, dataOnly: [objects], ...options });
const loopContainer = overlay({ lower: loopRoot, upper: sysroot });
const loopThird = overlay({ lower: loopContainer, upper: sysroot });

/** What libcomposefs falls back to when `::` is refused. */
const oldRoot = overlay({ lower: [loopMetadata, objects], ...options });
const oldContainer = overlay({ lower: oldRoot, upper: sysroot });

export default scenario({
  name: 'fedora-coreos-composefs',
  shows:
    "Fedora CoreOS's root as ostree-prepare-root has libcomposefs mount it: a composefs image from the file, or on a loop device where that cannot be, an overlay of it and of ostree's objects as a data-only lower, a container's overlay on that and one more; and the ordinary lower that kernels without data-only lowers get.",
  about: [
    'D2',
    'D3',
    'D10',
    'E7',
    'E11',
    'O16',
    'O40',
    'C1',
    'C3',
    'fedora-coreos-tracker#2087',
    'composefs libcomposefs/lcfs-mount.c',
  ],
  steps: [
    mount('composefs image from the file', metadata),
    read('a small file of the image itself', fileIn(metadata, 'usr/lib/os-release')),
    mount('root: overlay with the objects as data-only lower', root),
    read('an object through the root', fileIn(root, 'usr/bin/sh')),
    read('a file that lies in the image', fileIn(root, 'usr/lib/os-release')),
    list('what the root shows', root),
    mount("a container's overlay on the root (the report)", container),
    read('an object through both overlays', fileIn(container, 'usr/bin/sh')),
    write('copy-up of an object', fileIn(container, 'usr/bin/sh'), 'changed'),
    read('the copy', fileIn(container, 'usr/bin/sh')),
    read('the root below is unchanged', fileIn(root, 'usr/bin/sh')),
    mount('a third overlay', third),
    mount('root with verity=on, of an image without digests', asking),
    read('an object, with verity=on', fileIn(asking, 'usr/bin/su')),
    mount('root with verity=require, of an image without digests', requiring),
    read('an object, with verity=require', fileIn(requiring, 'usr/bin/su')),
    mount('loop: composefs image', loopMetadata),
    mount('loop: root with data-only lower', loopRoot),
    read('loop: an object through the root', fileIn(loopRoot, 'usr/lib/modules/vmlinuz')),
    mount("loop: a container's overlay", loopContainer),
    list('loop: what the container shows', loopContainer),
    read('loop: an object through both overlays', fileIn(loopContainer, 'usr/lib/modules/vmlinuz')),
    write('loop: copy-up of an object', fileIn(loopContainer, 'usr/lib/modules/vmlinuz'), 'changed'),
    read('loop: the copy', fileIn(loopContainer, 'usr/lib/modules/vmlinuz')),
    mount('loop: a third overlay', loopThird),
    mount('loop: the objects as an ordinary lower', oldRoot),
    read('loop: a file that lies in the image, with an ordinary lower', fileIn(oldRoot, 'usr/lib/os-release')),
    read('loop: an object by the ordinary lower', fileIn(oldRoot, 'usr/bin/sh')),
    mount("loop: a container's overlay on that", oldContainer),
    read('loop: an object by the ordinary lower, through both', fileIn(oldContainer, 'usr/bin/su')),
  ],
});
