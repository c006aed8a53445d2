/** Who may mount an overlay. super.c:ovl_fs_type, ovl_fill_super; fs/super.c:mount_capable */
import type { Stage } from './overlay-facts.ts';
import { logged } from './rule.ts';

/** What a WARNING prints besides its first line. */
const TRACE =
  /^(?:-+\[|Modules linked in:|CPU: |Hardware name: |Tainted: |RIP: |Code: |[A-Z][A-Z0-9]{1,3}: |PKRU: |Call Trace:| )/;

/** O43: FS_USERNS_MOUNT. */
export const inUserNamespace: Stage = ({ subject, behaviours }) =>
  subject.by === 'user-namespace' && !behaviours.overlayInUserNamespace
    ? { rule: 'O43', errno: 'EPERM', messages: [], why: 'this overlayfs is not for those in a user namespace' }
    : undefined;

/** O44 */
export const ownContext: Stage = ({ subject, behaviours: { overlayForeignContext: answer } }) =>
  subject.by === 'foreign-context' && answer !== 'taken'
    ? {
        rule: 'O44',
        errno: answer === 'EINVAL' ? 'EINVAL' : 'EIO',
        messages:
          answer === 'warned'
            ? [
                logged('O44', /^WARNING: (?:.* at )?fs\/overlayfs\/super\.c:\d+ (?:at )?ovl_fill_super\+/),
                logged('O44', TRACE, 'possible'),
              ]
            : [],
        why: 'the context is that of another user namespace than who creates the superblock',
      }
    : undefined;
