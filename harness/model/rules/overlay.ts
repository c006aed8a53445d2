/**
 * Mounting an overlay: the checks that fathom's mounts can meet, in the kernel's order. overlayfs before 6.5 takes
 * its options apart in fill_super (fs/overlayfs/super.c), later kernels path by path in the mount context
 * (fs/overlayfs/params.c): so the order differs (rules O45 and O46).
 */
import type { Mount, OverlayMount } from '../../topology/topology.ts';
import type { Behaviours } from '../behaviour.ts';
import { depthChain, type DepthOf } from '../depth.ts';
import type { ExpectedMessage } from '../prediction.ts';
import type { Superblock } from '../superblock.ts';
import { firstRefusal, logged, type Check, type Refusal, type RuleId } from './rule.ts';

export interface OverlaySubject {
  readonly mount: OverlayMount;
  readonly superblockOf: (mount: Mount) => Superblock;
  readonly depthOf: DepthOf;
  /** Messages of the mount context (`overlay: …`) go to its own log after fsopen(2), else to the kernel log. */
  readonly api: 'mount' | 'fsopen';
}

/** The kernel's answer to an overlay mount: a refusal, or the depth of the new superblock. */
export function mountOverlay(subject: OverlaySubject, behaviours: Behaviours): Refusal | { readonly depth: number } {
  const checks = behaviours.overlayOptions === 'context' ? CONTEXT_ORDER : FILL_SUPER_ORDER;
  return firstRefusal(checks, subject, behaviours) ?? { depth: overlayDepth(subject) };
}

/**
 * D2: one more than the deepest of upper and all lowers; data-only lowers count too, the workdir does not.
 * super.c:ovl_fill_super, ovl_get_lowerstack
 */
export function overlayDepth({ mount, superblockOf }: Pick<OverlaySubject, 'mount' | 'superblockOf'>): number {
  const layers = [...mount.lowers, ...mount.dataOnly].map((layer) => layer.on);
  if (mount.upper !== undefined) layers.push(mount.upper.on);
  return Math.max(0, ...layers.map((layer) => superblockOf(layer).depth)) + 1;
}

/** D3: super.c:ovl_get_lowerstack. pr_err, so in the kernel log with either API. */
const depthWithinLimit: Check<OverlaySubject> = (subject, { maxStackDepth, erofsStacking }) => {
  const depth = overlayDepth(subject);
  if (depth <= maxStackDepth) return undefined;
  const chain = depthChain(subject.mount, depth, subject.depthOf);
  const counted = erofsStacking === 'counted' && chain.includes('erofs[file]') ? ', counted since d53cd891f0e4' : '';
  return {
    rule: 'D3',
    errno: 'EINVAL',
    messages: [logged('D3', /^overlayfs: maximum fs stacking depth exceeded$/)],
    why: `depth ${depth} > ${maxStackDepth}: ${chain}${counted}`,
  };
};

/** O1: super.c:ovl_get_lowerstack. Data-only lowers count as lowers. */
const enoughLowers: Check<OverlaySubject> = ({ mount }) =>
  mount.upper === undefined && mount.lowers.length + mount.dataOnly.length === 1
    ? {
        rule: 'O1',
        errno: 'EINVAL',
        messages: [logged('O1', /^overlayfs: at least 2 lowerdir are needed while upperdir nonexistent$/)],
        why: 'one lower and no upper: a read-only overlay needs two lowers',
      }
    : undefined;

/** O2: super.c:ovl_get_lowerstack */
const notOnlyData: Check<OverlaySubject> = ({ mount }) =>
  mount.lowers.length === 0 && mount.dataOnly.length > 0
    ? {
        rule: 'O2',
        errno: 'EINVAL',
        messages: [logged('O2', /^overlayfs: at least one non-data lowerdir is required$/)],
        why: 'all lowers are data-only',
      }
    : undefined;

/** O3: super.c:ovl_fill_super */
const hasLower: Check<OverlaySubject> = ({ mount }) =>
  mount.lowers.length + mount.dataOnly.length === 0
    ? { rule: 'O3', errno: 'EINVAL', messages: [logged('O3', /^overlayfs: missing 'lowerdir'$/)], why: 'there is no lowerdir' }
    : undefined;

/** O4: super.c:ovl_fill_super */
const hasWork: Check<OverlaySubject> = ({ mount }) =>
  mount.upper?.withoutWork === true
    ? { rule: 'O4', errno: 'EINVAL', messages: [logged('O4', /^overlayfs: missing 'workdir'$/)], why: 'there is an upperdir and no workdir' }
    : undefined;

