import { mount, read, scenario, write } from '../../harness/scenario.ts';
import { directory, directoryIn, disk, file, fileIn, overlay, text, tmpfs } from '../../harness/topology/builders.ts';

/** The storage of containers/storage's overlay driver: a directory a layer, its files below `diff`. */
const layers = (entries: Parameters<typeof directory>[0]) => directory({ overlay: directory(entries) });
const layer = (entries: Parameters<typeof directory>[0]) => directory({ diff: directory(entries) });

const STORAGE = 'var/lib/containers/storage';
const toolLayer = layer({ etc: directory({ motd: text('inner\n') }), 'tool.bin': file('tool', 40 * 1024) });
const baseLayer = layer({
  etc: directory({ 'os-release': text('NAME=inner\n') }),
  'base.bin': file('base', 56 * 1024),
});

const host = disk('xfs', {
  storage: layers({
    /** An image that brings images: quay.io/podman/stable with an additional image store. */
    podman: layer({
      etc: directory({ 'os-release': text('NAME=outer\n') }),
      var: directory({
        lib: directory({
          containers: directory({ storage: layers({ base: baseLayer, tool: toolLayer }) }),
        }),
      }),
    }),
    config: layer({ etc: directory({ 'storage.conf': text('[storage]\ndriver = "overlay"\n') }) }),
  }),
});
/** What `podman run --volume …:/var/lib/containers` brings in: a disk, whatever the container's own root is. */
const volume = disk('ext4', { storage: layers({ base: baseLayer, tool: toolLayer }) });

const outer = overlay({
  lower: [directoryIn(host, 'storage/overlay/config/diff'), directoryIn(host, 'storage/overlay/podman/diff')],
  upper: host,
});
const innerLowers = ['tool', 'base'].map((name) => directoryIn(outer, `${STORAGE}/overlay/${name}/diff`));
const innerOnOuter = overlay({ lower: innerLowers, upper: outer });
const innerOnVolume = overlay({ lower: innerLowers, upper: volume });
const innerInMemory = overlay({ lower: innerLowers, upper: tmpfs() });
const innerView = overlay({ lower: innerLowers });
const innermost = overlay({ lower: innerOnVolume, upper: volume });

const allOnVolume = overlay({
  lower: ['tool', 'base'].map((name) => directoryIn(volume, `storage/overlay/${name}/diff`)),
  upper: volume,
});
const third = overlay({ lower: allOnVolume, upper: volume });

export default scenario({
  name: 'podman-in-podman',
  shows:
    "Containers in a container: the inner storage's layers are directories of the outer overlay, which no overlay takes as its upper; a volume or tmpfs as upper is the way out and makes a depth of 2, a third level is refused, and storage that lies on the volume altogether starts again at 1.",
  about: ['O9', 'D2', 'D3', 'containers/podman#22832'],
  steps: [
    mount("the outer container's root", outer),
    read('a file of the outer root', fileIn(outer, 'etc/os-release')),
    mount('inner container, upper on the outer root', innerOnOuter),
    mount('the same through fsopen', overlay({ lower: innerLowers, upper: outer }), { api: 'fsopen' }),
    mount('inner container, upper on a volume', innerOnVolume),
    read('contents of its top layer', fileIn(innerOnVolume, 'tool.bin')),
    read('contents of its base layer', fileIn(innerOnVolume, 'base.bin')),
    write('copy-up in the inner container', fileIn(innerOnVolume, 'etc/os-release'), 'VARIANT=changed\n'),
    read('contents after the copy-up', fileIn(innerOnVolume, 'etc/os-release')),
    read('the layer in the outer root is unchanged', fileIn(outer, `${STORAGE}/overlay/base/diff/etc/os-release`)),
    mount('inner container, upper in memory', innerInMemory),
    read('contents with the upper in memory', fileIn(innerInMemory, 'tool.bin')),
    mount('inner image, read-only', innerView),
    read('contents of the read-only view', fileIn(innerView, 'etc/os-release')),
    mount('a container in the inner container', innermost),
    mount('all of the inner storage on the volume', allOnVolume),
    mount('a container in that', third),
    read('contents through both on the volume', fileIn(third, 'base.bin')),
  ],
});
