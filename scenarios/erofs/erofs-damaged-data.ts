import { scenario } from '../../harness/scenario.ts';
import { erofsImage, file, text, type Compression, type ErofsSpec } from '../../harness/topology/builders.ts';
import { damageSteps } from '../erofs-damage.ts';

/** Two files that are compressed, each in clusters of its own. */
function compressed(algorithm: Compression): ErofsSpec {
  return erofsImage(
    { hurt: file('hurt', 8000, { zeros: 0.75 }), whole: file('whole', 40_000) },
    { compression: { algorithm } },
  );
}

/** Its data come behind all inodes. */
const plain = erofsImage({ name: text('truncated\n'), hurt: file('cut off', 40_960, { zeros: 0 }) });

export default scenario({
  name: 'erofs-damaged-data',
  shows:
    'Data that do not decompress, and an image that ends too early: EIO for that file, and the others read. Plain data that are others are shown as they are.',
  about: ['I8', 'I9', 'I10'],
  steps: damageSteps({
    lz4: {
      image: compressed('lz4'),
      damage: [{ kind: 'clusters', of: 'hurt' }],
      reads: ['hurt', 'whole'],
      lists: true,
    },
    lzma: {
      image: compressed('lzma'),
      damage: [{ kind: 'clusters', of: 'hurt' }],
      reads: ['hurt', 'whole'],
      lists: true,
    },
    deflate: {
      image: compressed('deflate'),
      damage: [{ kind: 'clusters', of: 'hurt' }],
      reads: ['hurt', 'whole'],
      lists: true,
    },
    zstd: {
      image: compressed('zstd'),
      damage: [{ kind: 'clusters', of: 'hurt' }],
      reads: ['hurt', 'whole'],
      lists: true,
    },
    'a byte of plain data': {
      image: plain,
      damage: [
        { kind: 'data', of: 'name', at: 0, xor: 0x20 },
        { kind: 'data', of: 'hurt', at: 40_959, xor: 0xff },
      ],
      reads: ['name', 'hurt'],
      lists: true,
    },
    truncated: { image: plain, damage: [{ kind: 'truncated', before: 'hurt' }], reads: ['name', 'hurt'], lists: true },
  }),
});
