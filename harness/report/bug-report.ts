/** Evidence as a mail or the text of an issue, in Markdown that also reads as plain text. */
import type { Scenario } from '../scenario.ts';
import { notationOf } from '../topology/notation.ts';
import { mountsOf } from '../topology/needs.ts';
import { isImplicit } from '../topology/topology.ts';
import type { KernelRecord, StepRecord } from './results.ts';
import { wrap } from './wrap.ts';

export interface BugReport {
  /** The version that judged. */
  readonly fathom: string;
  readonly recordedAt: string;
  readonly scenario: Scenario;
  readonly kernel: KernelRecord;
  readonly records: readonly StepRecord[];
  /** A shell script that reproduces it, or why there is none. */
  readonly script: { readonly kind: 'script'; readonly text: string } | { readonly kind: 'none'; readonly why: string };
}

const COLUMNS = 90;

export function bugReport(of: BugReport): string {
  const { scenario, kernel, records, script } = of;
  const bad = records.filter(({ verdict }) => verdict.kind !== 'agrees');
  const lines = [
    `# ${titleOf(of, bad)}`,
    '',
    ...paragraph(scenario.shows),
    '## Kernel',
    '',
    `- ${kernel.release}: ${kernel.origin} (${kernel.spec})`,
    ...kernel.replaced.map((module) => `- module replaced: ${module}`),
    `- judged by the profile ${kernel.profile}, ${kernel.profileOrigin}`,
    `- run in QEMU${kernel.accelerator === undefined ? '' : ` (${kernel.accelerator})`} on ${of.recordedAt}, judged by fathom ${of.fathom}`,
    '',
    '## Topology',
    '',
    ...fenced(topologyOf(scenario)),
    '## Steps',
    '',
    ...stepsOf(scenario, records),
    '',
    ...(bad.length === 0 ? ['Every step went as expected.', ''] : ['## What is not as expected', '']),
    ...bad.flatMap(troubleOf),
    '## Reproducer',
    '',
    ...(script.kind === 'script'
      ? [
          ...paragraph(
            'To be run as root; it needs mkfs.erofs, losetup, mount and unshare, and removes what it makes.',
          ),
          ...fenced(script.text.trimEnd().split('\n'), 'sh'),
        ]
      : paragraph(
          `There is no script: ${script.why}. \`fathom run ${scenario.name} --kernel ${kernel.spec}\` runs it.`,
        )),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function titleOf({ scenario, kernel }: BugReport, bad: readonly StepRecord[]): string {
  const first = bad.find(({ verdict }) => verdict.kind !== 'unsupported' && verdict.kind !== 'broken') ?? bad[0];
  if (first === undefined) return `${kernel.release}: ${scenario.name}: as expected`;
  const { verdict, step } = first;
  const what =
    verdict.kind === 'disagrees' ? `${verdict.observed ?? '?'} instead of ${verdict.expected ?? '?'}` : verdict.kind;
  return `${kernel.release}: ${scenario.name}: "${step}": ${verdict.title ?? what}`;
}

/** Every mount that some step makes, in the order of the steps; what stands below is in its name. */
function topologyOf(scenario: Scenario): readonly string[] {
  const made = new Set(scenario.steps.flatMap((step) => (step.kind === 'mount' ? [step.mount] : [])));
  const lines = mountsOf(scenario)
    .filter((mount) => made.has(mount) || !isImplicit(mount))
    .map(notationOf);
  return [...new Set(lines)];
}

function stepsOf(scenario: Scenario, records: readonly StepRecord[]): readonly string[] {
  const mounts = new Map(
    scenario.steps.flatMap((step) => (step.kind === 'mount' ? [[step.name, notationOf(step.mount)] as const] : [])),
  );
  return records.map(({ step, predicted, observed, verdict }, index) => {
    const mount = mounts.get(step);
    const what = `${index + 1}. ${step}${mount === undefined ? '' : ` (\`${mount}\`)`}`;
    return `${what}: expected ${expectedOf(predicted)}, observed ${observedOf(observed)}${verdict.kind === 'agrees' ? '' : ` **${verdict.kind}**`}`;
  });
}

function expectedOf({ ok, errno, depth, unreachable }: StepRecord['predicted']): string {
  if (ok) return depth === undefined ? 'ok' : `ok, depth ${depth}`;
  return unreachable === undefined ? (errno ?? 'nothing') : 'not to be tried';
}

function observedOf({ ok, errno, skipped, unanswered }: StepRecord['observed']): string {
  if (ok) return 'ok';
  if (unanswered === true) return 'no answer';
  return skipped === undefined ? (errno ?? '?') : 'not tried';
}

function troubleOf({ step, predicted, observed, verdict, oops }: StepRecord): readonly string[] {
  const tail = oops === undefined ? verdict.consoleTail : undefined;
  const messages = observed.messages.map(({ level, text }) => (level === undefined ? text : `<${level}> ${text}`));
  return [
    `### ${step}`,
    '',
    ...paragraph(`Verdict: ${verdict.kind}. ${verdict.why ?? ''}`),
    `- expected: ${expectedOf(predicted)}${predicted.rule === undefined ? '' : ` (rule ${predicted.rule})`}; ${predicted.why}`,
    `- observed: ${observedOf(observed)}${observed.call === undefined ? '' : ` from ${observed.call}`}`,
    '',
    ...(messages.length === 0 ? [] : ['Messages:', '', ...fenced(messages)]),
    ...(oops === undefined ? [] : ['Stack:', '', ...fenced(oopsLines(oops))]),
    ...(tail === undefined ? [] : ['End of the console:', '', ...fenced(tail.trimEnd().split('\n'))]),
  ];
}

function oopsLines({ title, task, stackRange, chain }: NonNullable<StepRecord['oops']>): readonly string[] {
  return [
    title,
    ...(task === undefined ? [] : [`task ${task}`]),
    ...(stackRange === undefined ? [] : [`stack ${stackRange}`]),
    'call chain, deepest first:',
    ...chain.map((line) => `  ${line}`),
  ];
}

function paragraph(text: string): readonly string[] {
  return [...wrap(text, COLUMNS), ''];
}

/** A fence longer than any in the text. */
function fenced(lines: readonly string[], language = ''): readonly string[] {
  const longest = Math.max(2, ...lines.map((line) => /^`*/.exec(line)?.[0].length ?? 0));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}${language}`, ...lines, fence, ''];
}
