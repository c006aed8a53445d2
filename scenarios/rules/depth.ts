import { look, mount, read, scenario, write } from '../../harness/scenario.ts';
import {
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
import { osImage } from '../contents.ts';

const root = disk('xfs', { 'os.erofs': imageFile(osImage), layer: directory({}) });
const memory = tmpfs();
const os = erofs(loop(fileIn(root, 'os.erofs')));
const first = overlay({ lower: os, upper: root });
const second = overlay({ lower: first, upper: root });
const third = overlay({ lower: second, upper: { on: root, workdir: 'third' } });
const withoutUpper = overlay({ lower: [second, memory] });
const dataOnly = overlay({ lower: os, dataOnly: [second], upper: root, metacopy: 'on' });
const deepAndApart = overlay({ lower: second, upper: { on: root, workOn: memory, workdir: 'apart' } });
const deepAndTwice = overlay({ lower: [second, second], upper: root });

export default scenario({
  name: 'depth',
  shows:
    'Two overlays on erofs on a loop device are as deep as it goes. A third is refused, by both APIs, with its workdir set up; and which rule speaks where two apply.',
  about: ['D1', 'D2', 'D3', 'D4', 'D10', 'CH1', 'O1', 'O7', 'O33', 'W1'],
  steps: [
    mount('tmpfs', memory),
    mount('erofs on a loop device', os),
    mount('overlay on it', first),
    mount('overlay on two directories of the disk', overlay({ lower: [directoryIn(root, 'layer'), memory] })),
    mount('overlay on the overlay', second),
    read('contents through both', fileIn(second, 'data.bin')),
    mount('a third overlay', third),
    look('what it left in its workdir', directoryIn(root, 'third'), 'work'),
    mount('a third overlay, through fsopen', overlay({ lower: second, upper: root }), { api: 'fsopen' }),
    mount('a third overlay without an upper', withoutUpper),
    mount('an overlay whose data-only lower is that deep', dataOnly),
    write('a write through erofs', fileIn(os, 'os-release'), 'more'),
    write('a write through two overlays', fileIn(second, 'os-release'), 'more'),
    mount('too deep, and one lower alone', overlay({ lower: second })),
    mount('too deep, and a workdir elsewhere', deepAndApart),
    look('what that left in its workdir', directoryIn(memory, 'apart'), 'work'),
    mount('too deep, and one directory twice', deepAndTwice),
  ],
});
