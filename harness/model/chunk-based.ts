/** C1: composefs images on kernels that know no chunk-based files. */
import { imageOf, isStacked, join, lookUp, topmostWith, type Mount } from '../topology/topology.ts';
import type { Behaviours } from './behaviour.ts';
import { INCOMPAT } from './erofs-history.ts';
import { isMetacopy } from './metacopy.ts';
import { logged, type Refusal } from './rules/rule.ts';

/**
 * The refusal of a file that a mount shows out of a composefs image; undefined where there is none. Asked each time it
 * is looked up, so that the message is owed the first time only. fs/erofs/inode.c:erofs_read_inode
 */
export function refusedObject(on: Mount, path: string, behaviours: Behaviours): Refusal | undefined {
  if ((behaviours.erofsIncompat & INCOMPAT.chunkedFile) !== 0) return undefined;
  if (!isInComposefs(on, path)) return undefined;
  return {
    rule: 'C1',
    errno: 'EOPNOTSUPP',
    messages: [
      logged('C1', /^erofs: \(device [^)]+\): erofs_read_inode: unsupported datalayout 4 of nid \d+$/, 'possible'),
    ],
    why: `composefs made ${path} chunk-based, and this kernel knows no such files`,
  };
}

function isInComposefs(on: Mount, path: string): boolean {
  if (on.kind === 'overlay') {
    const lower = on.lowers[topmostWith(on, path)];
    return lower !== undefined && isInComposefs(lower.on, join(lower.path, path));
  }
  if (isStacked(on) || on.kind !== 'erofs' || imageOf(on)?.kind !== 'composefs') return false;
  return isMetacopy(lookUp(on, path));
}
