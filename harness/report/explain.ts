/** Sentences about steps: why a kernel refused, and what is wrong where it does not agree. */
import { inOneBreath, type Labels } from './labels.ts';
import type { Style } from './reporter.ts';
import type { Report, StepRecord } from './results.ts';
import { cellText } from './step-tables.ts';

/** Refusals that agree, each with its reason: all of them for one kernel, those in which kernels differ for several. */
export function refusals({ kernels, results }: Report, labels: Labels): string[] {
  const refused = results.filter(
    ({ verdict, predicted }) => verdict.kind === 'agrees' && predicted.errno !== undefined,
  );
  const differs = (record: StepRecord) =>
    kernels.length === 1 ||
    new Set(results.filter((other) => other.scenario === record.scenario && other.step === record.step).map(cellText))
      .size > 1;
  const told = grouped(refused.filter(differs), ({ scenario, step, predicted, instead }) =>
    [
      `${scenario}: "${step}" refused (${predicted.rule ?? ''}): ${predicted.why}`,
      ...(instead === undefined ? [] : [instead]),
    ].join('; '),
  );
  return told.size === 0
    ? []
    : [...[...told].map(([text, records]) => `${kernelsOf(records, kernels.length, labels)}: ${text}`), ''];
}

/** Every verdict other than `agrees`, whole; what is said of several steps is said once, naming the first. */
export function troubles({ kernels, results }: Report, labels: Labels, style: Style): string[] {
  const told = grouped(
    results.filter(({ verdict, known }) => verdict.kind !== 'agrees' && known === undefined),
    ({ scenario, step, verdict, observed }) =>
      JSON.stringify(verdict.kind === 'disagrees' ? [scenario, step, verdict, observed] : verdict),
  );
  return [...told.values()].flatMap((records) => {
    const { verdict, observed, oops } = records[0]!;
    const paint = verdict.kind === 'unsupported' || verdict.kind === 'broken' ? style.odd : style.bad;
    const log =
      verdict.kind === 'disagrees'
        ? observed.messages.filter(({ level }) => level === undefined || level <= 4).map(({ text }) => text)
        : [];
    return [
      paint(`${kernelsOf(records, kernels.length, labels)}: ${stepsOf(records)} ${verdict.kind}: ${verdict.why ?? ''}`),
      ...(verdict.expected === undefined
        ? []
        : [`    expected ${verdict.expected}, observed ${verdict.observed ?? '?'}`]),
      ...log.map((text) => `    | ${text}`),
      ...linesOf(verdict.remedy).map((text) => `    ${text}`),
      ...(oops === undefined ? linesOf(verdict.consoleTail).map((text) => `    | ${text}`) : oopsLines(oops)),
      '',
    ];
  });
}

/** Steps that are known not to agree, a line a reason. */
export function knownTroubles({ kernels, results }: Report, labels: Labels): string[] {
  const told = grouped(
    results.filter(({ known }) => known !== undefined),
    ({ known, verdict }) => JSON.stringify([known, verdict.kind]),
  );
  return [...told.values()].map((records) => {
    const { verdict, known } = records[0]!;
    const link = known?.link === undefined ? '' : `, ${known.link}`;
    return `${kernelsOf(records, kernels.length, labels)}: ${stepsOf(records)} ${verdict.kind}, which is known: ${known?.reason ?? ''}${link}`;
  });
}

/** What the kernel reported, without the registers: the console has them (--output). */
function oopsLines({ title, task, stackRange, chain }: NonNullable<StepRecord['oops']>): readonly string[] {
  return [
    `    ${title}${task === undefined ? '' : `, in ${task}`}${stackRange === undefined ? '' : `, stack ${stackRange}`}`,
    '    call chain, deepest first:',
    ...chain.map((line) => `      ${line}`),
  ];
}

/** `android-apex: "overlay on it"`, `android-apex: "overlay on it" and 2 more steps`, `80 steps of 10 scenarios`. */
function stepsOf(records: readonly StepRecord[]): string {
  const { scenario, step } = records[0]!;
  const scenarios = new Set(records.map((record) => record.scenario)).size;
  const steps = new Set(records.map((record) => `${record.scenario}: ${record.step}`)).size;
  if (scenarios > 1) return `${steps} steps of ${scenarios} scenarios`;
  return `${scenario}: "${step}"${steps === 1 ? '' : ` and ${steps - 1} more ${steps === 2 ? 'step' : 'steps'}`}`;
}

function kernelsOf(records: readonly StepRecord[], all: number, labels: Labels): string {
  return inOneBreath([...new Set(records.map(({ kernel }) => labels.get(kernel) ?? kernel))], all);
}

function grouped(
  records: readonly StepRecord[],
  key: (record: StepRecord) => string,
): ReadonlyMap<string, readonly StepRecord[]> {
  const groups = new Map<string, StepRecord[]>();
  for (const record of records) groups.set(key(record), [...(groups.get(key(record)) ?? []), record]);
  return groups;
}

function linesOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.trimEnd().split('\n');
}
