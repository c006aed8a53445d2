/** Upperdir and workdir of an overlay. super.c:ovl_get_upper, ovl_get_workdir, ovl_make_workdir */
import { refuseAloud, say, type Attempt, type Place, type Stage } from './overlay-facts.ts';
import { checkInFillSuper, writable } from './overlay-paths.ts';
import { isRefusal, type Refusal } from './rule.ts';

/** O4: super.c:ovl_fill_super */
export const hasWork: Stage = ({ given, behaviours: { overlayEarlyErrno: errno } }) =>
  given.upperdir !== undefined && given.workdir === undefined
    ? { ...refuseAloud('O4', 'there is an upperdir and no workdir', "missing 'workdir'"), errno }
    : undefined;

/** O11, O13, O12, O9, O10 of the upperdir, before 6.5. super.c:ovl_get_upper */
export const upperPath: Stage = (attempt) => {
  if (attempt.given.upperdir === undefined) return undefined;
  const place = checkInFillSuper(attempt, attempt.given.upperdir, 'upperdir');
  if (isRefusal(place)) return place;
  attempt.upper = place;
  return writable(attempt, place, 'upperdir');
};

/** O11, O13, O12, O9 of the workdir, before 6.5. super.c:ovl_get_workdir */
export const workPath: Stage = (attempt) => {
  if (attempt.upper === undefined || attempt.given.workdir === undefined) return undefined;
  const place = checkInFillSuper(attempt, attempt.given.workdir, 'workdir');
  if (isRefusal(place)) return place;
  attempt.work = place;
  return undefined;
};

/** O38: super.c:ovl_get_upper; namespace.c:clone_private_mount */
export const upperCloned: Stage = ({ upper }) =>
  upper?.unbindable === true
    ? refuseAloud('O38', 'the upperdir lies on an unbindable mount', 'failed to clone upperpath')
    : undefined;

/** O30, O31 of the upperdir. super.c:ovl_get_upper */
export const upperFree: Stage = (attempt) =>
  attempt.upper === undefined ? undefined : notInUse(attempt, attempt.upper, 'upperdir');

/** O36: super.c:ovl_fill_super */
export const nothingLost: Stage = ({ upper, config }) =>
  config.volatile && upper?.hasUnseenError === true
    ? {
        ...refuseAloud(
          'O36',
          'volatile, and what was written to the filesystem of the upper is lost',
          'Cannot mount volatile when upperdir has an unseen error\\. Sync upperdir fs to clear state\\.',
        ),
        errno: 'EIO',
      }
    : undefined;

/** O7: super.c:ovl_get_workdir */
export const workOnUpperMount: Stage = ({ upper, work }) =>
  upper !== undefined && work !== undefined && upper.directory.on !== work.directory.on
    ? refuseAloud(
        'O7',
        'upperdir and workdir lie on different mounts',
        'workdir and upperdir must reside under the same mount',
      )
    : undefined;

/** O8: super.c:ovl_workdir_ok */
export const workApart: Stage = ({ upper, work }) =>
  upper !== undefined && work !== undefined && (upper.key.startsWith(work.key) || work.key.startsWith(upper.key))
    ? refuseAloud(
        'O8',
        upper.key === work.key ? 'upperdir and workdir are one' : 'one of upperdir and workdir lies in the other',
        'workdir and upperdir must be separate subtrees',
      )
    : undefined;

/** O30, O31 of the workdir. super.c:ovl_get_workdir */
export const workFree: Stage = (attempt) =>
  attempt.work === undefined ? undefined : notInUse(attempt, attempt.work, 'workdir');

/** O10 of the mount, where only the superblock was asked before: super.c:ovl_make_workdir, mnt_want_write. Silent. */
export const workWritable: Stage = ({ upper, work }) =>
  work !== undefined && upper?.readOnly === true
    ? { rule: 'O10', errno: 'EROFS', messages: [], why: 'the mount of upperdir and workdir is read-only' }
    : undefined;

/** O37: super.c:ovl_workdir_create; readdir.c:ovl_workdir_cleanup_recurse */
export const notVolatileBefore: Stage = ({ work, subject }) =>
  work !== undefined && subject.earlier.isVolatile(work.key)
    ? refuseAloud(
        'O37',
        'the workdir was that of a volatile mount',
        "overlay with incompat feature 'volatile' cannot be mounted",
      )
    : undefined;

