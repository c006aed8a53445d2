import { scenario } from '../../harness/scenario.ts';
import { layoutSteps } from '../erofs-layouts.ts';

export default scenario({
  name: 'erofs-packed-layouts',
  shows:
    'Images whose data are shared or packed together: fragments, all fragments, dedupe, and both with tail packing.',
  about: ['E21'],
  steps: layoutSteps({
    fragments: { compression: { algorithm: 'lz4' }, features: ['fragments'] },
    'all fragments': { compression: { algorithm: 'lz4' }, features: ['all-fragments'] },
    dedupe: { compression: { algorithm: 'lz4', pclusterBytes: 16384 }, features: ['dedupe'] },
    'all at once': {
      compression: { algorithm: 'lz4hc', pclusterBytes: 16384 },
      features: ['ztailpacking', 'fragments', 'dedupe'],
    },
  }),
});
