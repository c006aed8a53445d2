/** A file that has its metadata where it is and its data in a layer below. fs/overlayfs/util.c:ovl_check_metacopy_xattr */
import type { TreeNode } from '../../vm/machine.ts';

export function isMetacopy(node: TreeNode | undefined): node is TreeNode {
  return node?.kind === 'file' && node.xattrs?.['trusted.overlay.metacopy'] !== undefined;
}
