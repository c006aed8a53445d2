/** SHA-256 of what a read must return. */
import { createHash } from 'node:crypto';
import { contentOf } from '../../vm/image/content.ts';
import type { Digest } from '../judge/judge.ts';
import type { Contents } from '../model/prediction.ts';

export const digest: Digest = (contents) => createHash('sha256').update(bytesOf(contents)).digest('hex');

/** The bytes themselves. */
export function bytesOf({ base, edits }: Contents): Buffer {
  let bytes = contentOf(base);
  const resize = (size: number) => {
    if (size !== bytes.length) bytes = Buffer.concat([bytes], size);
  };
  for (const edit of edits) {
    switch (edit.kind) {
      case 'write': {
        const text = Buffer.from(edit.text, 'utf8');
        resize(Math.max(bytes.length, edit.offset + text.length));
        text.copy(bytes, edit.offset);
        break;
      }
      case 'zeros':
        bytes.fill(0, Math.min(edit.offset, bytes.length), Math.min(edit.offset + edit.length, bytes.length));
        break;
      case 'xor':
        if (edit.offset < bytes.length) bytes[edit.offset]! ^= edit.xor;
        break;
      case 'resize':
        resize(edit.sizeBytes);
    }
  }
  return bytes;
}
