/**
 * TAP, version 14 (testanything.org): a subtest a kernel, in it one a scenario, in it a point a step, with what was
 * expected and seen as YAML where it does not agree. What could not be tried is skipped, fathom's own faults are not ok.
 */
import { stringify } from 'yaml';
import { deviation, type Deviation } from './deviation.ts';
import type { Reporter } from './reporter.ts';
import type { Report, StepRecord } from './results.ts';

export const tap: Reporter = {
  name: 'tap',
  render: (report) =>
    ['TAP version 14', ...points(report.kernels.map((kernel) => ofKernel(report, kernel))), ...end(report)].join('\n') +
    '\n',
};

interface Point {
  readonly good: boolean;
  readonly name: string;
  /** Lines of a subtest. */
  readonly within?: readonly string[];
  readonly skipped?: string;
  readonly todo?: string;
  readonly diagnostics?: object;
}

function ofKernel({ results }: Report, { spec, release }: Report['kernels'][number]): Point {
  const own = results.filter(({ kernel }) => kernel === spec);
  const scenarios = [...new Set(own.map(({ scenario }) => scenario))];
  const tests = scenarios.map((scenario) => {
    const steps = own.filter((record) => record.scenario === scenario).map(ofStep);
    return { good: steps.every(isFine), name: scenario, within: points(steps) };
  });
  return { good: tests.every(({ good }) => good), name: `${spec} (${release})`, within: points(tests) };
}

function ofStep(record: StepRecord): Point {
  const { step, verdict, known } = record;
  const good = verdict.kind === 'agrees';
  if (verdict.kind === 'unsupported') return { good: true, name: step, skipped: verdict.missing ?? verdict.why ?? '' };
  return {
    good,
    name: step,
    ...(known === undefined ? {} : { todo: known.reason }),
    ...(good ? {} : { diagnostics: diagnosticsOf(deviation(record)) }),
  };
}

/** A known deviation is not ok, and does not fail: TAP's TODO. */
function isFine({ good, todo }: Point): boolean {
  return good || todo !== undefined;
}

/** Lines as lists: each then stands whole, and YAML folds none. */
function diagnosticsOf({ consoleTail, chain, messages, ...rest }: Deviation): object {
  return {
    ...rest,
    ...(messages.length === 0 ? {} : { messages }),
    ...(chain.length === 0 ? {} : { chain }),
    ...(consoleTail.length === 0 ? {} : { console: consoleTail }),
  };
}

function points(all: readonly Point[]): readonly string[] {
  return [`1..${all.length}`, ...all.flatMap((point, index) => lines(point, index + 1))];
}

function lines({ good, name, within, skipped, todo, diagnostics }: Point, number: number): readonly string[] {
  const directive =
    skipped === undefined ? (todo === undefined ? '' : ` # TODO ${escaped(todo)}`) : ` # SKIP ${escaped(skipped)}`;
  return [
    ...(within === undefined ? [] : [`# Subtest: ${escaped(name)}`, ...within.map((line) => `    ${line}`)]),
    `${good ? 'ok' : 'not ok'} ${number} - ${escaped(name)}${directive}`,
    ...(diagnostics === undefined
      ? []
      : ['  ---', ...stringify(diagnostics, { lineWidth: 0 }).trimEnd().split('\n').map(indented), '  ...']),
  ];
}

function indented(line: string): string {
  return line === '' ? '' : `  ${line}`;
}

/** One line, in which nothing is a directive. */
function escaped(text: string): string {
  return text.replaceAll(/[\\#]/g, '\\$&').replaceAll(/\s+/g, ' ');
}

function end({ interrupted }: Report): readonly string[] {
  return interrupted ? ['Bail out! interrupted: this is what was measured until then'] : [];
}
