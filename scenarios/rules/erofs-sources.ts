import { mount, read, scenario, type MountStep } from '../../harness/scenario.ts';
import {
  copyOf,
  directory,
  disk,
  erofs,
  fileIn,
  imageFile,
  loop,
  missingFile,
  overlay,
  tmpfs,
} from '../../harness/topology/builders.ts';
import type { ErofsMount } from '../../harness/topology/topology.ts';
import { osImage } from '../contents.ts';

const root = disk('xfs', {
  'os.erofs': imageFile(osImage),
  directory: directory({}),
  layer: directory({ 'os.erofs': imageFile(osImage) }),
});
const file = fileIn(root, 'os.erofs');
const memory = tmpfs();
const onTmpfs = copyOf(file, memory, 'os.erofs');
const first = overlay({ lower: { on: root, path: 'layer' }, upper: root });
const onOverlay = fileIn(first, 'os.erofs');
const described = erofs(file, { sourceAs: 'descriptor' });

/** The same mount by both APIs: what is said goes elsewhere. */
function byBoth(name: string, make: () => ErofsMount): readonly MountStep[] {
  return [mount(name, make()), mount(`${name}, through fsopen`, make(), { api: 'fsopen' })];
}

export default scenario({
  name: 'erofs-sources',
  shows:
    'What erofs may be mounted from: block devices, files where the kernel takes them and their pages can be read, a descriptor in the newest; and what each refusal says, by both APIs.',
  about: ['E0', 'E1', 'E3', 'E4', 'E5', 'E6', 'E7', 'E11', 'E29', 'V1', 'V2', 'CH2', 'CH3'],
  steps: [
    ...byBoth('a file', () => erofs(file)),
    ...byBoth('a loop device', () => erofs(loop(file))),
    ...byBoth('a path at which there is nothing', () => erofs(missingFile(root, 'nowhere.erofs'))),
    ...byBoth('a directory', () => erofs(fileIn(root, 'directory'))),
    ...byBoth('a file on tmpfs', () => erofs(onTmpfs)),
    mount('an overlay', first),
    ...byBoth('a file on the overlay', () => erofs(onOverlay)),
    mount('no source at all', erofs(file, { sourceAs: 'nothing' }), { api: 'fsopen' }),
    mount('a loop device, from a user namespace', erofs(loop(file)), { by: 'user-namespace' }),
    mount('a file, from a user namespace, through fsopen', erofs(file), { by: 'user-namespace', api: 'fsopen' }),
    mount('a descriptor of a file', described, { api: 'fsopen' }),
    mount('a descriptor of a file on tmpfs', erofs(onTmpfs, { sourceAs: 'descriptor' }), { api: 'fsopen' }),
    mount('a descriptor of a file on the overlay', erofs(onOverlay, { sourceAs: 'descriptor' }), { api: 'fsopen' }),
    read('contents through the descriptor', fileIn(described, 'data.bin')),
    ...byBoth('an option that came late', () => erofs(file, { directio: true })),
    ...byBoth('an option that came later', () => erofs(file, { fsoffset: 0 })),
    mount('an option that came late, and nothing there', erofs(missingFile(root, 'nowhere'), { fsoffset: 0 })),
    mount('a descriptor, and an option that came late', erofs(file, { sourceAs: 'descriptor', fsoffset: 0 }), {
      api: 'fsopen',
    }),
  ],
});
