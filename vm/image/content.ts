/**
 * Contents made from a seed: byte i of a file follows from its seed and i alone, on every machine, for ever (golden
 * digests in the tests hold it so). A shorter file with the same seed and zeros is the beginning of a longer one.
 *
 * The stream is the AES-128-CTR keystream of sha256(seed)'s first 16 bytes, counter from 0. At the end of each 4 KiB
 * block a share is zeros instead, so that compression has something to do.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileContent } from './spec.ts';

export interface ContentDigest {
  /** Hexadecimal, 64 digits. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** The whole contents, in memory. `piecesOf` for large ones. */
export function contentOf(content: FileContent): Buffer {
  return Buffer.concat([...piecesOf(content)]);
}

/** What a reader of the file must have seen. Costs about 1 ms a MB: it makes the bytes and hashes them. */
export function digestOf(content: FileContent): ContentDigest {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for (const piece of piecesOf(content)) {
    hash.update(piece);
    sizeBytes += piece.length;
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}

/** Writes a new file. Throws the signal's reason on abort and leaves what was written to the owner of the directory. */
export async function writeContent(file: string, content: FileContent, signal: AbortSignal): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    for (const piece of piecesOf(content)) {
      signal.throwIfAborted();
      await handle.writeFile(piece);
    }
  } finally {
    await handle.close();
  }
}

const BLOCK_BYTES = 4096;
/** A multiple of the block, so that every piece begins a block. */
const PIECE_BYTES = 256 * BLOCK_BYTES;
const DEFAULT_ZEROS = 0.5;

function* piecesOf(content: FileContent): Generator<Buffer> {
  if (content.kind === 'text') {
    yield Buffer.from(content.text, 'utf8');
    return;
  }
  const { seed, sizeBytes, zeros = DEFAULT_ZEROS } = content;
  const key = createHash('sha256').update(seed, 'utf8').digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const keptBytes = BLOCK_BYTES - Math.round(BLOCK_BYTES * zeros);
  for (let left = sizeBytes; left > 0; left -= PIECE_BYTES) {
    const piece = cipher.update(Buffer.alloc(Math.min(left, PIECE_BYTES)));
    for (let block = 0; block + keptBytes < piece.length; block += BLOCK_BYTES) {
      piece.fill(0, block + keptBytes, Math.min(block + BLOCK_BYTES, piece.length));
    }
    yield piece;
  }
}
