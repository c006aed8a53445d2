import { mount, read, scenario, write } from '../../harness/scenario.ts';
import {
  directory,
  disk,
  erofs,
  erofsDisk,
  erofsImage,
  file,
  fileIn,
  imageFile,
  loop,
  overlay,
  text,
} from '../../harness/topology/builders.ts';

const payload = erofsImage({
  'apex_manifest.pb': text('com.android.tzdata\n'),
  etc: directory({ tzdata: file('tzdata', 48 * 1024) }),
});
const systemImage = erofsImage(
  {
    'build.prop': text('ro.product.name=fathom\n'),
    apex: directory({ 'com.android.tzdata.img': imageFile(payload) }),
  },
  { compression: { algorithm: 'lz4' } },
);
const IMAGE = 'apex/com.android.tzdata.img';

/** What /data is to Android: updated system images, and what `adb remount` writes. */
const data = disk('ext4', { 'system.img': imageFile(systemImage) });

const system = erofsDisk(systemImage, undefined, { salt: 'ab'.repeat(32) });
const onLoop = erofs(loop(fileIn(system, IMAGE)));
const fromFile = erofs(fileIn(system, IMAGE));
const first = overlay({ lower: fromFile, upper: data });
const second = overlay({ lower: first, upper: data });

const loopSystem = erofs(loop(fileIn(data, 'system.img')));
const inLoopSystem = erofs(fileIn(loopSystem, IMAGE));

const fileSystem = erofs(fileIn(data, 'system.img'));
const inFileSystem = erofs(fileIn(fileSystem, IMAGE));
const onInFileSystem = overlay({ lower: inFileSystem, upper: data });
const loopInFileSystem = erofs(loop(fileIn(fileSystem, IMAGE)));

const remounted = overlay({ lower: system, upper: data });

export default scenario({
  name: 'android-apex',
  shows:
    "Android's modules: an erofs payload within /system, itself an erofs behind dm-verity, on a loop device as apexd mounts it and straight from the file as some vendors do, the case for which 7893cc12251f mended 072a7c7cdbea; the same with /system on a loop device or from a file; and the overlays of adb remount.",
  about: ['E7', 'E9', 'E10', 'E11', 'D3', 'D10', '7893cc12251f'],
  steps: [
    mount('/system behind dm-verity', system),
    mount('module on a loop device in it', onLoop),
    read('contents of the module on a loop device', fileIn(onLoop, 'etc/tzdata')),
    mount('module from the file', fromFile),
    read('contents of the module from the file', fileIn(fromFile, 'etc/tzdata')),
    mount('overlay on it', first),
    mount('overlay on that', second),
    read('contents through both overlays', fileIn(second, 'etc/tzdata')),
    mount('/system on a loop device', loopSystem),
    mount('file-backed erofs in it', inLoopSystem),
    mount('/system from a file', fileSystem),
    mount('module from the file in that', inFileSystem),
    mount('overlay on the module in that', onInFileSystem),
    mount('module on a loop device in that', loopInFileSystem),
    read('contents through loop in file', fileIn(loopInFileSystem, 'etc/tzdata')),
    mount('adb remount: overlay on /system', remounted),
    write('adb remount: a property is changed', fileIn(remounted, 'build.prop'), 'ro.debuggable=1\n'),
    read('adb remount: the property', fileIn(remounted, 'build.prop')),
    read('/system below is unchanged', fileIn(system, 'build.prop')),
  ],
});
