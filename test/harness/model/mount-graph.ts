/** Random mount graphs, built with the builders of scenarios; what is made later may stand on what was made before. */
import fc from 'fast-check';
import { mount, type Scenario } from '../../../harness/scenario.ts';
import {
  copyOf,
  disk,
  ecryptfs,
  erofs,
  erofsImage,
  fileIn,
  fuse,
  imageFile,
  loop,
  overlay,
  text,
  tmpfs,
} from '../../../harness/topology/builders.ts';
import { isImplicit, lookUp, type Mount } from '../../../harness/topology/topology.ts';
import type { ErofsSpec } from '../../../vm/machine.ts';

/** How many images lie within each other: no graph here goes deeper. */
const NESTING = 12;

/** `inner` is the next image; the innermost has none. */
function nested(levels: number): ErofsSpec {
  return erofsImage({
    'data.txt': text(`${levels}\n`),
    ...(levels === 0 ? {} : { inner: imageFile(nested(levels - 1)) }),
  });
}
const IMAGES = nested(NESTING);

export interface MountGraph {
  readonly disk: Mount;
  /** Every mount that needs a step, in the order in which they can be made. */
  readonly mounts: readonly Mount[];
}

/** What one more mount is, and the two earlier ones that it stands on, as numbers to be taken modulo. */
interface Choice {
  readonly kind: (typeof KINDS)[number];
  readonly below: number;
  readonly beside: number;
}

const PLANNED = ['file', 'loop', 'copy', 'overlay', 'read-only overlay', 'merged', 'data-only', 'upper'] as const;
const KINDS = [...PLANNED, 'fuse', 'passthrough', 'ecryptfs'] as const;

/** `planned`: only what fathom's agent can make. */
export function mountGraphs(which: 'all' | 'planned' = 'all', maxLength = 10): fc.Arbitrary<MountGraph> {
  const choice: fc.Arbitrary<Choice> = fc.record({
    kind: fc.constantFrom(...(which === 'all' ? KINDS : PLANNED)),
    below: fc.nat(63),
    beside: fc.nat(63),
  });
  return fc.array(choice, { minLength: 1, maxLength }).map(build);
}

function build(choices: readonly Choice[]): MountGraph {
  const bottom = disk('ext4', { inner: imageFile(IMAGES) });
  const pool: Mount[] = [bottom];
  for (const { kind, below, beside } of choices) {
    const made = make(kind, pool[below % pool.length]!, pool[beside % pool.length]!, bottom);
    if (made !== undefined) pool.push(made);
  }
  return { disk: bottom, mounts: pool.filter((each) => !isImplicit(each)) };
}

function make(kind: Choice['kind'], below: Mount, beside: Mount, bottom: Mount): Mount | undefined {
  const isThere = lookUp(below, 'inner') !== undefined;
  switch (kind) {
    case 'file':
      return isThere ? erofs(fileIn(below, 'inner')) : undefined;
    case 'loop':
      return isThere ? erofs(loop(fileIn(below, 'inner'))) : undefined;
    case 'copy':
      return isThere ? erofs(copyOf(fileIn(below, 'inner'), tmpfs(), 'copy')) : undefined;
    case 'overlay':
      return overlay({ lower: below, upper: bottom });
    case 'read-only overlay':
      return overlay({ lower: [below, tmpfs()] });
    case 'merged':
      return overlay({ lower: [below, beside], upper: bottom });
    case 'data-only':
      return overlay({ lower: below, dataOnly: [beside], upper: bottom, metacopy: 'on' });
    case 'upper':
      return overlay({ lower: below, upper: beside });
    case 'fuse':
      return fuse(below);
    case 'passthrough':
      return fuse(below, { maxStackDepth: 1 });
    case 'ecryptfs':
      return ecryptfs(below);
  }
  return kind satisfies never;
}

/** A step for each mount, in order. */
export function scenarioOfGraph({ mounts }: MountGraph): Scenario {
  return { name: 'graph', shows: '', about: [], steps: mounts.map((each, index) => mount(`${index}`, each)) };
}
