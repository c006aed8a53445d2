/** Refuses specs that no composefs image can be made from, with a UsageError that names the path. */
import { UsageError } from '../errors.ts';
import type { ComposefsSpec } from './spec.ts';
import { walk } from './tree.ts';
import { checkTree, isMtime } from './validate.ts';

/** Throws UsageError when the image cannot be meant. */
export function checkComposefs(spec: ComposefsSpec, where = 'composefs image'): void {
  if (spec.mtime !== undefined && !isMtime(spec.mtime))
    throw new UsageError(`${where}: mtime ${spec.mtime} is not a number of seconds since 1970 below 2^32`);
  checkTree(spec.tree, where);
  for (const { path, node } of walk(spec.tree)) {
    const refuse = (why: string): never => {
      throw new UsageError(`${where}, /${path === '.' ? '' : path}: ${why}`);
    };
    if (node.kind !== 'directory' && node.kind !== 'symlink' && node.kind !== 'file')
      refuse(
        `${node.kind === 'image' ? 'an image' : `a ${node.kind}`}; fathom puts files, links and directories there`,
      );
    // mkcomposefs writes them under other names, which only an overlay on an overlay sees.
    const own = Object.keys(node.xattrs ?? {}).find((name) => /^(?:trusted|user)\.overlay\./.test(name));
    if (own !== undefined) refuse(`the attribute ${own}: composefs makes those of overlayfs itself`);
  }
  for (const name of Object.keys(spec.tree.entries))
    if (/^[0-9a-f]{2}$/.test(name))
      throw new UsageError(`${where}, /${name}: the root keeps the names 00 to ff for its directories of objects`);
}
