import { list, mount, read, scenario, write } from '../../harness/scenario.ts';
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
  symlink,
  text,
  whiteout,
  type ErofsSpec,
} from '../../harness/topology/builders.ts';

const base = erofsImage({
  etc: directory({ 'os-release': text('NAME=base\n'), motd: text('base\n'), 'old.conf': text('old\n') }),
  usr: directory({ 'base.bin': file('base-layer', 48 * 1024), share: directory({ doc: text('documentation\n') }) }),
});
/** What mkfs.erofs makes of an OCI layer's `.wh.` files with --aufs: devices 0:0, and an attribute for opaque ones. */
const tools = erofsImage({
  etc: directory({ motd: text('tools\n'), 'old.conf': whiteout({ mode: 0o644 }) }),
  usr: directory({
    'tool.bin': file('tool-layer', 64 * 1024, { mode: 0o755 }),
    share: directory({ info: text('of the tools\n') }, { xattrs: { 'trusted.overlay.opaque': 'y' } }),
  }),
});
const application = erofsImage(
  { srv: directory({ 'app.bin': file('application', 96 * 1024), current: symlink('app.bin') }) },
  { compression: { algorithm: 'lz4' } },
);
const images: readonly ErofsSpec[] = [application, tools, base];

/** A snapshot a layer, top first as in lowerdir=. */
const snapshots = disk('ext4', {
  snapshots: directory(
    Object.fromEntries(
      images.map((image, index) => [`${images.length - index}`, directory({ 'layer.erofs': imageFile(image) })]),
    ),
  ),
});
const blobs = images.map((_image, index) => fileIn(snapshots, `snapshots/${images.length - index}/layer.erofs`));
const [app, tool, root] = blobs.map((blob) => erofs(blob));
const layers = [app!, tool!, root!];
const view = overlay({ lower: layers });
const active = overlay({ lower: layers, upper: snapshots });
const onOne = overlay({ lower: root!, upper: snapshots });
const nested = overlay({ lower: active, upper: snapshots });

const loopLayers = blobs.map((blob) => erofs(loop(blob)));
const loopActive = overlay({ lower: loopLayers, upper: snapshots });
const loopNested = overlay({ lower: loopActive, upper: snapshots });

/** A second container's writable layer, on XFS. */
const scratch = disk('xfs', {});
const mixed = overlay({ lower: [app!, ...loopLayers.slice(1)], upper: scratch });

export default scenario({
  name: 'containerd-erofs-snapshotter',
  shows:
    "containerd's erofs snapshotter: an erofs a layer, mounted from the file or on a loop device, and an overlay of them all, read-only for a view and with an upper for a container. Whiteouts and opaque directories of a layer hide what lies below; nesting a container's root in another overlay is where counted kernels stop.",
  about: ['D2', 'D3', 'E7', 'E11', 'O1', 'T2', 'T3', 'containerd plugins/snapshots/erofs/erofs.go'],
  steps: [
    mount('base layer from the file', root!),
    mount('tools from the file', tool!),
    mount('application from the file', app!),
    mount('view: an overlay of three layers, read-only', view),
    list('what the view shows', view),
    mount('one layer and no upper', overlay({ lower: root! })),
    mount('container: an overlay with an upper', active),
    list('what the container shows', active),
    read('a file of the base layer', fileIn(active, 'usr/base.bin')),
    write('copy-up out of the tools', fileIn(active, 'etc/motd'), 'changed\n'),
    read('the copy', fileIn(active, 'etc/motd')),
    read('the layer keeps its own', fileIn(tool!, 'etc/motd')),
    mount('container of one layer', onOne),
    mount('an overlay on the container', nested),
    mount('loop: base layer', loopLayers[2]!),
    mount('loop: tools', loopLayers[1]!),
    mount('loop: application', loopLayers[0]!),
    mount('loop: container', loopActive),
    list('loop: what the container shows', loopActive),
    mount('loop: an overlay on the container', loopNested),
    read('loop: the application through both', fileIn(loopNested, 'srv/app.bin')),
    mount('layers from files and loop devices, upper on XFS', mixed),
    read('the application through that', fileIn(mixed, 'srv/app.bin')),
  ],
});
