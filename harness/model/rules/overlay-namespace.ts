/** Who may mount an overlay. super.c:ovl_fs_type, ovl_fill_super; fs/super.c:mount_capable */
import type { Stage } from './overlay-facts.ts';

export const userNamespace: Stage = ({ subject, behaviours }) => {
  const { by } = subject;
  if (by === 'init') return undefined;
  /** O43: FS_USERNS_MOUNT. */
  if (!behaviours.overlayInUserNamespace)
    return {
      rule: 'O43',
      errno: 'EPERM',
      messages: [],
      why: 'this overlayfs is not for those in a user namespace',
    };
  /** O44 */
  return by === 'foreign-context'
    ? {
        rule: 'O44',
        errno: behaviours.overlayForeignContextErrno,
        messages: [],
        why: 'the context is that of another user namespace than who creates the superblock',
      }
    : undefined;
};
