/** The table of rules for a terminal: a row a rule, a column a kernel, and below it the reasons. */
import { inOneBreath, kernelLabels, type Labels } from './labels.ts';
import type { Style } from './reporter.ts';
import type { RuleCell, RuleRecord, RulesReport } from './rules-results.ts';
import { wrap } from './wrap.ts';

const ID_WIDE = 5;
const CELL_WIDE = 11;
/** A condition that is narrower than this says too little. */
const CONDITION_NARROW = 28;
/** Where the terminal has no width. */
const COLUMNS = 100;

export function rulesText(report: RulesReport, style: Style): string {
  const { kernels, rules } = report;
  const labels = kernelLabels(kernels);
  const columns = Number.isFinite(style.columns) ? style.columns : COLUMNS;
  const perTable = Math.max(1, Math.floor((columns - ID_WIDE) / CELL_WIDE));
  const tables =
    kernels.length === 0
      ? table(rules, [], columns, labels, style)
      : chunks(
          kernels.map(({ spec }) => spec),
          perTable,
        ).flatMap((some) => table(rules, some, columns, labels, style));
  const prose = [...reasons(rules, labels, kernels.length), ...legend(rules), ...counts(rules, labels)];
  return `${[...tables, ...prose.flatMap((line) => wrap(line, columns))].join('\n')}\n`;
}

function table(
  rules: readonly RuleRecord[],
  specs: readonly string[],
  columns: number,
  labels: Labels,
  style: Style,
): readonly string[] {
  const room = columns - ID_WIDE - specs.length * CELL_WIDE;
  const line = (id: string, cells: readonly string[], condition: string) =>
    `${id}${cells.join('')}${room < CONDITION_NARROW ? '' : clipped(condition, room)}`.trimEnd();
  return [
    line(
      'rule'.padEnd(ID_WIDE),
      specs.map((spec) => (labels.get(spec) ?? spec).slice(0, CELL_WIDE - 1).padEnd(CELL_WIDE)),
      'condition',
    ),
    ...rules.map(({ id, condition, oneSided, cells }) =>
      line(
        style.bold(id.padEnd(ID_WIDE)),
        specs.map((spec) =>
          painted(
            cells.find(({ kernel }) => kernel === spec),
            oneSided !== undefined,
            style,
          ),
        ),
        condition,
      ),
    ),
    '',
  ];
}

/** `agrees`, or `agrees +` where only steps in which it speaks were seen. */
function painted(cell: RuleCell | undefined, isOneSided: boolean, style: Style): string {
  if (cell === undefined) return ' '.repeat(CELL_WIDE);
  switch (cell.status) {
    case 'agrees':
      return style.good((cell.spared === undefined && !isOneSided ? 'agrees +' : 'agrees').padEnd(CELL_WIDE));
    case 'disagrees':
      return style.bad('DISAGREES'.padEnd(CELL_WIDE));
    case 'n/a':
      return style.dim('n/a'.padEnd(CELL_WIDE));
    case 'unobservable':
      return style.dim('unseen'.padEnd(CELL_WIDE));
    case 'untested':
      return style.odd('untested'.padEnd(CELL_WIDE));
  }
  return cell.status satisfies never;
}

const TITLES = {
  disagrees: 'disagrees',
  untested: 'untested',
  unobservable: 'unseen',
  'n/a': 'n/a',
} as const;

/** Why a cell is no `agrees`: what is said of several rules and kernels is said once. */
function reasons(rules: readonly RuleRecord[], labels: Labels, all: number): readonly string[] {
  return (Object.keys(TITLES) as (keyof typeof TITLES)[]).flatMap((status) => {
    const told = new Map<string, Map<string, string[]>>();
    for (const { id, cells } of rules)
      for (const { status: its, kernel, why, disagreed } of cells) {
        if (its !== status) continue;
        const at = disagreed === undefined ? '' : `${disagreed.scenario}: "${disagreed.step}": `;
        const ofWhy = told.get(`${at}${why ?? 'no step bears on it'}`) ?? new Map<string, string[]>();
        told.set(`${at}${why ?? 'no step bears on it'}`, ofWhy);
        ofWhy.set(id, [...(ofWhy.get(id) ?? []), labels.get(kernel) ?? kernel]);
      }
    const lines = [...told].flatMap(([why, byRule]) =>
      [...grouped(byRule, all)].map(
        ([where, ids]) => `  ${ids.join(', ')}${where === '' ? '' : ` (${where})`}: ${why}`,
      ),
    );
    return lines.length === 0 ? [] : [`${TITLES[status]}:`, ...lines, ''];
  });
}

/** Kernels in a breath → the rules of which it is said. */
function grouped(byRule: ReadonlyMap<string, readonly string[]>, all: number): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const [id, names] of byRule) {
    const where = all === 1 ? '' : inOneBreath(names, all);
    groups.set(where, [...(groups.get(where) ?? []), id]);
  }
  return groups;
}

function legend(rules: readonly RuleRecord[]): readonly string[] {
  return rules.every(({ cells }) => cells.length === 0)
    ? ['`fathom rules ID` says all of one; with --kernel or --from the table says what kernels do.']
    : [
        'agrees: seen where it speaks and where it just does not; agrees +: only where it speaks; unseen: nothing shows it from outside. `fathom rules ID` says all of one.',
        '',
      ];
}

function counts(rules: readonly RuleRecord[], labels: Labels): readonly string[] {
  const specs = [...new Set(rules.flatMap(({ cells }) => cells.map(({ kernel }) => kernel)))];
  return specs.map((spec) => {
    const cells = rules.flatMap(({ cells }) => cells.filter(({ kernel }) => kernel === spec));
    const kinds = ['agrees', 'disagrees', 'n/a', 'unobservable', 'untested'] as const;
    const parts = kinds.flatMap((kind) => {
      const many = cells.filter(({ status }) => status === kind).length;
      return many === 0 ? [] : [`${many} ${kind}`];
    });
    return `${labels.get(spec) ?? spec}: ${cells.length} rules: ${parts.join(', ')}`;
  });
}

function clipped(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}
