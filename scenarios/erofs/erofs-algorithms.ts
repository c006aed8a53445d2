import { scenario } from '../../harness/scenario.ts';
import { layoutSteps } from '../erofs-layouts.ts';

export default scenario({
  name: 'erofs-algorithms',
  shows: 'Images compressed with lzma, deflate and zstd, in single and in big clusters; kernels without them say so.',
  about: ['E21', 'E22'],
  steps: layoutSteps({
    lzma: { compression: { algorithm: 'lzma' } },
    'lzma, big clusters': { compression: { algorithm: 'lzma', level: 6, pclusterBytes: 65536 } },
    deflate: { compression: { algorithm: 'deflate', level: 9 } },
    'deflate, big clusters': { compression: { algorithm: 'deflate', pclusterBytes: 65536 } },
    zstd: { compression: { algorithm: 'zstd' } },
    'zstd, big clusters': { compression: { algorithm: 'zstd', level: 15, pclusterBytes: 65536 } },
  }),
});
