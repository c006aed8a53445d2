import { scenario } from '../../harness/scenario.ts';
import { layoutSteps } from '../erofs-layouts.ts';

export default scenario({
  name: 'erofs-plain-layouts',
  shows:
    'Images that are not compressed: with and without tails in the inode, compact and extended inodes, chunks of one block and of many, without a checksum.',
  about: ['E1', 'E21'],
  steps: layoutSteps({
    plain: {},
    'no inline data': { features: ['noinline_data'] },
    'extended inodes': { features: ['force-inode-extended'] },
    'chunks of 4096': { chunkBytes: 4096 },
    'chunks of 65536': { chunkBytes: 65536 },
    'no checksum': { features: ['nosbcrc'] },
  }),
});
