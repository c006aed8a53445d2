import { list, mount, read, scenario, upper, write } from '../../harness/scenario.ts';
import { erofs, erofsDisk, fileIn, loop, overlay, tmpfs } from '../../harness/topology/builders.ts';
import { victims } from '../erofs-damage.ts';
import { nestedImage } from '../contents.ts';

const memory = tmpfs();
const verified = erofsDisk(nestedImage, undefined, { salt: 'fa7408' });
const first = overlay({ lower: verified, upper: memory });
const second = overlay({ lower: first, upper: memory });
const inner = erofs(fileIn(verified, 'inner.erofs'));
const onInner = overlay({ lower: inner, upper: memory });
const altered = erofsDisk(victims, undefined, { salt: '', damage: [{ kind: 'data', of: 'hurt', at: 5000, xor: 1 }] });
const onAltered = overlay({ lower: altered, upper: memory });
const onLoop = erofs(loop(fileIn(verified, 'inner.erofs')));

export default scenario({
  name: 'dm-verity',
  shows:
    'An erofs on dm-verity lies on a block device: depth 0, and a file-backed erofs in it is taken as one in an erofs on a disk is. A block that was changed is not read, nor is its file copied up.',
  about: ['D1', 'D3', 'E7', 'E11', 'I11'],
  steps: [
    read('contents of erofs on dm-verity', fileIn(verified, 'data.bin')),
    mount('overlay on it', first),
    read('contents through the overlay', fileIn(first, 'data.bin')),
    write('copy-up from dm-verity', fileIn(first, 'data.bin'), 'more\n'),
    read('contents after the copy-up', fileIn(first, 'data.bin')),
    mount('overlay on that', second),
    read('contents through both', fileIn(second, 'data.bin')),
    mount('a third overlay', overlay({ lower: second, upper: memory })),
    mount('file-backed erofs in it', inner),
    read('contents of the inner image', fileIn(inner, 'data.bin')),
    mount('overlay on the inner image', onInner),
    mount('erofs on a loop device in it', onLoop),
    read('contents through the loop device', fileIn(onLoop, 'data.bin')),
    read('a file with one bit changed', fileIn(altered, 'hurt')),
    read('a file beside it', fileIn(altered, 'whole')),
    mount('overlay on the changed image', onAltered),
    read('the changed file through the overlay', fileIn(onAltered, 'hurt')),
    write('copy-up of the changed file', fileIn(onAltered, 'hurt'), 'more\n'),
    upper('nothing of it is in the upper', onAltered),
    write('copy-up of the file beside it', fileIn(onAltered, 'whole'), 'more\n'),
    read('the file beside it, copied up', fileIn(onAltered, 'whole')),
    list('what is left', onAltered),
  ],
});