/** O28, O29: what the upper must have, and what is switched off without it. D4: `work` is there from here on. */
export const upperFeatures: Stage = (attempt) => {
  const { upper, work, config, behaviours } = attempt;
  if (upper === undefined || work === undefined) return undefined;
  attempt.inWork.add('work');
  const { type } = upper.superblock;
  const warn = (text: string) => say(attempt, 'O28', text);
  /** They have d_revalidate, and more is asked of them. Neither fathom's FUSE daemon (vm/agent/fuse-serve.c) nor eCryptfs has O_TMPFILE. */
  const remote = type === 'fuse' || type === 'ecryptfs';
  /** Memory filesystems without attributes. */
  const poor = type === 'ramfs';
  if (remote || (poor && !behaviours.ramfsTmpfile)) warn('upper fs does not support tmpfile\\.');
  if (!upper.superblock.makesWhiteouts) warn('upper fs does not support RENAME_WHITEOUT\\.');
  if (poor || lacksXattrs(attempt, upper)) {
    if (behaviours.overlayXattrFallback === 'at-once')
      warn('upper fs does not support xattr, falling back to index=off and metacopy=off\\.');
    else warn('failed to set xattr on upper');
    if (behaviours.overlayXattrFallback === 'joint' && (config.index || config.metacopy))
      warn('\\.\\.\\.falling back to index=off,metacopy=off\\.');
    if (behaviours.overlayXattrFallback === 'each') {
      if (config.redirect !== 'nofollow') warn('\\.\\.\\.falling back to redirect_dir=nofollow\\.');
      if (config.metacopy) warn('\\.\\.\\.falling back to metacopy=off\\.');
      if (config.index) warn('\\.\\.\\.falling back to index=off\\.');
      warn('\\.\\.\\.falling back to uuid=null\\.');
      config.redirect = 'nofollow';
    }
    if (behaviours.overlayXattrFallback !== 'at-once' && config.xino === 'auto') {
      warn('\\.\\.\\.falling back to xino=off\\.');
      config.xino = 'off';
    }
    config.index = false;
    config.metacopy = false;
  }
  if (remote && !upper.superblock.makesWhiteouts)
    return refuseAloud(
      'O29',
      type === 'ecryptfs'
        ? 'the upperdir lies on eCryptfs, which knows no whiteouts'
        : 'the upperdir lies on FUSE over what makes no whiteouts',
      'upper fs missing required features\\.',
    );
  if (config.volatile) attempt.inWork.add('work/incompat/volatile');
  if (config.nfsExport && !config.index) {
    warn('NFS export requires "index=on", falling back to nfs_export=off\\.');
    config.nfsExport = false;
  }
  return undefined;
};

/** Trusted attributes are not for those in a user namespace; user attributes on tmpfs are of 6.6. */
function lacksXattrs({ subject, config, behaviours }: Attempt, { superblock }: Place): boolean {
  if (superblock.keptByOverlay && !behaviours.overlayXattrEscapes) return true;
  if (!config.userxattr) return subject.by === 'user-namespace';
  return superblock.type === 'tmpfs' && !behaviours.tmpfsUserXattrs;
}

/** O30, O31, O32: super.c:ovl_report_in_use */
export function notInUse(
  attempt: Attempt,
  { key }: Pick<Place, 'key'>,
  what: 'upperdir' | 'workdir' | 'lowerdir',
): Refusal | undefined {
  if (!attempt.subject.earlier.isInUse(key)) return undefined;
  const head = `${what} is in-use as upperdir/workdir of another mount`;
  const rule = what === 'lowerdir' ? 'O32' : attempt.config.index ? 'O30' : 'O31';
  if (attempt.config.index)
    return {
      ...refuseAloud(
        rule,
        `the ${what} is, or lies in, the upperdir or workdir of an overlay that is mounted`,
        `${head}, mount with '-o index=off' to override exclusive upperdir protection\\.`,
      ),
      errno: 'EBUSY',
    };
  say(attempt, rule, `${head}, accessing files from both mounts will result in undefined behavior\\.`);
  return undefined;
}
