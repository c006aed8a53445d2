import { mount, read, scenario, write } from '../../harness/scenario.ts';
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
  tmpfs,
} from '../../harness/topology/builders.ts';
import { datadirPlus, lowerdir, lowerdirPlus, option, writtenOverlay } from '../../harness/topology/written-overlay.ts';
import { deployment } from '../contents.ts';

const image = composefsImage(deployment);
/** /sysroot of a system that bootc has installed with composefs: a repository, and the state of the deployment. */
const sysroot = disk('ext4', {
  composefs: directory({ objects: composefsObjects(image), images: directory({ deployment: imageFile(image) }) }),
});
const objects = directoryIn(sysroot, 'composefs/objects');
const cfs = fileIn(sysroot, 'composefs/images/deployment');
const byContext = { api: 'fsopen' } as const;
const following = [option('metacopy', 'on'), option('redirect_dir', 'on')] as const;

const metadata = erofs(cfs);
const root = writtenOverlay(...following, lowerdirPlus(metadata, 'descriptor'), datadirPlus(objects, 'descriptor'));
const etc = overlay({ lower: directoryIn(root, 'etc'), upper: sysroot });
const usr = overlay({ lower: directoryIn(root, 'usr'), upper: tmpfs() });
const third = overlay({ lower: usr, upper: sysroot });
const byPath = writtenOverlay(...following, lowerdirPlus(metadata), datadirPlus(objects));

/** Objects that were never sealed: what `verity=require` is there to refuse. */
const sealed = writtenOverlay(
  ...following,
  option('verity', 'require'),
  lowerdirPlus(metadata, 'descriptor'),
  datadirPlus(objects, 'descriptor'),
);
const onSealed = overlay({ lower: sealed, upper: sysroot });

/** The same where layers are named in lowerdir alone, before 6.13. */
const sealedByPath = writtenOverlay(...following, option('verity', 'require'), lowerdir(metadata, '::', objects));

/** composefs-rs built for RHEL 9 attaches a loop device and says `lowerdir=…::…`. */
const loopMetadata = erofs(loop(cfs, { directIo: true }));
const loopRoot = overlay({ lower: loopMetadata, dataOnly: [objects], metacopy: 'on', redirect_dir: 'on' });
const loopEtc = overlay({ lower: directoryIn(loopRoot, 'etc'), upper: sysroot });
const loopUsr = overlay({ lower: directoryIn(loopRoot, 'usr'), upper: tmpfs() });

export default scenario({
  name: 'bootc-composefs',
  shows:
    "A bootc system on composefs as composefs-rs mounts it, layers as descriptors or as paths through fsopen: the overlay for /etc and that of `bootc usroverlay` stand on the root's, so that kernels that count file-backed erofs refuse them and the system does not boot; on a loop device it does.",
  about: [
    'D2',
    'D3',
    'D10',
    'E7',
    'E11',
    'O40',
    'O42',
    'C2',
    'bootc#1882',
    'composefs-rs crates/composefs/src/mount.rs',
  ],
  steps: [
    mount('composefs image from the file', metadata, byContext),
    mount('root: lowerdir+ and datadir+ as descriptors', root, byContext),
    read('an object through the root', fileIn(root, 'usr/lib/modules/vmlinuz')),
    mount('overlay for /etc', etc),
    read('a file of /etc', fileIn(etc, 'hostname')),
    write('/etc is changed', fileIn(etc, 'hostname'), 'changed\n'),
    read('/etc as changed', fileIn(etc, 'hostname')),
    read('the image keeps its own', fileIn(root, 'etc/hostname')),
    mount('bootc usroverlay: upper in memory', usr),
    read('an object of /usr through both', fileIn(usr, 'bin/sh')),
    write('copy-up of a program into memory', fileIn(usr, 'bin/sh'), 'changed'),
    read('the changed program', fileIn(usr, 'bin/sh')),
    mount('a third overlay', third),
    mount('root: lowerdir+ and datadir+ as paths', byPath, byContext),
    read('an object through it', fileIn(byPath, 'usr/bin/su')),
    mount('root with verity=require', sealed, byContext),
    read('a file that lies in the image, with verity=require', fileIn(sealed, 'etc/hostname')),
    read('an object without fs-verity', fileIn(sealed, 'usr/bin/sh')),
    mount('root with verity=require by lowerdir=', sealedByPath),
    read('an object without fs-verity through that', fileIn(sealedByPath, 'usr/bin/sh')),
    mount("a container's overlay on it", onSealed),
    write('copy-up of an object without fs-verity', fileIn(onSealed, 'usr/bin/sh'), 'changed'),
    mount('loop: composefs image', loopMetadata, byContext),
    mount('loop: root with data-only lower', loopRoot, byContext),
    read('loop: an object through the root', fileIn(loopRoot, 'usr/bin/sh')),
    mount('loop: overlay for /etc', loopEtc),
    mount('loop: bootc usroverlay', loopUsr),
    read('loop: an object of /usr through both', fileIn(loopUsr, 'bin/sh')),
  ],
});
