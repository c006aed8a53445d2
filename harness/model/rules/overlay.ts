/**
 * Mounting an overlay: the checks that fathom's mounts can meet, in the kernel's order. overlayfs before 6.5 takes
 * its options apart in fill_super (fs/overlayfs/super.c), later kernels path by path in the mount context
 * (fs/overlayfs/params.c): so the order differs (rules O45 and O46).
 */
import type { Behaviours } from '../behaviour.ts';
import type { OverlaySubject } from './overlay-facts.ts';
import * as layers from './overlay-layers.ts';
import { fallbackWarnings, resolveOptions } from './overlay-options.ts';
import { firstRefusal, isRefusal, type Acceptance, type Check, type Refusal } from './rule.ts';

export type { OverlaySubject } from './overlay-facts.ts';
export { overlayDepth } from './overlay-layers.ts';

/** The kernel's answer to an overlay mount: a refusal, or the depth of the new superblock. */
export function mountOverlay(subject: OverlaySubject, behaviours: Behaviours): Refusal | Acceptance {
  const order = behaviours.overlayOptions === 'context' ? CONTEXT_ORDER : FILL_SUPER_ORDER;
  const early = firstRefusal(order.beforeOptions, subject, behaviours);
  if (early !== undefined) return early;
  const config = resolveOptions(subject.mount, behaviours);
  if (isRefusal(config)) return config;
  const warnings = fallbackWarnings(config);
  const late = firstRefusal(order.afterOptions, subject, behaviours);
  return late === undefined
    ? { depth: layers.overlayDepth(subject), messages: warnings }
    : { ...late, messages: [...warnings, ...late.messages] };
}

interface Order {
  readonly beforeOptions: readonly Check<OverlaySubject>[];
  readonly afterOptions: readonly Check<OverlaySubject>[];
}

/** From the workdir to the end, in every kernel. */
const SETTING_UP = [layers.workOnUpperMount, layers.upperFeatures, layers.enoughLowers];
const STACKING = [layers.depthWithinLimit, layers.layersDistinct, layers.layersApart];

/** O45: 6.5 and later. Paths as they are parsed, then options against each other, then upper, work and lowers. */
const CONTEXT_ORDER: Order = {
  beforeOptions: [
    layers.dataFollowsLower,
    layers.upperNotOnOverlay,
    layers.upperWritable,
    layers.workNotOnOverlay,
    layers.workWritable,
  ],
  afterOptions: [layers.hasLower, layers.hasWork, ...SETTING_UP, ...STACKING],
};

/** O46: before 6.5, options first; a path when it is its turn. */
const FILL_SUPER_ORDER: Order = {
  beforeOptions: [],
  afterOptions: [
    layers.hasLower,
    layers.hasWork,
    layers.upperNotOnOverlay,
    layers.upperWritable,
    layers.workNotOnOverlay,
    ...SETTING_UP,
    layers.lowersNotEmpty,
    ...STACKING,
  ],
};
