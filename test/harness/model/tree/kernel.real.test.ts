/** The model's trees against a kernel: changes by chance, and after each what is shown and what lies in the upper. */
import fc from 'fast-check';
import t from 'tap';
import { changes } from './changes.ts';
import { graphs } from './graphs.ts';
import { boot, compare } from './kernel.ts';

const LENGTH = 25;
/** Of the graphs: the others differ from these in one rule each. */
const CHOSEN = ['xino=on', 'one disk', 'an overlay on', 'redirect_dir=nofollow', 'data-only', 'namespace user'];
/** Any will do; another finds other things. */
const SEED = 1;

for (const spec of ['debian:6.18.9'])
  t.test(`given ${spec} and changes by chance, then its overlays do what the model does`, async (t) => {
    const side = await boot(spec);
    await using _template = side.template;
    for (const graph of graphs().filter(({ name }) => CHOSEN.some((word) => name.includes(word)))) {
      const [sequence = []] = fc.sample(changes(LENGTH), { seed: SEED, numRuns: 1 });
      t.strictSame(await compare(side, graph, sequence), [], graph.name);
    }
  });
