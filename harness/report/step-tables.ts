/** The steps of each scenario as rows, kernels side by side. */
import type { Labels } from './labels.ts';
import type { Style } from './reporter.ts';
import type { Report, StepRecord } from './results.ts';

/** Columns are at least so wide while there is room: the eye then keeps them apart. */
const WIDE = 11;
const NAMES_WIDE = 38;
const GAP = 2;

/** A table a scenario; where a terminal is too narrow for all kernels, several with some of them each. */
export function stepTables({ kernels, results }: Report, labels: Labels, style: Style): string[] {
  const scenarios = [...new Set(results.map(({ scenario }) => scenario))];
  return scenarios.flatMap((scenario) => {
    const records = results.filter((record) => record.scenario === scenario);
    if (!records.some(wasTried)) return [];
    const steps = [...new Set(records.map(({ step }) => step))];
    const specs = kernels.map(({ spec }) => spec);
    const names = Math.max(...[scenario, ...steps.map(indented)].map(({ length }) => length)) + GAP;
    const cells =
      Math.max(...records.map((record) => cellText(record).length), ...specs.map((spec) => labelOf(spec).length)) + GAP;
    const { nameWidth, cellWidth, perTable } = fit(names, cells, specs.length, style.columns);
    return chunks(specs, perTable).flatMap((some) => [
      line(
        style.bold(scenario.padEnd(nameWidth)),
        some.map((spec) => labelOf(spec).padEnd(cellWidth)),
      ),
      ...steps.map((step) =>
        line(
          indented(step).padEnd(nameWidth),
          some.map((spec) =>
            cell(
              records.find((record) => record.step === step && record.kernel === spec),
              cellWidth,
              style,
            ),
          ),
        ),
      ),
      '',
    ]);
  });

  function labelOf(spec: string): string {
    return labels.get(spec) ?? spec;
  }
}

/** Roomy if it fits, else tight, else in several tables. */
function fit(
  names: number,
  cells: number,
  kernels: number,
  columns: number,
): { nameWidth: number; cellWidth: number; perTable: number } {
  const roomy = { nameWidth: Math.max(names, NAMES_WIDE), cellWidth: Math.max(cells, WIDE), perTable: kernels };
  // The last column needs no gap behind it.
  if (roomy.nameWidth + roomy.cellWidth * kernels - GAP <= columns) return roomy;
  const perTable = Math.max(1, Math.floor((columns + GAP - names) / cells));
  return { nameWidth: names, cellWidth: cells, perTable: Math.min(kernels, perTable) };
}

/** Did the kernel get to see any of it? */
function wasTried({ observed, verdict }: StepRecord): boolean {
  return observed.unanswered !== true || (verdict.kind !== 'unsupported' && verdict.kind !== 'broken');
}

/** What was seen, with the depth that the model gives it; a verdict other than `agrees` is marked. */
export function cellText({ predicted, observed, verdict, stack }: StepRecord): string {
  switch (verdict.kind) {
    case 'agrees':
      return stack?.pathBytes === undefined ? seen(observed, predicted) : depths(stack);
    case 'disagrees':
      return `${seen(observed, {})} !`;
    case 'crashed':
      return `CRASHED !${stack?.predictedBytes === undefined ? '' : ` (${stack.predictedBytes})`}`;
    case 'hung':
      return 'HUNG !';
    case 'unsupported':
      return observed.skipped === undefined ? 'n/a ?' : '- ?';
    case 'broken':
      return 'broken ?';
  }
  return verdict.kind satisfies never;
}

/** `10104 (10050)`: the path's bytes, and what was predicted from the steps before. */
function depths({ pathBytes, predictedBytes }: NonNullable<StepRecord['stack']>): string {
  return `${pathBytes}${predictedBytes === undefined ? '' : ` (${predictedBytes})`}`;
}

function seen(observed: StepRecord['observed'], { depth }: { readonly depth?: number | undefined }): string {
  if (observed.ok) return depth === undefined ? 'ok' : `ok d${depth}`;
  return observed.errno ?? '-';
}

function cell(record: StepRecord | undefined, width: number, style: Style): string {
  if (record === undefined) return ' '.repeat(width);
  const text = cellText(record).padEnd(width);
  const { kind } = record.verdict;
  if (kind === 'agrees')
    return record.observed.ok ? style.good(text) : record.observed.errno === undefined ? style.dim(text) : text;
  return kind === 'unsupported' || kind === 'broken' ? style.odd(text) : style.bad(text);
}

function indented(step: string): string {
  return `  ${step}`;
}

function line(name: string, cells: readonly string[]): string {
  return `${name}${cells.join('')}`.trimEnd();
}

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}
