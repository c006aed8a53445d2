import { scenario } from '../../harness/scenario.ts';
import { layoutSteps } from '../erofs-layouts.ts';

export default scenario({
  name: 'erofs-newer-layouts',
  shows:
    'Layouts of erofs-utils 1.9: small blocks, long prefixes of attributes, 48-bit block addresses, compressed metadata.',
  about: ['E19', 'E20', 'E21', 'E31'],
  steps: layoutSteps({
    'blocks of 512': { blockBytes: 512 },
    'blocks of 1024, lz4': { blockBytes: 1024, compression: { algorithm: 'lz4' }, reads: ['data', 'noise', 'tail'] },
    'blocks of 2048': { blockBytes: 2048 },
    'attribute prefixes': { xattrPrefixes: ['user.long.beginning.of.a.name.', 'security.la'] },
    '48-bit': { features: ['48bit'] },
    '48-bit, zstd': { features: ['48bit'], compression: { algorithm: 'zstd', pclusterBytes: 16384 } },
    'compressed metadata': { compression: { algorithm: 'lz4' }, metadataPclusterBytes: 4096 },
  }),
});
