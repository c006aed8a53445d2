/** What steps make of rules: agrees, disagrees, and the reasons why nothing can be said. */
import t from 'tap';
import { exitStatusOfRules, ruleTable } from '../../../harness/report/rule-table.ts';
import { rulesReport } from '../../../harness/report/rules-results.ts';
import { rulesText } from '../../../harness/report/rules-text.ts';
import type { KernelRecord, StepRecord } from '../../../harness/report/results.ts';

const KERNEL: KernelRecord = {
  spec: 'debian:6.18.9',
  release: '6.18.9',
  origin: 'test',
  profile: 'no-stacked-backing',
  profileOrigin: 'test',
  replaced: [],
  notes: [],
  absentRules: { E1: 'it has file-backed erofs' },
};

function step(
  name: string,
  parts: Partial<StepRecord> & { rules?: [triggered: string[], spared: string[]] },
): StepRecord {
  const { rules: [triggered, spared] = [[], []], ...rest } = parts;
  return {
    kernel: KERNEL.spec,
    release: KERNEL.release,
    scenario: 'some',
    step: name,
    predicted: { ok: true, messages: [], why: '', exercised: { triggered, spared } },
    observed: { ok: true, messages: [] },
    verdict: { kind: 'agrees' },
    ...rest,
  };
}

function cell(id: string, results: readonly StepRecord[], about: readonly string[] = []) {
  const rules = ruleTable([KERNEL], results, new Map([['some', new Set(about)]]));
  return rules.find((rule) => rule.id === id)!.cells[0]!;
}

t.test('given a step that triggers a rule and one that just does not, both agreeing, then the rule agrees', (t) => {
  t.match(cell('D3', [step('deep', { rules: [['D3'], []] }), step('less', { rules: [['D2'], ['D3']] })]), {
    status: 'agrees',
    triggered: { scenario: 'some', step: 'deep' },
    spared: { scenario: 'some', step: 'less' },
    count: { triggered: 1, spared: 1, disagreed: 0 },
  });
  t.end();
});

t.test('given one step that does not agree among many, then the rule disagrees, and the step is named', (t) => {
  const bad = step('less', { rules: [['D2'], ['D3']], verdict: { kind: 'disagrees', why: 'it was refused' } });
  const good = step('deep', { rules: [['D3'], []] });
  t.match(cell('D3', [good, bad]), { status: 'disagrees', why: 'it was refused', disagreed: { step: 'less' } });
  t.equal(exitStatusOfRules(ruleTable([KERNEL], [good, bad], new Map())), 1);
  t.end();
});

t.test('given only steps in which it does not speak, then it is untested', (t) => {
  t.match(cell('D3', [step('less', { rules: [['D2'], ['D3']] })]), { status: 'untested', why: /only steps in which/ });
  t.end();
});

t.test('given a step that was not tried, or of which nothing could be said, then it shows nothing', (t) => {
  const skipped = step('deep', { rules: [['D3'], []], observed: { ok: false, messages: [], skipped: 'below' } });
  const broken = step('deeper', { rules: [['D3'], []], verdict: { kind: 'broken', why: 'no guest' } });
  t.match(cell('D3', [skipped, broken]), { status: 'untested', count: { triggered: 0, spared: 0, disagreed: 0 } });
  t.equal(exitStatusOfRules(ruleTable([KERNEL], [skipped], new Map())), 125);
  t.end();
});

t.test(
  'given only steps that were not answered, then that is why, whatever else would excuse it, and no success',
  (t) => {
    const lost = step('deep', {
      rules: [['D3', 'D5'], []],
      verdict: { kind: 'unsupported', missing: 'a guest: it was lost in "other"', why: 'not run' },
    });
    const why = 'needs a guest: it was lost in "other": some: "deep"';
    // D5 may be left out where nobody tries it.
    t.match(cell('D5', []), { status: 'untested', why: /eCryptfs/, open: undefined });
    for (const id of ['D3', 'D5']) t.match(cell(id, [lost]), { status: 'untested', why, open: true });
    const broken = step('deep', { rules: [['D5'], []], verdict: { kind: 'broken', why: 'the agent talks nonsense' } });
    t.match(cell('D5', [broken]), { status: 'untested', why: /the agent talks nonsense/, open: true });
    t.match(
      cell('D3', [step('less', { rules: [['D2'], ['D3']] })]),
      { open: true },
      'that it was not tried is no reason',
    );
    t.end();
  },
);

t.test('given no step, then what the kernel has not, what nothing shows and what is left out say why', (t) => {
  t.match(cell('E1', []), { status: 'n/a', why: 'it has file-backed erofs' });
  t.match(cell('D11', []), { status: 'unobservable', why: /nothing exports it/ });
  t.match(cell('E30', []), { status: 'untested', why: /cachefiles/ });
  t.end();
});

t.test('given an overlay that is mounted in a scenario about a rule of overlayfs, then the rule just does not', (t) => {
  const overlay = step('overlay', { rules: [['D2'], []] });
  const erofs = step('erofs', { rules: [['E11'], []] });
  t.match(cell('O7', [overlay], ['O7']).count, { spared: 1 });
  t.match(cell('O7', [overlay], []).count, { spared: 0 });
  t.match(cell('O7', [erofs], ['O7']).count, { spared: 0 });
  t.end();
});

t.test('given many kernels, then the table fits into 100 columns and every kernel is in it', (t) => {
  const kernels = Array.from({ length: 12 }, (_, index) => ({ ...KERNEL, spec: `debian:6.${index}.117` }));
  const report = rulesReport.parse({
    v: 1,
    type: 'rules',
    fathom: 'test',
    kernels,
    rules: ruleTable(kernels, [], new Map()),
  });
  const plain = (text: string) => text;
  const style = { bold: plain, dim: plain, good: plain, bad: plain, odd: plain, columns: 100 };
  const text = rulesText(report, style);
  for (const line of text.split('\n')) t.ok(line.length <= 100, line);
  for (const { spec } of kernels) t.ok(text.includes(spec.slice(7)), spec);
  t.end();
});
