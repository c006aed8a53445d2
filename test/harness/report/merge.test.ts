/** Shards of a run: each scenario in one of them, and all of them or none. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { parseShard, partOf } from '../../../harness/cli/shard-option.ts';
import { merge, type ShardReport } from '../../../harness/report/merge.ts';
import { report as schema, type Report } from '../../../harness/report/results.ts';

/** As pretty.test.ts says where it is from. */
const WHOLE = schema.parse(
  JSON.parse(readFileSync(path.join(import.meta.dirname, 'fixtures/three-kernels.json'), 'utf8')),
);
const SCENARIOS = [...new Set(WHOLE.results.map(({ scenario }) => scenario))];

function shard(index: number, of = 2, parts: Partial<Report> = {}): ShardReport {
  const names = partOf(SCENARIOS, { index, of });
  return {
    file: `${index}.json`,
    report: {
      ...WHOLE,
      results: WHOLE.results.filter(({ scenario }) => names.includes(scenario)),
      shard: { index, of, scenarios: SCENARIOS },
      ...parts,
    },
  };
}

t.test('given all shards in any order, then the report of the whole run comes of them', (t) => {
  const merged = merge([shard(2), shard(1)]);
  const rank = ({ scenario, kernel, step }: Report['results'][number]): string => `${scenario} ${kernel} ${step}`;
  t.strictSame(merged.results.map(rank).sort(), WHOLE.results.map(rank).sort());
  t.strictSame(merged.kernels, WHOLE.kernels);
  t.equal(merged.results[0]!.scenario, SCENARIOS[0]);
  t.ok(schema.safeParse(merged).success);
  t.end();
});

t.test('given shards that are not those of one whole run, then it is said which is wrong', (t) => {
  const refused = (shards: readonly ShardReport[], message: RegExp): void =>
    void t.throws(() => merge(shards), { name: 'UsageError', message });
  refused([], /no report/);
  refused([shard(1)], /missing: shard 2\/2/);
  refused([shard(1), shard(1)], /both shard 1\/2/);
  refused([shard(1), shard(2, 2, { interrupted: true })], /shard 2\/2, was interrupted/);
  refused([shard(1), shard(2, 2, { fathom: '9.9.9' })], /by fathom 9\.9\.9/);
  refused([shard(1), shard(2, 2, { kernels: WHOLE.kernels.slice(1) })], /another run than 1\.json: on debian/);
  refused([shard(1), shard(2, 2, { shard: { index: 2, of: 2, scenarios: ['x'] } })], /with other scenarios/);
  refused([shard(1), shard(2, 2, { shard: { index: 2, of: 3, scenarios: SCENARIOS } })], /one of 3 shards/);
  refused([shard(1), shard(2, 2, { results: [] })], /no shard has results of/);
  const { shard: _, ...unsharded } = WHOLE;
  refused([{ file: 'w.json', report: unsharded }], /w\.json is no shard/);
  t.end();
});

t.test('given parts, then each scenario is in one of them, and a part that there is not is refused', (t) => {
  const all = Array.from({ length: 11 }, (_, index) => index);
  const parts = [1, 2, 3].map((index) => partOf(all, parseShard(`${index}/3`)));
  t.strictSame(
    parts.flat().sort((a, b) => a - b),
    all,
  );
  t.ok(Math.max(...parts.map(({ length }) => length)) - Math.min(...parts.map(({ length }) => length)) <= 1);
  for (const text of ['0/2', '3/2', '1', 'a/b', '1/0', '-1/2', '1/2/3'])
    t.throws(() => parseShard(text), { message: /it is I\/N/ }, text);
  t.throws(() => partOf([1], { index: 1, of: 2 }), { name: 'UsageError' });
  t.end();
});
