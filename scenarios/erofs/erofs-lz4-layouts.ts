import { scenario } from '../../harness/scenario.ts';
import { layoutSteps } from '../erofs-layouts.ts';

export default scenario({
  name: 'erofs-lz4-layouts',
  shows: 'Images compressed with lz4 in every way that mkfs.erofs 1.5 knows; kernels without the feature say so.',
  about: ['E21', 'E32'],
  steps: layoutSteps({
    lz4: { compression: { algorithm: 'lz4' } },
    'lz4hc 12': { compression: { algorithm: 'lz4hc', level: 12 } },
    'big clusters': { compression: { algorithm: 'lz4', pclusterBytes: 65536 } },
    'tail packing': { compression: { algorithm: 'lz4' }, features: ['ztailpacking'] },
    legacy: { compression: { algorithm: 'lz4' }, features: ['legacy-compress'], reads: ['data', 'noise', 'tail'] },
    'extended inodes': { compression: { algorithm: 'lz4' }, features: ['force-inode-extended'] },
  }),
});
