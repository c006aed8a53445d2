/** What a shape wants done to a booted guest before anybody else has it. */
import type { FileHandle } from 'node:fs/promises';
import { HarnessError, UnsupportedError } from '../errors.ts';
import { BootFailure, type Operation, type Plan, type StepResult } from '../machine.ts';
import { bootGuest, type Booted } from './boot.ts';
import type { Qemu } from './process.ts';
import { startOf, type Memory, type Recipe } from './recipe.ts';
import { runPlan } from './run-plan.ts';

/** Time for one operation, ms at slowdown 1: switching the stack tracer on takes 7 s where the slowdown is 1. */
const OPERATION_MS = 30_000;

/** Boots a guest and prepares it; `durationMs` is of both. Rejects as bootGuest and prepareGuest do. */
export async function bootPrepared(
  recipe: Recipe,
  memory: Memory,
  disks: readonly FileHandle[],
  signal: AbortSignal,
): Promise<Booted> {
  const from = performance.now();
  const booted = await bootGuest(startOf(recipe, memory, disks, signal), recipe);
  try {
    await prepareGuest(booted.qemu, recipe, signal);
    return { ...booted, durationMs: performance.now() - from };
  } catch (error) {
    await booted.qemu[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Runs `shape.prepare` in order, up to the first that fails, and drops what pages of disks they left in memory.
 *
 * Rejects with UnsupportedError when the kernel refuses an operation, BootFailure when it dies or hangs of one,
 * HarnessError when the guest goes away or something of it cannot be undone, all naming operation and kernel; and with
 * the signal's reason on abort.
 */
export async function prepareGuest(
  qemu: Qemu,
  recipe: Pick<Recipe, 'kernel' | 'shape' | 'slowdown'>,
  signal: AbortSignal,
): Promise<void> {
  const { kernel, shape, slowdown } = recipe;
  if (shape.prepare.length === 0) return;
  const outcome = await runPlan(qemu, kernel, slowdown, planOf(shape.prepare, slowdown), { signal });
  const who = `${kernel.release} (${kernel.spec})`;
  if (outcome.kind === 'completed') {
    const refused = outcome.results.find(({ ok }) => !ok);
    if (refused !== undefined) throw refusal(refused, who);
    if (outcome.leftovers.length > 0)
      throw new HarnessError(`${who} was prepared, and not all could be undone: ${outcome.leftovers.join(', ')}`);
    return;
  }
  const during = `${who} was being prepared by ${outcome.step ?? 'the last operation'}`;
  switch (outcome.kind) {
    case 'crashed':
      throw new BootFailure(
        'crashed',
        `while ${during}, it died: ${outcome.title}; its console:\n${outcome.consoleTail}`,
        outcome.consoleTail,
      );
    case 'hung':
      throw new BootFailure('hung', `while ${during}, it hung: ${outcome.where}`, outcome.consoleTail);
    case 'lost':
      throw new HarnessError(`while ${during}, it was lost: ${outcome.reason}`);
  }
  outcome satisfies never;
}

function refusal({ step, call, errno, messages }: StepResult, who: string): UnsupportedError {
  const said = messages.map(({ text }) => text).join('; ');
  const what = step.replace(/^\d+ /, '');
  return new UnsupportedError(what, {
    message: `${who} cannot be prepared: ${what} failed: ${call ?? '?'}: ${errno ?? '?'}${said === '' ? '' : ` (${said})`}`,
  });
}

/** Each operation needs the one before; its number and name are its step, for messages. */
function planOf(operations: readonly Operation[], slowdown: number): Plan {
  const ids = operations.map((operation, index) => `${index + 1} ${nameOf(operation)}`);
  const deadlineMs = Math.ceil(OPERATION_MS * slowdown);
  const steps = operations.map((operation, index) => ({
    id: ids[index]!,
    needs: ids.slice(Math.max(0, index - 1), index),
    deadlineMs,
    operation,
  }));
  const forget: Operation = { op: 'drop-caches' };
  return {
    v: 1,
    type: 'plan',
    id: 'prepare',
    steps: [...steps, { id: 'drop caches', needs: [], deadlineMs, operation: forget }],
  };
}

/** `sysctl kernel/stack_tracer_enabled 1`: the operation and its values, as a step's id and the kernel log take it. */
function nameOf({ op, ...members }: Operation): string {
  const values = Object.values(members).map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return [op, ...values]
    .join(' ')
    .replaceAll(/[^ -~]/g, '?')
    .slice(0, 100);
}