/** O7: super.c:ovl_get_workdir */
const workOnUpperMount: Check<OverlaySubject> = ({ mount }) =>
  mount.upper?.workOn !== undefined && mount.upper.workOn !== mount.upper.on
    ? {
        rule: 'O7',
        errno: 'EINVAL',
        messages: [logged('O7', /^overlayfs: workdir and upperdir must reside under the same mount$/)],
        why: 'upperdir and workdir lie on different mounts',
      }
    : undefined;

/** O9: DCACHE_OP_REAL; super.c:ovl_mount_dir (before 6.5), params.c:ovl_mount_dir_check */
const upperNotOverlay: Check<OverlaySubject> = (subject, behaviours) => {
  const upper = subject.mount.upper;
  if (upper === undefined || !subject.superblockOf(upper.on).isOverlay) return undefined;
  return {
    rule: 'O9',
    errno: 'EINVAL',
    messages: [pathMessage('O9', subject, behaviours, { before: "filesystem on '[^']*' not supported as upperdir", since: 'filesystem on .* not supported as upperdir' })],
    why: 'the upperdir lies on an overlay, and an overlay cannot be an upper',
  };
};

/** O10: super.c:ovl_get_upper (before 6.5), params.c:ovl_mount_dir_check */
const upperWritable: Check<OverlaySubject> = (subject, behaviours) => {
  const upper = subject.mount.upper;
  if (upper === undefined || !subject.superblockOf(upper.on).readOnly) return undefined;
  return {
    rule: 'O10',
    errno: 'EINVAL',
    messages: [pathMessage('O10', subject, behaviours, { before: 'upper fs is r/o, try multi-lower layers mount', since: 'filesystem on .* is read-only' })],
    why: 'the upperdir lies on a read-only mount',
  };
};

/** O16: before data-only lowers there is nothing between `::`. super.c:ovl_mount_dir_noesc */
const lowersNotEmpty: Check<OverlaySubject> = ({ mount }, { dataOnlyLowers }) =>
  mount.dataOnly.length > 0 && !dataOnlyLowers
    ? { rule: 'O16', errno: 'EINVAL', messages: [logged('O16', /^overlayfs: empty lowerdir$/)], why: 'this kernel knows no data-only lowers: `::` is an empty lowerdir' }
    : undefined;

/** O22: params.c:ovl_fs_params_verify. CONFIG_OVERLAY_FS_METACOPY is taken to be off, as distributions have it. */
const dataOnlyWithMetacopy: Check<OverlaySubject> = ({ mount }, { dataOnlyNeedsMetacopy }) =>
  mount.dataOnly.length > 0 && dataOnlyNeedsMetacopy && mount.options.metacopy !== 'on'
    ? {
        rule: 'O22',
        errno: 'EINVAL',
        messages: [logged('O22', /^overlayfs: lower data-only dirs require metacopy support\.$/)],
        why: 'data-only lowers need metacopy=on on this kernel',
      }
    : undefined;

/** O24: params.c:ovl_fs_params_verify, super.c:ovl_parse_opt */
const metacopyWithRedirect: Check<OverlaySubject> = ({ mount: { options } }) =>
  options.metacopy === 'on' && options.redirect_dir !== undefined && options.redirect_dir !== 'on'
    ? {
        rule: 'O24',
        errno: 'EINVAL',
        messages: [logged('O24', /^overlayfs: conflicting options: metacopy=on,redirect_dir=/)],
        why: `metacopy=on needs redirect_dir=on, not ${options.redirect_dir}`,
      }
    : undefined;

/** O45: 6.5 and later. Paths first, then options against each other, upper, work, lowers, and depth near the end. */
const CONTEXT_ORDER: readonly Check<OverlaySubject>[] = [
  upperNotOverlay,
  upperWritable,
  metacopyWithRedirect,
  dataOnlyWithMetacopy,
  hasLower,
  hasWork,
  workOnUpperMount,
  enoughLowers,
  notOnlyData,
  depthWithinLimit,
];

/** O46: before 6.5. */
const FILL_SUPER_ORDER: readonly Check<OverlaySubject>[] = [
  metacopyWithRedirect,
  hasLower,
  hasWork,
  upperNotOverlay,
  upperWritable,
  workOnUpperMount,
  enoughLowers,
  lowersNotEmpty,
  depthWithinLimit,
];

/** CH1, CH2, CH6: `overlayfs: …` with quotes from fill_super, `overlay: …` from the mount context. */
function pathMessage(rule: RuleId, { api }: OverlaySubject, { overlayOptions }: Behaviours, text: { before: string; since: string }): ExpectedMessage {
  if (overlayOptions === 'fill-super') return logged(rule, new RegExp(`^overlayfs: ${text.before}$`));
  return api === 'fsopen'
    ? { rule, channel: 'context', pattern: new RegExp(`^e overlay: ${text.since}$`), presence: 'required' }
    : logged(rule, new RegExp(`^overlay: ${text.since}$`));
}
