/** The options of an overlay that its tree depends on, as they are in effect. params.c:ovl_fs_params_verify */
import type { OverlayMount } from '../../topology/topology.ts';
import type { Behaviours } from '../behaviour.ts';
import type { TreeConfig } from './overlay.ts';

/** Of a mount that the kernel takes: what excludes each other has been refused by then (rules O24 to O26). */
export function treeConfigOf({ options, upper }: OverlayMount, { overlayDefaults }: Behaviours): TreeConfig {
  const hasUpper = upper !== undefined;
  const userxattr = options.userxattr === true;
  const redirect = redirectOf(options.redirect_dir, hasUpper, overlayDefaults);
  const wanted = isOn(options.metacopy, overlayDefaults.metacopy);
  const metacopy = wanted && !userxattr && (redirect === 'on' || options.redirect_dir === undefined);
  const nfsExport = isOn(options.nfs_export, overlayDefaults.nfsExport);
  const index = hasUpper && (isOn(options.index, overlayDefaults.index) || (nfsExport && options.index === undefined));
  return {
    redirect: userxattr ? 'nofollow' : metacopy ? 'on' : redirect,
    metacopy,
    index,
    nfsExport: nfsExport && index && !metacopy,
    xino: options.xino ?? (overlayDefaults.xinoAuto ? 'auto' : 'off'),
    userxattr,
    volatile: options.volatile === true,
  };
}

function isOn(option: 'on' | 'off' | undefined, byDefault: boolean): boolean {
  return option === undefined ? byDefault : option === 'on';
}

/** `off` is one of the others; without an upper, following is all that `on` means. */
function redirectOf(
  option: OverlayMount['options']['redirect_dir'],
  hasUpper: boolean,
  { alwaysFollow, redirectDir }: Behaviours['overlayDefaults'],
): TreeConfig['redirect'] {
  const unset = alwaysFollow ? 'follow' : 'nofollow';
  const redirect = option === 'off' ? unset : (option ?? (redirectDir ? 'on' : unset));
  return !hasUpper && redirect === 'follow' ? 'on' : redirect;
}
