/** `fathom rules`: what each rule of the model has come to on each kernel. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Option, type Command } from 'commander';
import pc from 'picocolors';
import { UsageError } from '../../vm/machine.ts';
import { ruleSteps } from '../judge/rule-steps.ts';
import { isRuleId, RULE_IDS } from '../model/rules/registry.ts';
import { progressOf } from '../report/progress.ts';
import type { Style } from '../report/reporter.ts';
import { report as reportSchema, type KernelRecord, type StepRecord } from '../report/results.ts';
import { ruleExplained } from '../report/rule-explained.ts';
import { exitStatusOfRules, ruleTable } from '../report/rule-table.ts';
import { rulesReport, type RulesReport } from '../report/rules-results.ts';
import { rulesText } from '../report/rules-text.ts';
import { qemu } from '../run/backend.ts';
import { evidenceIn, noEvidence } from '../run/evidence.ts';
import { loadForRules } from '../run/load-scenarios.ts';
import { run } from '../run/run.ts';
import type { Scenario } from '../scenario.ts';
import { collectRun } from './collect-run.ts';
import type { Context } from './main.ts';
import { collectModule } from './module-option.ts';
import { makeOutput } from './output.ts';
import { version } from '../run/version.ts';

interface Options {
  readonly kernel?: readonly string[];
  readonly module?: Readonly<Record<string, string>>;
  readonly from?: readonly string[];
  readonly reporter: 'pretty' | 'json';
  readonly output?: string;
  readonly mirror?: string;
}

export function register(program: Command, context: Context): void {
  program
    .command('rules')
    .summary('what each rule of the model has come to on each kernel')
    .description(
      'Runs the scenarios that bear on rules, or reads what runs have kept, and says of each rule and kernel whether they agree. Without a kernel it lists the rules; with an id it says all of one.',
    )
    .argument('[id...]', 'rules to tell in full: D3, E10; none: the table of all')
    .option('-k, --kernel <spec>', 'kernel to run on, may be given again: debian:6.17.13', collect)
    .option('-m, --module <name=file>', 'put FILE.ko in place of a module, may be given again', collectModule)
    .option(
      '--from <dir>',
      'evidence of `fathom run --output` or a JSON report, instead of kernels; may be given again',
      collect,
    )
    .addOption(new Option('-r, --reporter <name>', 'form of the report').choices(['pretty', 'json']).default('pretty'))
    .option('-o, --output <dir>', 'keep the evidence of the run there')
    .option('--mirror <url>', "Debian mirror (default: the machine's own apt sources)")
    .addHelpText(
      'after',
      `
Exit status: 0 all that was asked for agrees or says why not; 1 a kernel disagrees; 125 a rule was not tried.

Examples:
  $ fathom rules --kernel debian:6.18.9
  $ fathom rules E10`,
    )
    .action((ids: string[], options: Options) => rulesCommand(ids, options, context));
}

async function rulesCommand(ids: readonly string[], options: Options, context: Context): Promise<void> {
  const unknown = ids.find((id) => !isRuleId(id));
  if (unknown !== undefined) throw new UsageError(`there is no rule ${unknown}; there are: ${RULE_IDS.join(', ')}`);
  if (options.kernel !== undefined && options.from !== undefined)
    throw new UsageError('--kernel runs scenarios and --from reads what was run: give one of them');
  const scenarios = await loadForRules(context.signal);
  const asked = options.kernel !== undefined || options.from !== undefined;
  const { kernels, results } = !asked
    ? { kernels: [], results: [] }
    : options.from !== undefined
      ? await read(options.from)
      : await measure(
          scenarios.filter(({ rare }) => rare === undefined),
          [...new Set(options.kernel)],
          options,
          context,
        );
  const abouts = new Map(scenarios.map(({ name, about }) => [name, new Set(about)]));
  const all = ruleTable(kernels, results, abouts);
  const wanted = ids.length === 0 ? all : all.filter(({ id }) => ids.includes(id));
  const report: RulesReport = rulesReport.parse({
    v: 1,
    type: 'rules',
    fathom: version(),
    kernels,
    rules: wanted,
  });
  const style = styleFor(process.stdout);
  if (options.reporter === 'json') process.stdout.write(`${JSON.stringify(report, null, 1)}\n`);
  else if (ids.length === 0) process.stdout.write(rulesText(report, style));
  else {
    const steps = ruleSteps(scenarios);
    const told = ids
      .filter(isRuleId)
      .map((id) => ruleExplained(id, steps.get(id), wanted.find((rule) => rule.id === id)?.cells ?? [], style));
    process.stdout.write(told.join('\n'));
  }
  process.exitCode = asked ? exitStatusOfRules(wanted) : 0;
}

interface Runs {
  readonly kernels: readonly KernelRecord[];
  readonly results: readonly StepRecord[];
}

/** Reports of earlier runs; what was run of one kernel in several counts together. */
async function read(places: readonly string[]): Promise<Runs> {
  const reports = await Promise.all(places.map(readReport));
  const kernels = new Map(reports.flatMap((report) => report.kernels).map((kernel) => [kernel.spec, kernel]));
  return { kernels: [...kernels.values()], results: reports.flatMap((report) => report.results) };
}

async function readReport(place: string) {
  const file = place.endsWith('.json') ? place : path.join(place, 'report.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${file} is no JSON`, { cause });
  }
  const parsed = reportSchema.safeParse(value);
  if (!parsed.success) throw new UsageError(`${file} is no report of \`fathom run\` that this version knows`);
  return parsed.data;
}

async function measure(
  scenarios: readonly Scenario[],
  kernels: readonly string[],
  options: Options,
  { signal }: Context,
): Promise<Runs> {
  const bearing = scenarios.filter(({ about }) => about.some(isRuleId));
  if (options.output !== undefined) await makeOutput(options.output);
  const startedAt = new Date();
  const progress = progressOf(kernels, bearing.length, process.stderr);
  const { results, records, observer } = collectRun(progress);
  const evidence = options.output === undefined ? noEvidence : evidenceIn(options.output);
  try {
    await run({
      scenarios: bearing,
      kernels,
      replace: options.module ?? {},
      profile: undefined,
      accelerator: 'auto',
      jobs: undefined,
      fresh: false,
      share: true,
      mirror: options.mirror,
      backend: qemu,
      evidence,
      signal,
      observer,
    });
  } finally {
    await progress.close();
  }
  const found = kernels.flatMap((spec) => records.get(spec) ?? []);
  await evidence.close(
    reportSchema.parse({
      v: 1,
      fathom: version(),
      startedAt: startedAt.toISOString(),
      durationMs: Date.now() - startedAt.getTime(),
      interrupted: false,
      kernels: found,
      results,
    }),
  );
  return { kernels: found, results };
}

function styleFor(stream: NodeJS.WriteStream): Style {
  const { bold, dim, green, red, yellow } = pc.createColors(pc.isColorSupported && stream.isTTY);
  return { bold, dim, good: green, bad: red, odd: yellow, columns: stream.isTTY ? stream.columns : Infinity };
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
