/** Changing an overlay that is mounted. params.c:ovl_parse_param, ovl_reconfigure */
import type { MountParameter } from '../../topology/mount-options.ts';
import type { Behaviours } from '../behaviour.ts';
import { fromContext, type Refusal } from './rule.ts';

/** What is mounted, and what is asked for. */
export interface Reconfiguration {
  readonly api: 'mount' | 'fsopen';
  readonly parameters: readonly MountParameter[];
  /** There is no upper, or none that can be written to. */
  readonly forcedReadOnly: boolean;
}

/**
 * O41: remount(2) has always ignored options, fspick(2) refuses them; before 6.5 nobody looks at them. An overlay
 * without an upper does not become writable, and that is what is asked for unless the opposite is.
 */
export function reconfigureOverlay(
  { api, parameters, forcedReadOnly }: Reconfiguration,
  { overlayOptions }: Behaviours,
): Refusal | undefined {
  if (api === 'fsopen' && parameters.length > 0 && overlayOptions === 'context')
    return {
      rule: 'O41',
      errno: 'EINVAL',
      messages: [fromContext('O41', api, 'overlay: No changes allowed in reconfigure')],
      why: 'options of an overlay that is mounted cannot change',
    };
  return forcedReadOnly
    ? { rule: 'O41', errno: 'EROFS', messages: [], why: 'an overlay without an upper stays read-only' }
    : undefined;
}
