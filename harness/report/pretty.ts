/** For people: kernels side by side, a row a step, then what differs and why. */
import type { Reporter, Style } from './reporter.ts';
import type { KernelRecord, Report, StepRecord } from './results.ts';

const COLUMN = 11;

type Labels = ReadonlyMap<string, string>;

export const pretty: Reporter = {
  name: 'pretty',
  render(report, style) {
    const labels = kernelLabels(report.kernels);
    const parts = [tables(report, labels, style), explanations(report, labels), troubles(report, labels, style), notes(report, labels), summary(report, labels, style)];
    return `${parts.flat().join('\n')}\n`;
  },
};

/**
 * A kernel's name for a column: `6.17.13` for `debian:6.17.13`, the release's version for a suite, a build tree or a
 * file; with a number where two would be the same.
 */
export function kernelLabels(kernels: readonly KernelRecord[]): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const { spec, release } of kernels) {
    const version = /^debian:([0-9][^/]*)$/.exec(spec)?.[1] ?? release.split(/[+-]/)[0] ?? release;
    const taken = [...labels.values()].filter((label) => label.split('#')[0] === version).length;
    labels.set(spec, taken === 0 ? version : `${version}#${taken + 1}`);
  }
  return labels;
}

function tables({ kernels, results }: Report, labels: Labels, style: Style): string[] {
  const specs = kernels.map(({ spec }) => spec);
  const scenarios = [...new Set(results.map(({ scenario }) => scenario))].sort(reportsFirst(results));
  return scenarios.flatMap((scenario) => {
    const records = results.filter((record) => record.scenario === scenario);
    const steps = [...new Set(records.map(({ step }) => step))];
    const width = Math.max(...[scenario, ...steps.map((step) => `  ${step}`)].map((text) => text.length), 36) + 2;
    const head = `${style.bold(scenario.padEnd(width))}${specs.map((spec) => (labels.get(spec) ?? spec).padEnd(COLUMN)).join('')}`.trimEnd();
    const rows = steps.map((step) => {
      const cells = specs.map((spec) => cell(records.find((record) => record.step === step && record.kernel === spec), style));
      return `${`  ${step}`.padEnd(width)}${cells.join('')}`.trimEnd();
    });
    return [head, ...rows, ''];
  });
}

/** The order in which scenarios were first reported. */
function reportsFirst(results: readonly StepRecord[]): (a: string, b: string) => number {
  const order = new Map<string, number>();
  for (const { scenario } of results) if (!order.has(scenario)) order.set(scenario, order.size);
  return (a, b) => order.get(a)! - order.get(b)!;
}

/** What was seen, with the depth that the model gives it; a verdict other than `agrees` is marked. */
export function cellText({ predicted, observed, verdict }: StepRecord): string {
  switch (verdict.kind) {
    case 'agrees':
      return seen(observed, predicted);
    case 'disagrees':
      return `${seen(observed, {})} !`;
    case 'crashed':
      return 'CRASHED !';
    case 'hung':
      return 'HUNG !';
    case 'unsupported':
      return 'n/a ?';
    case 'broken':
      return 'broken ?';
  }
  return verdict.kind satisfies never;
}

function seen(observed: StepRecord['observed'], { depth }: { readonly depth?: number | undefined }): string {
  if (observed.ok) return depth === undefined ? 'ok' : `ok d${depth}`;
  return observed.errno ?? '-';
}

function cell(record: StepRecord | undefined, style: Style): string {
  if (record === undefined) return ''.padEnd(COLUMN);
  const text = cellText(record).padEnd(COLUMN);
  const kind = record.verdict.kind;
  if (kind === 'agrees') return record.observed.ok ? style.good(text) : record.observed.errno === undefined ? style.dim(text) : text;
  return kind === 'unsupported' || kind === 'broken' ? style.odd(text) : style.bad(text);
}

