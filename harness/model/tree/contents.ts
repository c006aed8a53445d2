/** A file's bytes as what was done to them: how many there are, and one more edit. */
import type { Contents, Edit } from '../prediction.ts';

/** In bytes. */
export function sizeOf({ base, edits }: Contents): number {
  const built = base.kind === 'text' ? Buffer.byteLength(base.text) : base.sizeBytes;
  return edits.reduce((size, edit) => {
    switch (edit.kind) {
      case 'write':
        return Math.max(size, edit.offset + Buffer.byteLength(edit.text));
      case 'zeros':
      case 'xor':
        return size;
      case 'resize':
        return edit.sizeBytes;
    }
    return edit satisfies never;
  }, built);
}

export function edited({ base, edits }: Contents, edit: Edit): Contents {
  return { base, edits: [...edits, edit] };
}
