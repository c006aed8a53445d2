/** `--build`: brings the build trees among the kernels up to date before anything is run on them. */
import { makeTree } from '../../vm/kernel/make-tree.ts';
import { parseKernelSpec } from '../../vm/kernel/spec.ts';

export const BUILD_OPTION = 'bring the trees of tree: up to date first, by make; one that does not build ends with 125';

/** Throws what makeTree throws. */
export async function buildTrees(
  specs: readonly string[],
  signal: AbortSignal,
  onPhase: (spec: string, text: string) => void,
): Promise<void> {
  for (const spec of specs) {
    const parsed = parseKernelSpec(spec);
    if (parsed.kind !== 'tree') continue;
    const onProgress = (text: string): void => onPhase(spec, text);
    onProgress('building');
    await makeTree(parsed.directory, { signal, onProgress });
  }
}
