/** Options of an overlay against each other. params.c:ovl_fs_params_verify, before 6.5 super.c:ovl_parse_opt */
import type { OverlayMount } from '../../topology/topology.ts';
import type { Behaviours } from '../behaviour.ts';
import type { ExpectedMessage } from '../prediction.ts';
import { refuseAloud } from './overlay-facts.ts';
import { isRefusal, logged, type Refusal } from './rule.ts';

/** `struct ovl_config` after its dependencies are resolved. */
export interface OverlayConfig {
  readonly metacopy: boolean;
  readonly index: boolean;
  readonly nfsExport: boolean;
  readonly xino: 'on' | 'off' | 'auto';
}

type Redirect = 'on' | 'follow' | 'nofollow';

/** The effective options, or the refusal of those that exclude each other: O24, O25, O26, O40, O22, in this order. */
export function resolveOptions(mount: OverlayMount, behaviours: Behaviours): Refusal | OverlayConfig {
  const { options, dataOnly } = mount;
  /** O40: super.c:ovl_parse_opt, before anything else; of fathom's options only this one is ever unknown. */
  if (options.userxattr === true && !behaviours.overlayUserxattr)
    return refuseAloud(
      'O40',
      "this kernel's overlayfs has no option userxattr",
      'unrecognized mount option "userxattr" or missing value',
    );
  const defaults = behaviours.overlayDefaults;
  const hasUpper = mount.upper !== undefined;
  const redirect = redirectOf(mount, behaviours);
  const metacopy = resolveMetacopy(options, redirect.effective, redirect.shown, defaults.metacopy);
  if (typeof metacopy !== 'boolean') return metacopy;
  const exported = resolveExport(options, {
    hasUpper,
    // metacopy brings redirect_dir=on with it.
    redirect: metacopy ? 'on' : redirect.effective,
    metacopy,
    defaults,
  });
  if (isRefusal(exported)) return exported;
  const conflict = userxattrConflict(options, redirect, exported.metacopy);
  if (conflict !== undefined) return conflict;
  const config = {
    ...exported,
    metacopy: exported.metacopy && options.userxattr !== true,
    xino: options.xino ?? (defaults.xinoAuto ? 'auto' : 'off'),
  } as const;
  /** O22: 6.5 to 6.15. */
  return behaviours.dataOnlyNeedsMetacopy && dataOnly.length > 0 && !config.metacopy
    ? refuseAloud(
        'O22',
        'data-only lowers need metacopy=on on this kernel',
        'lower data-only dirs require metacopy support\\.',
      )
    : config;
}

/** `redirect_dir=off` follows where CONFIG_OVERLAY_FS_REDIRECT_ALWAYS_FOLLOW is on; without an upper, following is on. */
function redirectOf(
  { options, upper }: OverlayMount,
  { overlayDefaults, overlayOptions }: Behaviours,
): { readonly effective: Redirect; readonly shown: string } {
  const unset: Redirect = overlayDefaults.alwaysFollow ? 'follow' : 'nofollow';
  const byDefault: Redirect = overlayDefaults.redirectDir ? 'on' : unset;
  const given = options.redirect_dir === 'off' ? unset : (options.redirect_dir ?? byDefault);
  const effective = upper === undefined && given === 'follow' ? 'on' : given;
  /** As messages spell it: 5.10 and 6.1 repeat the user's word. */
  const shown = overlayOptions === 'fill-super' ? (options.redirect_dir ?? effective) : effective;
  return { effective, shown };
}

/** O24 */
function resolveMetacopy(
  { metacopy, redirect_dir }: OverlayMount['options'],
  redirect: Redirect,
  shown: string,
  byDefault: boolean,
): Refusal | boolean {
  const wanted = metacopy === undefined ? byDefault : metacopy === 'on';
  if (!wanted || redirect === 'on' || redirect_dir === undefined) return wanted;
  return metacopy === undefined
    ? false
    : refuseAloud(
        'O24',
        `metacopy=on needs redirect_dir=on, not ${redirect_dir}`,
        `conflicting options: metacopy=on,redirect_dir=${shown}`,
      );
}

/** O25: nfs_export needs an index, and excludes metacopy. */
function resolveExport(
  options: OverlayMount['options'],
  given: {
    readonly hasUpper: boolean;
    readonly redirect: Redirect;
    readonly metacopy: boolean;
    readonly defaults: Behaviours['overlayDefaults'];
  },
): Refusal | Omit<OverlayConfig, 'xino'> {
  const { hasUpper, redirect, defaults } = given;
  let { metacopy } = given;
  let nfsExport = options.nfs_export === undefined ? defaults.nfsExport : options.nfs_export === 'on';
  /** Without an upper an index is useless, and an explicit index=on is taken for none. */
  let index = hasUpper && (options.index === undefined ? defaults.index : options.index === 'on');
  const indexIsSet = options.index !== undefined && (hasUpper || options.index === 'off');
  if (nfsExport && !index) {
    if (!hasUpper && redirect !== 'nofollow') nfsExport = false;
    else if (options.nfs_export !== undefined && indexIsSet)
      return refuseAloud('O25', 'nfs_export=on needs index=on', 'conflicting options: nfs_export=on,index=off');
    else if (indexIsSet) nfsExport = false;
    else index = true;
  }
  if (nfsExport && metacopy) {
    if (options.nfs_export !== undefined && options.metacopy !== undefined)
      return refuseAloud(
        'O25',
        'nfs_export=on and metacopy=on exclude each other',
        'conflicting options: nfs_export=on,metacopy=on',
      );
    if (options.metacopy !== undefined) nfsExport = false;
    else metacopy = false;
  }
  return { metacopy, index, nfsExport };
}

/** O26 */
function userxattrConflict(
  { userxattr, redirect_dir, metacopy: given }: OverlayMount['options'],
  redirect: { readonly effective: Redirect; readonly shown: string },
  metacopy: boolean,
): Refusal | undefined {
  if (userxattr !== true) return undefined;
  if (redirect_dir !== undefined && redirect.effective !== 'nofollow')
    return refuseAloud(
      'O26',
      `userxattr needs redirect_dir=nofollow, not ${redirect_dir}`,
      `conflicting options: userxattr,redirect_dir=${redirect.shown}`,
    );
  return metacopy && given !== undefined
    ? refuseAloud('O26', 'userxattr and metacopy=on exclude each other', 'conflicting options: userxattr,metacopy=on')
    : undefined;
}

/**
 * O39 and its like: with an index, NFS export or xino=auto, layers without file handles or with unclear UUIDs bring
 * warnings. super.c:ovl_lower_dir, ovl_get_fsid, ovl_make_workdir, ovl_fill_super
 */
export function fallbackWarnings({ index, nfsExport, xino }: OverlayConfig): readonly ExpectedMessage[] {
  if (!index && !nfsExport && xino !== 'auto') return [];
  return [
    /^overlayfs: (?:fs on '.*'|upper fs) does not support file handles, falling back to [a-z_=,]+\.$/,
    /^overlayfs: (?:null|conflicting) uuid (?:detected in|in non-single) lower fs '.*', falling back to [a-z_=,]+\.$/,
    /^overlayfs: NFS export (?:requires|is not supported with) .+, falling back to nfs_export=off\.$/,
  ].map((pattern) => logged('O39', pattern, 'possible'));
}
