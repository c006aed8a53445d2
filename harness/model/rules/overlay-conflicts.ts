/** Options of an overlay against each other. params.c:ovl_fs_params_verify, before 6.5 super.c:ovl_parse_opt */
import { refuseAloud, say, type Attempt, type Stage } from './overlay-facts.ts';
import { redirectWordKnown } from './overlay-options.ts';
import type { Refusal, RuleId } from './rule.ts';

/** O5: what is useless without an upper is ignored, and said. */
export const withoutUpper: Stage = (attempt) => {
  const { config } = attempt;
  if (attempt.given.upperdir !== undefined) return undefined;
  if (attempt.given.workdir !== undefined) {
    attempt.given.workdir = undefined;
    say(attempt, 'O5', 'option "workdir=.*" is useless in a non-upper mount, ignore');
  }
  if (config.index && config.set.has('index')) config.set.delete('index');
  config.index = false;
  config.volatile = false;
  // Redirects are followed as with an upper: it makes the checks below simpler.
  if (config.redirect === 'follow') config.redirect = 'on';
  return undefined;
};

/** O23: 6.6 to 6.15, verity is a kind of metacopy. */
export const verityWithMetacopy: Stage = ({ config, behaviours }) => {
  if (behaviours.overlayVerity !== 'needs-metacopy' || config.verity === 'off' || config.metacopy) return undefined;
  if (config.set.has('metacopy')) return conflict('O23', `metacopy=off,verity=${config.verity}`);
  config.metacopy = true;
  return undefined;
};

/** O24, and O23 for verity: metacopy needs redirects. */
export const metacopyWithRedirect: Stage = (attempt) => {
  const { config, behaviours } = attempt;
  const wordKnown = redirectWordKnown(attempt);
  if (wordKnown !== undefined) return wordKnown;
  if (!config.metacopy || config.redirect === 'on') return undefined;
  const isGiven = config.set.has('redirect_dir');
  if (isGiven && config.set.has('metacopy'))
    return conflict('O24', `metacopy=on,redirect_dir=${shownRedirect(attempt)}`);
  if (isGiven && config.verity !== 'off' && behaviours.overlayVerity === 'needs-metacopy')
    return conflict('O23', `verity=${config.verity},redirect_dir=${shownRedirect(attempt)}`);
  if (isGiven) config.metacopy = false;
  else config.redirect = 'on';
  return undefined;
};

/** O25: nfs_export needs an index, and excludes metacopy. */
export const exportWithIndex: Stage = ({ config, given }) => {
  if (config.nfsExport && !config.index) {
    if (given.upperdir === undefined && config.redirect !== 'nofollow') config.nfsExport = false;
    else if (config.set.has('index')) {
      if (config.set.has('nfs_export')) return conflict('O25', 'nfs_export=on,index=off');
      config.nfsExport = false;
    } else config.index = true;
  }
  if (config.nfsExport && config.metacopy) {
    if (config.set.has('metacopy')) {
      if (config.set.has('nfs_export')) return conflict('O25', 'nfs_export=on,metacopy=on');
      config.nfsExport = false;
    } else if (config.verity !== 'off') config.nfsExport = false;
    else config.metacopy = false;
  }
  return undefined;
};

/** O26, and O23 for verity: user.overlay.* may not lead anywhere. */
export const userxattrAlone: Stage = (attempt) => {
  const { config, behaviours } = attempt;
  if (!config.userxattr) return undefined;
  if (config.set.has('redirect_dir') && config.redirect !== 'nofollow')
    return conflict('O26', `userxattr,redirect_dir=${shownRedirect(attempt)}`);
  if (config.metacopy && config.set.has('metacopy')) return conflict('O26', 'userxattr,metacopy=on');
  if (config.verity !== 'off' && behaviours.overlayVerity === 'needs-metacopy')
    return conflict('O23', `userxattr,verity=${config.verity}`);
  config.redirect = 'nofollow';
  config.metacopy = false;
  return undefined;
};

/** O27: what was asked for needs trusted.overlay.*, and who mounts may not read them. */
export const trustedXattrs: Stage = ({ config, behaviours, subject, dataOnly }) => {
  if (!behaviours.overlayAsksForTrust || config.userxattr || subject.by !== 'user-namespace') return undefined;
  const denied = (what: string): Refusal => ({
    ...refuseAloud(
      'O27',
      `${what}: a process without CAP_SYS_ADMIN in the first user namespace cannot read trusted xattrs`,
      `${what === 'data-only lowers' ? 'lower data-only dirs require' : `${what} requires`} permission to access trusted xattrs`,
    ),
    errno: 'EPERM',
  });
  if (config.set.has('redirect_dir') && config.redirect !== 'nofollow') return denied('redirect_dir');
  if (config.metacopy && config.set.has('metacopy')) return denied('metacopy');
  if (config.verity !== 'off') return denied('verity');
  return dataOnly > 0 ? denied('data-only lowers') : undefined;
};

/** O22: 6.5 to 6.15. */
export const dataOnlyWithMetacopy: Stage = ({ config, behaviours, dataOnly }) =>
  behaviours.dataOnlyNeedsMetacopy && dataOnly > 0 && !config.metacopy
    ? refuseAloud(
        'O22',
        'data-only lowers need metacopy=on on this kernel',
        'lower data-only dirs require metacopy support\\.',
      )
    : undefined;

/** As messages spell it: before 6.5 with the user's word. */
function shownRedirect({ config, behaviours }: Attempt): string {
  return behaviours.overlayOptions === 'fill-super' ? (config.redirectWord ?? config.redirect) : config.redirect;
}

function conflict(rule: RuleId, options: string): Refusal {
  return refuseAloud(rule, `${options} exclude each other`, `conflicting options: ${options}`);
}
