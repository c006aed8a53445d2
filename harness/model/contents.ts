/** What the files of a mount graph hold, as reads and writes go on. */
import { isStacked, join, lookUp, topmostWith, type Mount } from '../topology/topology.ts';
import { dataOf, isMetacopy } from './metacopy.ts';
import type { Contents, Edit } from './prediction.ts';

/** The files that were written through each mount. */
export class Files {
  /** A mount's files, as a write left them: in a plain filesystem in place, in an overlay a copy in its upper. */
  readonly #written = new Map<Mount, Map<string, Contents>>();

  /** Undefined where nothing is known: there is no such file, or it is no plain one. */
  read(on: Mount, path: string): Contents | undefined {
    const written = this.#written.get(on)?.get(path);
    if (written !== undefined) return written;
    switch (on.kind) {
      case 'overlay': {
        // Data-only lowers are no part of the merged tree; only metacopy redirects lead there.
        const at = topmostWith(on, path);
        const lower = on.lowers[at];
        if (lower === undefined) return undefined;
        const found = lookUp(lower.on, join(lower.path, path));
        if (!isMetacopy(found) || isStacked(lower.on)) return this.read(lower.on, join(lower.path, path));
        const data = dataOf(on, at, path, found);
        return data === undefined ? undefined : this.read(data.on, data.path);
      }
      case 'fuse':
      case 'ecryptfs':
        return this.read(on.over.on, join(on.over.path, path));
      case 'bind':
        return this.read(on.of.on, join(on.of.path, path));
      case 'machine':
        return undefined;
      case 'disk':
      case 'tmpfs':
      case 'erofs': {
        const node = lookUp(on, path);
        return node?.kind === 'file' ? { base: node.content, edits: [] } : undefined;
      }
    }
    return on satisfies never;
  }

  /** Appends. What an overlay's lower holds stays as it is; what it gets later no longer shows through. */
  append(on: Mount, path: string, text: string): void {
    if (on.kind === 'bind') return this.append(on.of.on, join(on.of.path, path), text);
    if (on.kind === 'fuse' || on.kind === 'ecryptfs') return this.append(on.over.on, join(on.over.path, path), text);
    const before = this.read(on, path);
    if (before === undefined) return;
    const files = this.#written.get(on) ?? new Map<string, Contents>();
    files.set(path, edited(before, { kind: 'write', offset: sizeOf(before), text }));
    this.#written.set(on, files);
  }
}

/** In bytes. */
export function sizeOf({ base, edits }: Contents): number {
  const built = base.kind === 'text' ? Buffer.byteLength(base.text) : base.sizeBytes;
  return edits.reduce((size, edit) => {
    switch (edit.kind) {
      case 'write':
        return Math.max(size, edit.offset + Buffer.byteLength(edit.text));
      case 'zeros':
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
