/** What `fathom identify` found, for people: the profile, what departs from the version, and how each thing was told. */
import type { FindingRecord, IdentifiedKernelRecord, IdentifiedReport } from './identified-results.ts';
import type { Style } from './reporter.ts';
import type { StepRecord } from './results.ts';
import { wrap } from './wrap.ts';

export function identifiedText({ kernels }: IdentifiedReport, style: Style): string {
  const lines = kernels.flatMap((kernel) => [...kernelLines(kernel, style), '']);
  return lines.flatMap((line) => wrap(line, style.columns)).join('\n');
}

function kernelLines(record: IdentifiedKernelRecord, style: Style): readonly string[] {
  const { kernel, findings, steps, suggestedOrigin = '' } = record;
  const { spec, release, accelerator, replaced, notes } = kernel;
  const of = [release, ...replaced, ...(accelerator === undefined ? [] : [accelerator])];
  const head = `${spec} (${of.join(', ')})`;
  const version = suggestedOrigin.replace(/^by /, '');
  const departing = findings.filter(({ departs }) => departs);
  if (findings.length === 0)
    return [style.odd(`${spec}: nothing can be said of its behaviours`), ...troubles(steps, style), ...notes];
  const against = departing.length === 0 ? `as ${version} suggests` : `departs from what ${version} suggests`;
  const told = findings.filter(({ kind }) => kind === 'told');
  return [
    style.bold(`${head}: ${kernel.profile}, ${against}`),
    ...departing.map((finding) =>
      style.bad(`  ${finding.behaviour} is ${text(finding.value)}, not ${text(finding.suggested)}: ${proofs(finding)}`),
    ),
    ...troubles(steps, style),
    '',
    ...table(told, style),
    ...untold(findings, version),
    ...notes.filter((note) => !note.startsWith('by experiment ')),
  ];
}

function table(told: readonly FindingRecord[], style: Style): readonly string[] {
  const names = Math.max(9, ...told.map(({ behaviour }) => behaviour.length)) + 2;
  const values = Math.max(5, ...told.map(({ value }) => text(value).length)) + 2;
  return [
    style.dim(`  ${'behaviour'.padEnd(names)}${'value'.padEnd(values)}told by`),
    ...told.map((finding) => {
      const { behaviour, value, departs } = finding;
      const line = `  ${behaviour.padEnd(names)}${text(value).padEnd(values)}${proofs(finding)}`;
      return departs ? style.bad(line) : line;
    }),
  ];
}

/** `ok for "overlay 3 of 5 on xfs", EINVAL for "overlay 4 of 5 on xfs"` */
function proofs({ by, why = '' }: FindingRecord): string {
  return by.length === 0 ? why : by.map(({ step, observed }) => `${observed} for "${step}"`).join(', ');
}

/** What has no value by experiment, by the reason for it. */
function untold(findings: readonly FindingRecord[], version: string): readonly string[] {
  const reasons = new Map<string, FindingRecord[]>();
  for (const finding of findings)
    if (finding.kind !== 'told')
      reasons.set(`${finding.kind}: ${finding.why ?? ''}`, [
        ...(reasons.get(`${finding.kind}: ${finding.why ?? ''}`) ?? []),
        finding,
      ]);
  if (reasons.size === 0) return [];
  return [
    `  not told, so as ${version} suggests:`,
    ...[...reasons.values()].map(
      (all) =>
        `    ${all
          .map(
            ({ behaviour, value, fitting, kind }) =>
              `${behaviour} ${text(value)}${
                kind === 'open' && fitting.length > 1
                  ? ` (or ${fitting
                      .filter((one) => one !== value)
                      .map(text)
                      .join(', ')})`
                  : ''
              }`,
          )
          .join('; ')}: ${all[0]!.why ?? ''}`,
    ),
  ];
}

/** Steps that no behaviour explains, and what could not be tried. */
function troubles(steps: readonly StepRecord[], style: Style): readonly string[] {
  const told = new Map<string, StepRecord[]>();
  for (const step of steps)
    if (step.verdict.kind !== 'agrees') {
      const key = JSON.stringify(step.verdict);
      told.set(key, [...(told.get(key) ?? []), step]);
    }
  return [...told.values()].map(([first, ...others]) => {
    const { scenario, step, verdict } = first!;
    const where = others.length === 0 ? `"${step}"` : `"${step}" and ${others.length} more`;
    const what = verdict.kind === 'disagrees' ? 'fits no known behaviour' : verdict.kind;
    const paint = verdict.kind === 'unsupported' || verdict.kind === 'broken' ? style.odd : style.bad;
    return paint(
      `  ${scenario}: ${where} ${what}: ${verdict.why ?? ''}${verdict.remedy === undefined ? '' : `; ${verdict.remedy}`}`,
    );
  });
}

function text(value: FindingRecord['value']): string {
  return value === true ? 'yes' : value === false ? 'no' : String(value);
}
