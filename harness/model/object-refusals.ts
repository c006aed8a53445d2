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
import { logged, type Refusal, type RuleId } from './rules/rule.ts';

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
function unknownLayout(on: ErofsMount, path: string, behaviours: Behaviours): Refusal | undefined {
  if (knowsObjects(on, behaviours) || !isMetacopy(lookUp(on, path))) return undefined;
  return {
    rule: 'C1',
    errno: 'EOPNOTSUPP',
    messages: [
      logged('C1', /^erofs: \(device [^)]+\): erofs_read_inode: unsupported datalayout 4 of nid \d+$/, 'possible'),
    ],
    why: `composefs made ${path} chunk-based, and this kernel knows no such files`,
  };
}

function knowsObjects(on: ErofsMount, { erofsIncompat }: Behaviours): boolean {
  return (erofsIncompat & INCOMPAT.chunkedFile) !== 0 || imageOf(on)?.kind !== 'composefs';
}

/** What an overlay with verity makes of a file whose data lie in an object. */
interface Verification {
  readonly verity: 'on' | 'require';
  readonly object: string;
  /** `undigested`: the image has no digest of it; else what fs-verity has of the object. */
  readonly found: 'undigested' | 'unsealed' | 'another' | 'same';
}

/** fs/overlayfs/namei.c:ovl_maybe_validate_verity, util.c:ovl_validate_verity */
function verify(overlay: OverlayMount, at: number, path: string, seals: Seals): Verification | undefined {
  const verity = verityOf(overlay);
  const lower = overlay.lowers[at];
  if (lower === undefined || verity === 'off' || isStacked(lower.on)) return undefined;
  const node = lookUp(lower.on, join(lower.path, path));
  if (!isMetacopy(node)) return undefined;
  const redirect = node.xattrs?.['trusted.overlay.redirect'];
  const object = typeof redirect === 'string' ? redirect : `/${path}`;
  const metacopy = node.xattrs?.['trusted.overlay.metacopy'];
  if (metacopy === '') return { verity, object, found: 'undigested' };
  const place = [...overlay.dataOnly, ...overlay.lowers.slice(at + 1)]
    .map((layer) => ({ on: layer.on, path: join(layer.path, object.replace(/^\//, '')) }))
    .map((one) => ({ ...one, node: lookUp(one.on, one.path) }))
    .find((one) => one.node !== undefined);
  if (place === undefined || !seals.isSealed(place.on, place.path)) return { verity, object, found: 'unsealed' };
  const isSame = place.node?.kind === 'file' && hasDigest(metacopy, place.node.content);
  return { verity, object, found: isSame ? 'same' : 'another' };
}

/** C2 to C4 */
function unverified(overlay: OverlayMount, at: number, path: string, seals: Seals): Refusal | undefined {
  const verification = verify(overlay, at, path, seals);
  if (verification === undefined) return undefined;
  const { verity, object, found } = verification;
  const refuse = (rule: 'C2' | 'C3' | 'C4', pattern: RegExp, why: string): Refusal => ({
    rule,
    errno: 'EIO',
    messages: [logged(rule, pattern)],
    why,
  });
  switch (found) {
    case 'same':
      return undefined;
    case 'undigested':
      if (verity === 'on') return undefined;
      return refuse(
        'C3',
        /^overlayfs: metacopy file '.*' has no digest specified$/,
        `verity=require, and the image has no digest of ${path}`,
      );
    case 'unsealed':
      return refuse(
        'C2',
        /^overlayfs: lower file '.*' has no fs-verity digest$/,
        `verity=${verity}, and the object ${object} of ${path} has no fs-verity`,
      );
    case 'another':
      return refuse(
        'C4',
        /^overlayfs: lower file '.*' has the wrong fs-verity digest$/,
        `verity=${verity}, and the digest of the object ${object} is not the one that the image has of ${path}`,
      );
  }
  return found satisfies never;
}

/**
 * Which of C1 to C4 a file that is given would meet if its data lay in an object, in another object, or with
 * verity=require.
 */
export function sparedByObject(on: Mount, path: string, behaviours: Behaviours, seals: Seals): readonly RuleId[] {
  if (on.kind === 'erofs') return knowsObjects(on, behaviours) ? [] : ['C1'];
  if (on.kind !== 'overlay') return [];
  const at = topmostWith(on, path);
  const lower = on.lowers[at];
  if (lower === undefined) return [];
  const verification = verify(on, at, path, seals);
  if (verification === undefined) return sparedByObject(lower.on, join(lower.path, path), behaviours, seals);
  return verification.found === 'same' ? ['C2', 'C4'] : ['C3'];
}

/** `struct ovl_metacopy` of 4 bytes, and behind it the digest. fs/overlayfs/overlayfs.h */
function hasDigest(metacopy: XattrValue | undefined, content: FileContent): boolean {
  return typeof metacopy === 'object' && metacopy.hex.slice(8) === fsverityDigest(content);
}

function verityOf({ parameters = [] }: OverlayMount): 'off' | 'on' | 'require' {
  const value = parameters.findLast((parameter) => parameter.kind === 'option' && parameter.key === 'verity');
  return value?.kind === 'option' && (value.value === 'on' || value.value === 'require') ? value.value : 'off';
}
