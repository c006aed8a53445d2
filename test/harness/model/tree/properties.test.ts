/** What holds of every tree, whatever is done to it. */
import fc from 'fast-check';
import t from 'tap';
import { Trees } from '../../../../harness/model/tree/trees.ts';
import { changes } from './changes.ts';
import { graphs } from './graphs.ts';
import { list, NEW, OLD } from './trees.ts';

for (const [kernel, behaviours] of [
  ['5.10', OLD],
  ['7.3', NEW],
] as const)
  for (const graph of graphs())
    t.test(`${kernel}, ${graph.name}: lowers stay, and what is refused shows nothing new`, (t) => {
      fc.assert(
        fc.property(changes(25), (sequence) => {
          const trees = new Trees(behaviours);
          const over = graph.overlays.at(-1)!;
          for (const { on, change } of graph.before) trees.apply(on, change);
          const lowers = () => JSON.stringify(over.lowers.map(({ on, path }) => list(trees, on, path)));
          const before = lowers();
          for (const change of sequence) {
            const shown = list(trees, over);
            const applied = trees.apply(over, change);
            // Its new file is there before it is refused.
            if (change.how === 'copy-file-range') continue;
            if (applied?.kind === 'refused' && list(trees, over).join() !== shown.join()) return false;
          }
          return lowers() === before;
        }),
        { numRuns: 12, seed: 7 },
      );
      t.end();
    });
