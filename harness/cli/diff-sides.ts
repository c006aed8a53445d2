/** What `fathom diff` compares: two kernels, one with and without a module, or a tree with and without a patch. */
import { dir } from 'tmp-promise';
import { buildBoth } from '../../vm/kernel/patched-tree.ts';
import { UsageError } from '../../vm/machine.ts';
import type { Pair } from '../diff/compare.ts';
import { progressOf } from '../report/progress.ts';
import type { SideRequest } from '../run/diff.ts';
import type { DiffOptions } from './diff.ts';

/** Disposing removes the kernels that were built for it. */
export interface Sides extends AsyncDisposable {
  readonly sides: Pair<SideRequest>;
}

/** Throws UsageError for what cannot be meant, and what buildBoth throws. */
export async function prepareSides(
  before: string | undefined,
  after: string | undefined,
  options: DiffOptions,
  signal: AbortSignal,
): Promise<Sides> {
  const { module, patch, tree } = options;
  if (patch !== undefined || tree !== undefined) {
    if (patch === undefined || tree === undefined) throw new UsageError('--patch and --tree go together');
    if (before !== undefined || module !== undefined)
      throw new UsageError('--patch compares the tree of --tree with itself: no other kernel or module goes with it');
    return patchedSides(tree, patch, signal);
  }
  if (before === undefined) throw new UsageError('which kernels? Name two, or one and --module, or --patch and --tree');
  if (after === undefined && module === undefined)
    throw new UsageError(`${before} is to be compared with what? Name a second kernel, or a module with --module`);
  return {
    sides: [
      { spec: before, replace: {} },
      { spec: after ?? before, replace: module ?? {} },
    ],
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function patchedSides(tree: string, patch: string, signal: AbortSignal): Promise<Sides> {
  const place = await dir({ prefix: 'fathom-patch-', unsafeCleanup: true });
  const spec = `tree:${tree}`;
  const progress = progressOf([spec], 2, process.stderr, 'builds');
  try {
    const onProgress = (text: string): void => progress.phase(spec, text);
    const built = await buildBoth(tree, patch, place.path, { signal, onProgress });
    return {
      sides: [
        { spec: `tree:${built.before}`, replace: {} },
        { spec: `tree:${built.after}`, replace: {} },
      ],
      [Symbol.asyncDispose]: () => place.cleanup(),
    };
  } catch (error) {
    await place.cleanup();
    throw error;
  } finally {
    await progress.close();
  }
}
