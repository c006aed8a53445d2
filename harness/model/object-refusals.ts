/** C1 to C4: objects of a composefs image that the kernel does not give, though the mounts are there. */
import type { FileContent, XattrValue } from '../../vm/machine.ts';
import {
  fsverityDigest,
  imageOf,
  isStacked,
  join,
  lookUp,
  topmostWith,
  type ErofsMount,
  type Mount,
  type OverlayMount,
} from '../topology/topology.ts';
import type { Behaviours } from './behaviour.ts';
import { INCOMPAT } from './erofs-history.ts';
import { isMetacopy } from './metacopy.ts';
import { logged, type Refusal } from './rules/rule.ts';

/** Which files fs-verity has sealed. */
export interface Seals {
  isSealed(on: Mount, path: string): boolean;
}

/** The refusal of a file when it is opened; undefined where there is none. The lowest mount speaks first. */
export function refusedObject(on: Mount, path: string, behaviours: Behaviours, seals: Seals): Refusal | undefined {
  if (on.kind === 'erofs') return unknownLayout(on, path, behaviours);
  if (on.kind !== 'overlay') return undefined;
  const at = topmostWith(on, path);
  const lower = on.lowers[at];
  if (lower === undefined) return undefined;
  return refusedObject(lower.on, join(lower.path, path), behaviours, seals) ?? unverified(on, at, path, seals);
}

/** C1: fs/erofs/inode.c:erofs_read_inode. Said at each lookup that reaches erofs, and overlays remember some. */
function unknownLayout(on: ErofsMount, path: string, { erofsIncompat }: Behaviours): Refusal | undefined {
  if ((erofsIncompat & INCOMPAT.chunkedFile) !== 0 || imageOf(on)?.kind !== 'composefs') return undefined;
  if (!isMetacopy(lookUp(on, path))) return undefined;
  return {
    rule: 'C1',
    errno: 'EOPNOTSUPP',
    messages: [
      logged('C1', /^erofs: \(device [^)]+\): erofs_read_inode: unsupported datalayout 4 of nid \d+$/, 'possible'),
    ],
    why: `composefs made ${path} chunk-based, and this kernel knows no such files`,
  };
}

/** C2 to C4: fs/overlayfs/namei.c:ovl_maybe_validate_verity, util.c:ovl_validate_verity. */
function unverified(overlay: OverlayMount, at: number, path: string, seals: Seals): Refusal | undefined {
  const verity = verityOf(overlay);
  const lower = overlay.lowers[at];
  if (lower === undefined || verity === 'off' || isStacked(lower.on)) return undefined;
  const node = lookUp(lower.on, join(lower.path, path));
  if (!isMetacopy(node)) return undefined;
  const refuse = (rule: 'C2' | 'C3' | 'C4', pattern: RegExp, why: string): Refusal => ({
    rule,
    errno: 'EIO',
    messages: [logged(rule, pattern)],
    why,
  });
  const metacopy = node.xattrs?.['trusted.overlay.metacopy'];
  if (metacopy === '')
    return verity === 'require'
      ? refuse(
          'C3',
          /^overlayfs: metacopy file '.*' has no digest specified$/,
          `verity=require, and the image has no digest of ${path}`,
        )
      : undefined;
  const redirect = node.xattrs?.['trusted.overlay.redirect'];
  const object = typeof redirect === 'string' ? redirect : `/${path}`;
  const found = [...overlay.dataOnly, ...overlay.lowers.slice(at + 1)]
    .map((layer) => ({ on: layer.on, path: join(layer.path, object.replace(/^\//, '')) }))
    .map((place) => ({ ...place, node: lookUp(place.on, place.path) }))
    .find((place) => place.node !== undefined);
  if (found !== undefined && seals.isSealed(found.on, found.path))
    return found.node?.kind === 'file' && hasDigest(metacopy, found.node.content)
      ? undefined
      : refuse(
          'C4',
          /^overlayfs: lower file '.*' has the wrong fs-verity digest$/,
          `verity=${verity}, and the digest of the object ${object} is not the one that the image has of ${path}`,
        );
  return refuse(
    'C2',
    /^overlayfs: lower file '.*' has no fs-verity digest$/,
    `verity=${verity}, and the object ${object} of ${path} has no fs-verity`,
  );
}

/** `struct ovl_metacopy` of 4 bytes, and behind it the digest. fs/overlayfs/overlayfs.h */
function hasDigest(metacopy: XattrValue | undefined, content: FileContent): boolean {
  return typeof metacopy === 'object' && metacopy.hex.slice(8) === fsverityDigest(content);
}

function verityOf({ parameters = [] }: OverlayMount): 'off' | 'on' | 'require' {
  const value = parameters.findLast((parameter) => parameter.kind === 'option' && parameter.key === 'verity');
  return value?.kind === 'option' && (value.value === 'on' || value.value === 'require') ? value.value : 'off';
}
