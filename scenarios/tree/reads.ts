import { changes, mount, scenario, type Step } from '../../harness/scenario.ts';
import {
  disk,
  erofs,
  erofsImage,
  file,
  fileIn,
  imageFile,
  loop,
  overlay,
  tmpfs,
} from '../../harness/topology/builders.ts';
import * as to from '../../harness/topology/changes.ts';
import { readsByAll } from '../../harness/topology/reads.ts';
import { selfPrinting } from '../../harness/topology/self-printing.ts';
import type { Mount } from '../../harness/topology/topology.ts';

const contents = { 'data.bin': file('reads', 300_001), program: selfPrinting };
const root = disk('xfs', {
  ...contents,
  'plain.erofs': imageFile(erofsImage(contents)),
  'lz4.erofs': imageFile(erofsImage(contents, { compression: { algorithm: 'lz4' } })),
});
const byFile = erofs(fileIn(root, 'plain.erofs'));
const byLoop = erofs(loop(fileIn(root, 'plain.erofs')));
const compressed = erofs(fileIn(root, 'lz4.erofs'));
const compressedByLoop = erofs(loop(fileIn(root, 'lz4.erofs')));
const overFile = overlay({ lower: byFile, upper: root });
const overLoop = overlay({ lower: byLoop, upper: root });
const twice = overlay({ lower: overLoop, upper: root });
const copiedUp = overlay({ lower: compressedByLoop, upper: tmpfs() });

const by = (name: string, on: Mount): readonly Step[] => [
  mount(name, on),
  ...readsByAll(name, fileIn(on, 'data.bin'), fileIn(on, 'program')),
];

export default scenario({
  name: 'reads',
  shows:
    'Every way of reading gives the same bytes, through a file or a loop device and through overlays, or is refused.',
  about: ['R1'],
  steps: [
    ...readsByAll('xfs', fileIn(root, 'data.bin'), fileIn(root, 'program')),
    ...by('loop', byLoop),
    ...by('lz4 on loop', compressedByLoop),
    ...by('file', byFile),
    ...by('lz4 file', compressed),
    ...by('overlay on loop', overLoop),
    ...by('overlay on that', twice),
    ...by('overlay on a file', overFile),
    mount('overlay with tmpfs', copiedUp),
    ...changes('copy up', copiedUp, to.openWrite('data.bin'), to.openWrite('program')),
    ...readsByAll('copied up', fileIn(copiedUp, 'data.bin'), fileIn(copiedUp, 'program')),
  ],
});
