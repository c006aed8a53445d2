/**
 * JUnit's XML as Jenkins and GitLab read it: a suite a kernel and scenario, a case a step. What the kernel did wrong is a
 * failure (`type`: disagrees, crashed, hung), what fathom did an error, what could not be tried skipped.
 */
import { deviationLines } from './deviation.ts';
import type { Reporter } from './reporter.ts';
import type { KernelRecord, Report, StepRecord } from './results.ts';
import { element, escapeXml } from './xml.ts';

export const junit: Reporter = {
  name: 'junit',
  render(report) {
    const suites = report.kernels.flatMap((kernel) => suitesOf(report, kernel));
    return `<?xml version="1.0" encoding="UTF-8"?>\n${element(
      'testsuites',
      { name: 'fathom', ...countsOf(report.results), time: (report.durationMs / 1000).toFixed(3) },
      `\n${suites.join('')}`,
    )}\n`;
  },
};

function suitesOf({ results, startedAt }: Report, { spec, release, profile, accelerator }: KernelRecord): string[] {
  const own = results.filter(({ kernel }) => kernel === spec);
  return [...new Set(own.map(({ scenario }) => scenario))].map((scenario) => {
    const steps = own.filter((record) => record.scenario === scenario);
    const properties = Object.entries({ kernel: spec, release, profile, accelerator: accelerator ?? '' })
      .map(([name, value]) => element('property', { name, value }))
      .join('');
    return `${element(
      'testsuite',
      {
        name: `${spec} ${scenario}`,
        ...countsOf(steps),
        // Steps are not timed one by one.
        time: '0',
        timestamp: startedAt.replace(/\.\d+Z$/, ''),
        hostname: release,
      },
      `\n${element('properties', {}, properties)}\n${steps.map((step) => caseOf(step, spec)).join('')}`,
    )}\n`;
  });
}

function countsOf(records: readonly StepRecord[]): Readonly<Record<string, number>> {
  const count = (...roles: readonly Role[]): number => records.filter((one) => roles.includes(roleOf(one))).length;
  return { tests: records.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') };
}

type Role = 'success' | 'failure' | 'error' | 'skipped';

/** A known deviation is skipped: nothing fails for it, and it is not hidden. */
function roleOf({ verdict: { kind }, known }: StepRecord): Role {
  if (kind === 'agrees') return 'success';
  if (kind === 'unsupported' || known !== undefined) return 'skipped';
  return kind === 'broken' ? 'error' : 'failure';
}

function caseOf(record: StepRecord, spec: string): string {
  const attributes = { name: record.step, classname: `${spec}.${record.scenario}`, time: '0' };
  const role = roleOf(record);
  if (role === 'success') return `${element('testcase', attributes)}\n`;
  const { kind, why = '' } = record.verdict;
  const message = record.known === undefined ? why : `known: ${record.known.reason} (${kind}: ${why})`;
  const content =
    role === 'skipped'
      ? element('skipped', { message })
      : element(role, { type: kind, message }, escapeXml(deviationLines(record).join('\n')));
  return `${element('testcase', attributes, content)}\n`;
}
