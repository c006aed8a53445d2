/** Changing an overlay that is mounted. params.c:ovl_parse_param, ovl_reconfigure */
import type { MountParameter } from '../../topology/mount-options.ts';
import type { Behaviours } from '../behaviour.ts';
import { fromContext, type Refusal } from './rule.ts';

/** O41: remount(2) has always ignored options, fspick(2) refuses them; before 6.5 nobody looks at them. */
export function reconfigureOverlay(
  api: 'mount' | 'fsopen',
  parameters: readonly MountParameter[],
  { overlayOptions }: Behaviours,
): Refusal | undefined {
  if (api === 'mount' || parameters.length === 0 || overlayOptions === 'fill-super') return undefined;
  return {
    rule: 'O41',
    errno: 'EINVAL',
    messages: [fromContext('O41', api, 'overlay: No changes allowed in reconfigure')],
    why: 'options of an overlay that is mounted cannot change',
  };
}
