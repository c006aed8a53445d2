import { scenario } from '../../harness/scenario.ts';
import type { Damage } from '../../harness/topology/builders.ts';
import { damageSteps } from '../erofs-damage.ts';

/** CRC-32C covers it all, so each but the first two has a checksum that is right. */
function field(name: Extract<Damage, { kind: 'superblock' }>['field'], value: number): Damage {
  return { kind: 'superblock', field: name, value };
}

export default scenario({
  name: 'erofs-damaged-superblock',
  shows: 'What each field of a damaged superblock is refused with, and what nobody looks at; then an intact image.',
  about: ['E18', 'E19', 'E20', 'E21', 'I1', 'I2', 'I3', 'I4', 'I10'],
  steps: damageSteps({
    magic: { damage: [field('magic', 0xdead_beef)], reads: [] },
    checksum: { damage: [{ kind: 'checksum' }], reads: [] },
    'no checksum wanted': {
      damage: [{ kind: 'checksum' }, field('feature_compat', 2)],
      reads: ['hurt'],
    },
    'blocks of 8192': { damage: [field('blkszbits', 13)], reads: [] },
    'blocks of 256': { damage: [field('blkszbits', 8)], reads: [] },
    'directory blocks': { damage: [field('dirblkbits', 1)], reads: [] },
    'slots that fill the block': { damage: [field('sb_extslots', 184)], reads: ['whole'] },
    'too many slots': { damage: [field('sb_extslots', 255)], reads: [] },
    'unknown incompatible feature': { damage: [field('feature_incompat', 0x8000_0000)], reads: [] },
    'unknown compatible feature': { damage: [field('feature_compat', 0x8000_0003)], reads: ['hurt'] },
    "the volume's name": { damage: [{ kind: 'volume-name' }], reads: ['whole'] },
    'a file for a root': { damage: [{ kind: 'root', of: 'whole' }], reads: [] },
  }),
});
