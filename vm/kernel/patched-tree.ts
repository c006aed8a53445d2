/** A kernel tree without a patch and with it, built both ways; the tree is afterwards as it was before. */
import path from 'node:path';
import { copyBuilt } from './build-tree.ts';
import { makeTree, sourcesOf, type MakeOptions } from './make-tree.ts';
import { applyPatch, checkPatch } from './patch.ts';

export interface BothBuilds {
  /** Directories that `tree:` takes. */
  readonly before: string;
  readonly after: string;
}

/**
 * Builds a tree, applies a patch, builds again what that changed, and takes the patch back.
 *
 * @param into where the two kernels are copied to
 *
 * Throws UsageError for a patch that does not apply, UnsupportedError for a tree that does not build.
 */
export async function buildBoth(
  tree: string,
  patch: string,
  into: string,
  { signal, onProgress }: MakeOptions,
): Promise<BothBuilds> {
  const sources = await sourcesOf(tree);
  const [name, patchName] = [path.basename(path.resolve(tree)), path.basename(patch)];
  const before = path.join(into, 'before', name);
  const after = path.join(into, 'after', `${name}+${patchName}`);
  await checkPatch(sources, patch, { signal, onProgress });
  const making = (words: string): MakeOptions => ({ signal, onProgress: (text) => onProgress(`${words}: ${text}`) });
  onProgress('without the patch: building');
  await makeTree(tree, making('without the patch'));
  await copyBuilt(tree, before);
  try {
    await using _patch = await applyPatch(sources, patch, signal);
    onProgress(`with ${patchName}: building`);
    await makeTree(tree, making(`with ${patchName}`));
    await copyBuilt(tree, after);
  } finally {
    // Not the patched kernel under the name of the other, until it is built again.
    await copyBuilt(before, tree);
  }
  return { before, after };
}
