/** The registry of rules is whole, and says of each rule what a reader needs. */
import t from 'tap';
import { isRuleId, RULE_IDS, RULES } from '../../../harness/model/rules/registry.ts';
import { behavioursOf, KERNELS } from './kernels.ts';

function ids(letter: string, first: number, last: number): readonly string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${letter}${first + index}`);
}

/** The rules as they were collected from the kernel's sources, before there was a model. */
const COLLECTED = [
  ...ids('CH', 1, 6),
  ...ids('D', 0, 11),
  ...ids('E', 1, 30),
  ...ids('O', 1, 46),
  ...ids('L', 1, 7),
] as const;

t.test('each rule that was collected has a row', (t) => {
  for (const id of COLLECTED) t.ok(isRuleId(id), id);
  t.equal(isRuleId('Q1'), false);
  t.end();
});

t.test('the rows stand in the order of their numbers', (t) => {
  const ofE = RULE_IDS.filter((id) => id.startsWith('E'));
  t.strictSame(ofE, ids('E', 0, 32));
  t.end();
});

t.test('a row says its condition, its outcome, its kernels and where it was read', (t) => {
  for (const id of RULE_IDS) {
    const row = RULES[id];
    for (const text of [row.condition, row.outcome, row.kernels]) t.ok(text.length > 1, id);
    t.ok(
      row.source.length > 0 && row.source.every((place) => /^[a-z0-9_/.-]+\.[ch](:\w+)?$/.test(place)),
      `${id}: source`,
    );
    if (row.channel === 'none') t.equal(row.message, undefined, `${id} is silent, and says something`);
    t.notOk(row.unobservable !== undefined && row.untested !== undefined, `${id} cannot be seen, so cannot be tried`);
  }
  t.end();
});

t.test('a kernel has the rules of its own way of stacking, and no other', (t) => {
  const has = (behaviours = KERNELS.counted) =>
    RULE_IDS.filter((id) => /^E(1|6|7|8|9|10|11)$/.test(id) && RULES[id].absent?.(behaviours) === undefined);
  t.strictSame(has(KERNELS['no-file-backed']), ['E1']);
  t.strictSame(has(KERNELS.unchecked), ['E6']);
  t.strictSame(has(KERNELS.counted), ['E7', 'E8']);
  t.strictSame(has(KERNELS['no-erofs-backing']), ['E9']);
  t.strictSame(has(KERNELS['no-stacked-backing']), ['E10', 'E11']);
  t.equal(
    RULES.E2.absent?.(behavioursOf('6.18.9', { EROFS_FS_BACKED_BY_FILE: 'n' })),
    undefined,
    'a kernel that is built without file-backed mounts has E2',
  );
  t.end();
});