/** Refusals that agree, each with its reason: all of them for one kernel, those in which kernels differ for several. */
function explanations({ kernels, results }: Report, labels: Labels): string[] {
  const refused = results.filter(({ verdict, predicted }) => verdict.kind === 'agrees' && predicted.errno !== undefined);
  const differs = (record: StepRecord) =>
    kernels.length === 1 || new Set(results.filter((other) => other.scenario === record.scenario && other.step === record.step).map(cellText)).size > 1;
  const groups = new Map<string, string[]>();
  for (const record of refused.filter(differs)) {
    const text = `${record.scenario}: "${record.step}" refused (${record.predicted.rule ?? ''}): ${record.predicted.why}${record.instead === undefined ? '' : `; ${record.instead}`}`;
    groups.set(text, [...(groups.get(text) ?? []), labels.get(record.kernel) ?? record.kernel]);
  }
  if (groups.size === 0) return [];
  return [...[...groups].map(([text, names]) => `${inShort(names, kernels.length)}: ${text}`), ''];
}

/** Every verdict other than `agrees`, whole. Identical ones of a scenario are told once. */
/** `6.12.57, 6.16`; of many, the first and how many more. */
function inShort(names: readonly string[], all: number): string {
  if (names.length === all && all > 1) return `all ${all}`;
  return names.length <= 4 ? names.join(', ') : `${names[0] ?? ''} and ${names.length - 1} more`;
}

function troubles({ results }: Report, labels: Labels, style: Style): string[] {
  const told = new Set<string>();
  return results
    .filter(({ verdict }) => verdict.kind !== 'agrees')
    .flatMap((record) => {
      const { verdict } = record;
      const where = `${labels.get(record.kernel) ?? record.kernel}: ${record.scenario}`;
      const same = `${where} ${verdict.kind} ${verdict.why ?? ''}`;
      if (verdict.kind !== 'disagrees' && told.has(same)) return [];
      told.add(same);
      return [
        style.bad(`${where}: "${record.step}" ${verdict.kind}: ${verdict.why ?? ''}`),
        ...(verdict.expected === undefined ? [] : [`    expected ${verdict.expected}, observed ${verdict.observed ?? '?'}`]),
        ...(verdict.kind === 'disagrees' ? record.observed.messages.filter(({ level }) => level === undefined || level <= 4).map(({ text }) => `    | ${text}`) : []),
        ...(verdict.remedy === undefined ? [] : verdict.remedy.split('\n').map((line) => `    ${line}`)),
        ...(verdict.consoleTail === undefined ? [] : verdict.consoleTail.trimEnd().split('\n').map((line) => `    | ${line}`)),
        '',
      ];
    });
}

function notes({ kernels }: Report, labels: Labels): string[] {
  const lines = kernels.flatMap(({ spec, notes: all, replaced }) => [
    ...replaced.map((module) => `${labels.get(spec) ?? spec}: module replaced: ${module}`),
    ...all.map((note) => `${labels.get(spec) ?? spec}: ${note}`),
  ]);
  return lines.length === 0 ? [] : [...lines, ''];
}

function summary({ kernels, results, interrupted }: Report, labels: Labels, style: Style): string[] {
  const of = (kernel: KernelRecord) => results.filter((record) => record.kernel === kernel.spec);
  const agreeing = kernels.filter((kernel) => of(kernel).length > 0 && of(kernel).every(({ verdict }) => verdict.kind === 'agrees'));
  const count = (kind: StepRecord['verdict']['kind']) => results.filter(({ verdict }) => verdict.kind === kind).length;
  const counts = (['agrees', 'disagrees', 'crashed', 'hung', 'unsupported', 'broken'] as const)
    .filter((kind) => count(kind) > 0)
    .map((kind) => `${count(kind)} ${kind === 'agrees' ? 'agree' : kind === 'disagrees' ? 'disagree' : kind}`);
  const accelerators = [...new Set(kernels.map(({ accelerator }) => accelerator).filter((name) => name !== undefined))];
  const total = `${results.length} steps: ${counts.join(', ')}${accelerators.length > 0 ? ` (${accelerators.join(', ')})` : ''}`;
  const head =
    agreeing.length === kernels.length && kernels.length > 0
      ? style.good(`${kernels.length === 1 ? 'the kernel behaves as its profile says' : `all ${kernels.length} kernels behave as their profiles say`}: ${kernels.map(({ profile }) => profile).join(', ')}`)
      : style.bad(`${agreeing.length} of ${kernels.length} kernels ${agreeing.length === 1 ? 'behaves' : 'behave'} in every step as profiled (${kernels.map(({ spec, profile }) => `${labels.get(spec) ?? spec} ${profile}`).join(', ')})`);
  return [...(interrupted ? [style.bad('interrupted: what follows is what was measured until then')] : []), head, total];
}
