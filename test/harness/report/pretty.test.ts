import { readFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
import { pretty } from '../../../harness/report/pretty.ts';
import type { Style } from '../../../harness/report/reporter.ts';
import { report, type Report } from '../../../harness/report/results.ts';

/**
 * Runs on real kernels, recorded with
 *
 *   npx fathom run fedora-coreos-2087 nested-file-backed -k debian:6.17.8 -k debian:6.17.13 -k debian:6.18.9 \
 *     -r json > three-kernels.json
 *   npx fathom run fedora-coreos-2087 apex -k debian:6.17.13 -k image:bzImage,config=config \
 *     --profile no-stacked-backing -r json > disagreement.json        # a kernel without its modules
 */
function recorded(name: string): Report {
  return report.parse(JSON.parse(readFileSync(path.join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8')));
}

const same = (text: string): string => text;
const plain: Style = { bold: same, dim: same, good: same, bad: same, odd: same, columns: Infinity };
const coloured = (columns: number): Style => {
  const paint = (text: string): string => `\x1b[31m${text}\x1b[39m`;
  return { bold: paint, dim: paint, good: paint, bad: paint, odd: paint, columns };
};

t.test('given three kernels that agree, then they stand side by side, and each difference is explained', async (t) => {
  t.matchSnapshot(pretty.render(recorded('three-kernels'), plain));
});

t.test(
  'given a disagreement and a kernel without modules, then each is told once, and neither is the other',
  async (t) => {
    t.matchSnapshot(pretty.render(recorded('disagreement'), plain));
  },
);

t.test(
  'given a kernel that nothing can be said of, then there is no empty table, and it is not called wrong',
  async (t) => {
    const { kernels, results, ...rest } = recorded('disagreement');
    const [, bare] = kernels;
    const text = pretty.render(
      { ...rest, kernels: [bare!], results: results.filter(({ kernel }) => kernel === bare!.spec) },
      plain,
    );
    t.match(
      text,
      /^6\.18\.9: 18 steps of 2 scenarios unsupported: .* has no module erofs/,
      'begins with what is wrong',
    );
    t.match(text, 'nothing can be said of 6.18.9\n18 steps: 18 unsupported\n');
    t.notMatch(text, /n\/a|behave/);
  },
);

t.test('given eight kernels, when the terminal has 80 columns, then no line is longer and none is lost', async (t) => {
  const { kernels, results, ...rest } = recorded('three-kernels');
  const [first] = kernels;
  const specs = Array.from({ length: 8 }, (_, index) => `debian:6.12.${index + 50}`);
  const many = {
    ...rest,
    kernels: specs.map((spec) => ({ ...first!, spec })),
    results: specs.flatMap((kernel) =>
      results.filter((one) => one.kernel === first!.spec).map((one) => ({ ...one, kernel })),
    ),
  };
  const narrow = stripVTControlCharacters(pretty.render(many, coloured(80))).split('\n');
  t.strictSame(
    narrow.filter((line) => line.length > 80),
    [],
  );
  for (const spec of specs)
    t.ok(
      narrow.some((line) => line.startsWith('fedora-coreos-2087') && line.includes(spec.slice(7))),
      spec,
    );
  const wide = pretty.render(many, plain).split('\n');
  t.equal(wide.filter((line) => line.startsWith('fedora-coreos-2087 ')).length, 1, 'in a pipe there is one table');
  t.ok(wide.includes('all 8 kernels behave as their profiles say: unchecked'));
});

t.test('given two kernels of one version, then their names differ, and it is said which is which', async (t) => {
  const { kernels, results, ...rest } = recorded('three-kernels');
  const last = kernels[2]!;
  const tree = { ...last, spec: 'tree:../linux' };
  const built = results.filter(({ kernel }) => kernel === last.spec).map((one) => ({ ...one, kernel: tree.spec }));
  const text = pretty.render(
    { ...rest, kernels: [tree, last], results: [...built, ...results.filter(({ kernel }) => kernel === last.spec)] },
    plain,
  );
  t.match(text, /^fedora-coreos-2087 +6\.18\.9#2 +6\.18\.9\n/);
  t.match(text, '6.18.9#2 is tree:../linux (6.18.9+deb13-cloud-amd64)\n');
});

t.test('given a run that was interrupted, then the report says that it is not the whole', async (t) => {
  t.match(
    pretty.render({ ...recorded('three-kernels'), interrupted: true }, plain),
    '\ninterrupted: this is what was measured until then\n',
  );
});
