/** What the rules of an overlay mount read. */
import type { Mount, OverlayMount } from '../../topology/topology.ts';
import type { Behaviours } from '../behaviour.ts';
import type { DepthOf } from '../depth.ts';
import type { ExpectedMessage } from '../prediction.ts';
import type { Superblock } from '../superblock.ts';
import { fromContext, logged, type Refusal, type RuleId } from './rule.ts';

export interface OverlaySubject {
  readonly mount: OverlayMount;
  readonly superblockOf: (mount: Mount) => Superblock;
  readonly depthOf: DepthOf;
  readonly api: 'mount' | 'fsopen';
}

/** CH1: pr_err of overlayfs, in the kernel log with either API. EINVAL, as most of its refusals. */
export function refuseAloud(rule: RuleId, why: string, text: string): Refusal {
  return { rule, errno: 'EINVAL', messages: [logged(rule, new RegExp(`^overlayfs: ${text}$`))], why };
}

/** CH6: what is said of a path: `overlayfs: …` with quotes from fill_super, `overlay: …` from the mount context. */
export function aboutPath(
  rule: RuleId,
  { api }: OverlaySubject,
  { overlayOptions }: Behaviours,
  text: { readonly fillSuper: string; readonly context: string },
): ExpectedMessage {
  return overlayOptions === 'fill-super'
    ? logged(rule, new RegExp(`^overlayfs: ${text.fillSuper}$`))
    : fromContext(rule, api, `overlay: ${text.context}`);
}
