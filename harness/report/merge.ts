/** The reports of the shards of one run → the report of the run. */
import { UsageError } from '../../vm/machine.ts';
import type { KernelRecord, Report } from './results.ts';

/** A report and where it was read, for messages. */
export interface ShardReport {
  readonly file: string;
  readonly report: Report;
}

/** Throws UsageError where a shard is missing or there twice, was interrupted, or is of another run. */
export function merge(shards: readonly ShardReport[]): Report {
  const [first, ...rest] = shards;
  if (first === undefined) throw new UsageError('no report to be merged');
  const { shard } = first.report;
  if (shard === undefined) throw new UsageError(`${first.file} is no shard: it was run without --shard`);
  for (const { file, report } of rest) {
    const differs = differenceOf(first.report, report);
    if (differs !== undefined) throw new UsageError(`${file} is of another run than ${first.file}: ${differs}`);
  }
  const byIndex = new Map<number, ShardReport>();
  for (const one of shards) {
    const { index } = one.report.shard!;
    const other = byIndex.get(index);
    if (other !== undefined) throw new UsageError(`${one.file} and ${other.file} are both shard ${index}/${shard.of}`);
    if (one.report.interrupted) throw new UsageError(`${one.file}, shard ${index}/${shard.of}, was interrupted`);
    byIndex.set(index, one);
  }
  const missing = Array.from({ length: shard.of }, (_, at) => at + 1).filter((index) => !byIndex.has(index));
  if (missing.length > 0)
    throw new UsageError(`missing: ${missing.map((index) => `shard ${index}/${shard.of}`).join(', ')}`);
  const results = shards.flatMap(({ report }) => report.results);
  const unrun = shard.scenarios.filter((name) => !results.some(({ scenario }) => scenario === name));
  if (unrun.length > 0) throw new UsageError(`no shard has results of ${unrun.join(', ')}`);
  const kernels = kernelsOf(shards.map(({ report }) => report));
  const rank = ({ scenario, kernel }: Report['results'][number]): number =>
    shard.scenarios.indexOf(scenario) * kernels.length + kernels.findIndex(({ spec }) => spec === kernel);
  const starts = shards.map(({ report }) => report.startedAt).sort();
  return {
    v: first.report.v,
    fathom: first.report.fathom,
    startedAt: starts[0]!,
    durationMs: shards.reduce((sum, { report }) => sum + report.durationMs, 0),
    interrupted: false,
    kernels,
    results: [...results].sort((a, b) => rank(a) - rank(b)),
  };
}

function differenceOf(one: Report, other: Report): string | undefined {
  if (other.shard === undefined) return 'it was run without --shard';
  if (other.shard.of !== one.shard!.of) return `it is one of ${other.shard.of} shards, not of ${one.shard!.of}`;
  if (other.fathom !== one.fathom) return `by fathom ${other.fathom}, not ${one.fathom}`;
  if (other.shard.scenarios.join() !== one.shard!.scenarios.join()) return 'with other scenarios';
  const specs = (report: Report): string =>
    report.kernels.map(({ spec, release, profile }) => `${spec} (${release}, ${profile})`).join(', ');
  return specs(one) === specs(other) ? undefined : `on ${specs(other)}, not ${specs(one)}`;
}

/** Each once, with all that was noted of it. */
function kernelsOf(reports: readonly Report[]): KernelRecord[] {
  return reports[0]!.kernels.map((kernel, index) => ({
    ...kernel,
    notes: [...new Set(reports.flatMap(({ kernels }) => kernels[index]!.notes))],
  }));
}
