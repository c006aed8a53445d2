/**
 * What a run leaves behind. One directory a kernel and scenario, written as soon as the scenario has ended, so that
 * nothing measured is lost when the run is interrupted.
 *
 *   report.json                     the whole run (results.ts), written last
 *   KERNEL/SCENARIO/results.json    predicted, observed and verdict of each step
 *   KERNEL/SCENARIO/bundle.json     what makes the rest judgeable without a kernel (bundle.ts); where a guest ran it
 *   KERNEL/SCENARIO/plan.json       what the agent was told
 *   KERNEL/SCENARIO/transcript.jsonl  the agent's protocol, both ways
 *   KERNEL/SCENARIO/kernel.log      kernel messages, each under the step in which it was logged
 *   KERNEL/SCENARIO/console.log     the serial console
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { HarnessError, type KernelMessage, type Plan, type RunOutcome } from '../../vm/machine.ts';

export interface Evidence {
  /** `results`: what is to be said of the scenario, as JSON. */
  keep(kernel: string, scenario: string, results: object, traces: Traces | undefined): Promise<void>;
  close(report: object): Promise<void>;
}

export interface Traces {
  readonly plan: Plan;
  readonly outcome: RunOutcome;
  readonly console: string;
  /** Makes `bundle.json`, where it is kept; absent where nothing of it is to be judged again. */
  readonly bundle?: () => object;
}

/** Keeps nothing. */
export const noEvidence: Evidence = { keep: () => Promise.resolve(), close: () => Promise.resolve() };

/** Keeps everything under a directory, which is made if need be. */
export function evidenceIn(directory: string): Evidence {
  return {
    async keep(kernel, scenario, results, traces) {
      const place = path.join(directory, fileNameOf(kernel), scenario);
      await keepFile(path.join(place, 'results.json'), json(results));
      if (traces === undefined) return;
      await keepFile(path.join(place, 'plan.json'), json(traces.plan));
      await keepFile(path.join(place, 'transcript.jsonl'), lines(traces.outcome.transcript));
      await keepFile(path.join(place, 'kernel.log'), kernelLogOf(traces.outcome));
      await keepFile(path.join(place, 'console.log'), traces.console);
      if (traces.bundle !== undefined) await keepFile(path.join(place, 'bundle.json'), json(traces.bundle()));
    },
    close: (report) => keepFile(path.join(directory, 'report.json'), json(report)),
  };
}

/**
 * Writes one file, its directories made if need be: the whole of it or nothing. Throws HarnessError: nothing measured is
 * lost in silence.
 */
export async function keepFile(file: string, text: string): Promise<void> {
  const partial = path.join(path.dirname(file), `.${path.basename(file)}.partial`);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(partial, text);
    await rename(partial, file);
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw new HarnessError(
      `evidence cannot be written to ${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

/** A kernel spec as a directory's name: `debian:6.17.13` → `debian-6.17.13`. */
export function fileNameOf(spec: string): string {
  return spec.replaceAll(/[^A-Za-z0-9._+~-]+/g, '-').slice(0, 120);
}

function kernelLogOf(outcome: RunOutcome): string {
  const parts = [
    ...outcome.results,
    ...(outcome.kind === 'completed' ? [{ step: '(no step)', messages: outcome.strays }] : []),
  ];
  return lines(parts.flatMap(({ step, messages }) => [`# ${step}`, ...messages.map(logLine)]));
}

/** As dmesg has it: `<4>[    1.234567] text`. */
function logLine({ level, timestampUs, text }: KernelMessage): string {
  return `<${level}>[${(timestampUs / 1e6).toFixed(6).padStart(12)}] ${text}`;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
