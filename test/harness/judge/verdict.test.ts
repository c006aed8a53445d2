/** The exit status that verdicts add up to. */
import t from 'tap';
import { exitStatusOf, type VerdictKind } from '../../../harness/judge/verdict.ts';

const CASES: readonly (readonly [readonly VerdictKind[], 0 | 1 | 125])[] = [
  [['agrees'], 0],
  [['agrees', 'agrees'], 0],
  [['agrees', 'disagrees'], 1],
  [['agrees', 'crashed'], 1],
  [['agrees', 'hung'], 1],
  [['agrees', 'unsupported'], 125],
  [['agrees', 'broken'], 125],
  [['broken', 'disagrees'], 1],
  [['unsupported', 'crashed'], 1],
  [['unsupported'], 125],
  [[], 125],
];

for (const [kinds, status] of CASES)
  t.test(`given ${kinds.join(', ') || 'nothing'}, then ${status}`, (t) => {
    t.equal(exitStatusOf(kinds), status);
    t.end();
  });
