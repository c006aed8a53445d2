/** What the rules of an overlay mount read, and what they make of it as they go on. */
import type { DirectoryIn, LowerPiece, OverlayMount } from '../../topology/topology.ts';
import type { Behaviours } from '../behaviour.ts';
import type { DepthOf } from '../depth.ts';
import type { ExpectedMessage } from '../prediction.ts';
import type { Superblock } from '../superblock.ts';
import { fromContext, logged, type Refusal, type RuleId } from './rule.ts';

export interface OverlaySubject {
  readonly mount: OverlayMount;
  readonly placeOf: (directory: DirectoryIn) => Place;
  /** The directories that an overlay without names for them gets, of its own. */
  readonly ownDirectory: (kind: 'upper' | 'work') => string;
  readonly depthOf: DepthOf;
  readonly api: 'mount' | 'fsopen';
  /** Who mounts: init, a process in a user namespace, or init with a context that such a process opened. */
  readonly by: 'init' | 'user-namespace' | 'foreign-context';
  /** The overlays before this one. */
  readonly earlier: EarlierOverlays;
}

/** What earlier overlays hold or have left, by the keys of places. */
export interface EarlierOverlays {
  /** An upperdir or workdir of an overlay that is mounted (I_OVL_INUSE). */
  readonly isInUse: (key: string) => boolean;
  /** The lower root that an upperdir was first used with, where an index was made (rule O35). */
  readonly originOf: (upper: string) => string | undefined;
  /** The workdir holds the mark of a volatile mount (rule O37). */
  readonly isVolatile: (work: string) => boolean;
}

/** A directory as the kernel finds it. */
export interface Place {
  readonly directory: DirectoryIn;
  readonly found: 'directory' | 'file' | 'nothing';
  readonly superblock: Superblock;
  /** Its inode: superblock and path from that one's root, with a slash at the end. */
  readonly key: string;
  /** Of the mount, or of its superblock. */
  readonly readOnly: boolean;
  readonly unbindable: boolean;
  /** `s_wb_err` of its superblock has an error that nobody has asked for (rule O36). */
  readonly hasUnseenError: boolean;
  readonly casefolded: boolean;
  /** Its dentries have their own hash or compare, or automount (rule O13). */
  readonly weird: boolean;
}

/** `struct ovl_config` with what tells what was asked for from what is by default. */
export interface OverlayConfig {
  redirect: 'on' | 'follow' | 'nofollow';
  /** `redirect_dir=` as it was written. */
  redirectWord: string | undefined;
  metacopy: boolean;
  index: boolean;
  nfsExport: boolean;
  xino: 'on' | 'off' | 'auto';
  verity: 'off' | 'on' | 'require';
  volatile: boolean;
  userxattr: boolean;
  readonly set: Set<'metacopy' | 'redirect_dir' | 'index' | 'nfs_export'>;
}

/** A mount on its way: what `struct ovl_fs_context` and `struct ovl_fs` hold at this point of the kernel's code. */
export interface Attempt {
  readonly subject: OverlaySubject;
  readonly behaviours: Behaviours;
  readonly config: OverlayConfig;
  readonly lowers: Place[];
  /** How many of the last lowers are data-only. */
  dataOnly: number;
  /** There was a `lowerdir=` with something in it. */
  lowerdirGiven: boolean;
  /** The directories as they were given; before 6.5 they are looked up when it is their turn. */
  readonly given: {
    upperdir: DirectoryIn | undefined;
    workdir: DirectoryIn | undefined;
    lowerdir: readonly LowerPiece[] | undefined;
  };
  upper: Place | undefined;
  work: Place | undefined;
  /** Whether the layers fold case, as the first one says. */
  casefolded: boolean | undefined;
  /** What the kernel has said besides. */
  readonly said: ExpectedMessage[];
  /** What is in the workdir by now. */
  readonly inWork: Set<InWork>;
  /** That the upper root names the first lower by now: it did before, or this attempt has written it. */
  origin: 'verified' | 'written' | undefined;
}

/** What overlayfs makes in a workdir. */
export type InWork = 'work' | 'index' | 'work/incompat/volatile';

/** A piece of the kernel's code: it may refuse, and it may change what the mount has become. */
export type Stage = (attempt: Attempt) => Refusal | undefined;

/** CH1: pr_err of overlayfs, in the kernel log with either API. EINVAL, as most of its refusals. */
export function refuseAloud(rule: RuleId, why: string, text: string): Refusal {
  return { rule, errno: 'EINVAL', messages: [logged(rule, new RegExp(`^overlayfs: ${text}$`))], why };
}

/** CH2: invalfc of overlayfs, and what fs_parse and the VFS say of a parameter. */
export function refuseParameter(rule: RuleId, why: string, { api }: OverlaySubject, text: string): Refusal {
  return { rule, errno: 'EINVAL', messages: [fromContext(rule, api, text)], why };
}

/** CH6: what is said of a path: `overlayfs: …` with quotes from fill_super, `overlay: …` from the mount context. */
export function aboutPath(
  rule: RuleId,
  { subject, behaviours }: Attempt,
  why: string,
  text: { readonly fillSuper: string; readonly context: string },
): Refusal {
  return behaviours.overlayOptions === 'fill-super'
    ? refuseAloud(rule, why, text.fillSuper)
    : refuseParameter(rule, why, subject, `overlay: ${text.context}`);
}

/** pr_warn and pr_info of overlayfs. */
export function say(attempt: Attempt, rule: RuleId, text: string, presence: ExpectedMessage['presence'] = 'required') {
  attempt.said.push(logged(rule, new RegExp(`^overlayfs: ${text}$`), presence));
}
