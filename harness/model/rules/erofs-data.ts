/** What a kernel makes of compressed data that mount well, and that it does not read. */
import type { ErofsSpec, FileContent } from '../../../vm/machine.ts';
import type { Behaviours } from '../behaviour.ts';
import { erofsError, refuse } from './erofs-facts.ts';
import type { RuleId } from './registry.ts';
import type { Refusal } from './rule.ts';

const BLOCK_BYTES = 4096;

/**
 * What files come to whose data are compressed in such an image; undefined where they are read.
 *
 * E31: compressed files in blocks smaller than a page; looking one up fails, silently. inode.c:erofs_fill_inode (6.1)
 * E32: lz4 streams that begin a block instead of ending it: the zeros behind them are taken for a part.
 * decompressor.c:z_erofs_lz4_decompress_mem, which up to 6.19 asks for ZERO_PADDING.
 */
export function readCompressed(
  { compression, blockBytes = BLOCK_BYTES, features = [] }: ErofsSpec,
  behaviours: Behaviours,
): Refusal | undefined {
  if (compression === undefined) return undefined;
  if (blockBytes < behaviours.pageBytes && !behaviours.erofsSubpageCompression)
    return refuse('E31', 'EOPNOTSUPP', `a compressed file in blocks of ${blockBytes} bytes`, []);
  if (features.includes('legacy-compress') && behaviours.erofsLegacyLz4 === 'fails')
    return refuse('E32', behaviours.erofsDecompressErrno, 'lz4 without zero padding is no longer read', [
      erofsError('E32', behaviours, 'failed to decompress .+'),
      erofsError('E32', behaviours, 'read error -117 @ \\d+ of nid \\d+'),
    ]);
  return undefined;
}

/** Which of these rules, I8 and I9 a read that succeeds would meet if blocks, padding or data were others. */
export function sparedByReading(image: ErofsSpec, content: FileContent): readonly RuleId[] {
  const { compression, features = [] } = image;
  if (compression === undefined || !compresses(content)) return storedAs(image, content) === 'plain' ? ['I9'] : [];
  const isPadded = compression.algorithm.startsWith('lz4') && !features.includes('legacy-compress');
  return isPadded ? ['I8', 'E31', 'E32'] : ['I8', 'E31'];
}

/** How mkfs.erofs has stored a file's data; whether data of middling kind are worth it, it finds out itself. */
export function storedAs(image: ErofsSpec, content: FileContent): 'plain' | 'compressed' | 'either way' {
  if (image.compression === undefined || isNoise(content) || fillsNoBlock(image, content)) return 'plain';
  return compresses(content) ? 'compressed' : 'either way';
}

function isNoise(content: FileContent): boolean {
  return content.kind === 'seeded' && content.zeros === 0;
}

/** A compressed file takes a block too, unless it is packed together with others. */
function fillsNoBlock({ blockBytes = BLOCK_BYTES, features = [] }: ErofsSpec, content: FileContent): boolean {
  const sizeBytes = content.kind === 'text' ? Buffer.byteLength(content.text) : content.sizeBytes;
  return sizeBytes <= blockBytes && !PACKING.some((feature) => features.includes(feature));
}

const PACKING = ['ztailpacking', 'fragments', 'all-fragments', 'dedupe'] as const;

/** Whether mkfs.erofs has stored it compressed: certain of seeded bytes of which a good part are zeros. */
function compresses(content: FileContent): boolean {
  return content.kind === 'seeded' && content.sizeBytes > 4 * BLOCK_BYTES && (content.zeros ?? 0.5) >= 0.5;
}
