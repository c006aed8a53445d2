/** Templates on QEMU: one boot for each kernel and shape, kept in the cache, and any number of clones. */
import type { BuiltDisk, Template } from '../machine.ts';
import { descriptorPath, openFor } from './files.ts';
import { FREEZE_DEADLINE_MS, FreezeError, openFrozen, type Frozen } from './frozen.ts';
import { thaw } from './freeze.ts';
import { bootPrepared } from './prepare.ts';
import { guest, type QemuGuest } from './guest.ts';
import { inQemu, startQemu, type Qemu } from './process.ts';
import { sweep } from './reaper.ts';
import { closeAll, openDisks, openRecipe, startOf, STATE, type Recipe, type RecipeRequest } from './recipe.ts';

export interface TemplateRequest extends RecipeRequest {
  /** Make no template: each clone is a boot. */
  readonly fresh: boolean;
  readonly onProgress?: ((text: string) => void) | undefined;
}

export interface QemuTemplate extends Template {
  clone(disks: readonly BuiltDisk[], options: { readonly signal: AbortSignal }): Promise<QemuGuest>;
}

let swept: Promise<unknown> | undefined;

/**
 * A template of `kernel` in `shape`: from the cache, or booted and frozen now. Where that cannot be done, clones are
 * boots and say why (`start.because`).
 *
 * A template's disks are empty while it boots, and nothing is read from or written to them but the probe of their
 * partitions, whose pages the agent drops; so one template serves every scenario, and a clone finds its own disks in
 * the slots.
 *
 * Rejects with BootFailure when the kernel does not come up, UnsupportedError when the accelerator, a program or a
 * module is missing, HarnessError when QEMU fails.
 */
export async function prepareTemplate(request: TemplateRequest): Promise<QemuTemplate> {
  const { signal, fresh, onProgress } = request;
  await (swept ??= sweep());
  const recipe = await openRecipe(request);
  try {
    const source = await openSource(recipe, fresh, signal, () => onProgress?.(`booting ${recipe.kernel.release}`));
    return template(recipe, source, onProgress);
  } catch (error) {
    await recipe[Symbol.asyncDispose]();
    throw error;
  }
}

/** Where clones come from. */
type Source =
  { readonly kind: 'frozen'; readonly frozen: Frozen } | { readonly kind: 'boot'; readonly because: string };

async function openSource(recipe: Recipe, fresh: boolean, signal: AbortSignal, onBoot: () => void): Promise<Source> {
  if (fresh) return { kind: 'boot', because: 'a fresh boot was asked for' };
  if (recipe.terminal) return { kind: 'boot', because: 'a guest with a terminal is not kept' };
  // hw/nvme/ctrl.c: nvme_vmstate is unmigratable.
  if (recipe.shape.device === 'nvme') return { kind: 'boot', because: 'QEMU cannot freeze a guest with NVMe disks' };
  try {
    return { kind: 'frozen', frozen: await openFrozen(recipe, signal, onBoot) };
  } catch (error) {
    if (error instanceof FreezeError) return { kind: 'boot', because: error.message };
    throw error;
  }
}

function template(recipe: Recipe, first: Source, onProgress: TemplateRequest['onProgress']): QemuTemplate {
  let source = first;

  const boot = async (disks: readonly BuiltDisk[], because: string, signal: AbortSignal): Promise<QemuGuest> => {
    const files = await openDisks(recipe, disks);
    try {
      const booted = await bootPrepared(recipe, { kind: 'anonymous' }, files, signal);
      return guest(booted.qemu, recipe, booted.hello, { how: 'boot', because, durationMs: booted.durationMs });
    } finally {
      await closeAll(files);
    }
  };
  return {
    kernel: recipe.kernel,
    shape: recipe.shape,
    accelerator: recipe.accelerator,
    slowdown: recipe.slowdown,
    bootMs: first.kind === 'frozen' ? first.frozen.bootMs : undefined,
    clone: async (disks, { signal }) => {
      if (source.kind === 'boot') return boot(disks, source.because, signal);
      const { frozen } = source;
      try {
        return await thawed(recipe, frozen, disks, signal);
      } catch (cause) {
        if (!(cause instanceof ThawError)) throw cause;
        onProgress?.(cause.message);
        source = { kind: 'boot', because: cause.message };
        await frozen.discard();
        return boot(disks, source.because, signal);
      }
    },
    [Symbol.asyncDispose]: async () => {
      if (first.kind === 'frozen') await first.frozen[Symbol.asyncDispose]();
      await recipe[Symbol.asyncDispose]();
    },
  };
}

/** The template is there and no guest could be made of it. */
class ThawError extends Error {
  override readonly name = 'ThawError';
}

async function thawed(
  recipe: Recipe,
  frozen: Frozen,
  disks: readonly BuiltDisk[],
  signal: AbortSignal,
): Promise<QemuGuest> {
  const from = performance.now();
  const files = [...(await openDisks(recipe, disks))];
  let qemu: Qemu | undefined;
  try {
    // QEMU reads it from the descriptor's own offset, so each clone has one of its own; this way also after the
    // template was cleared from the cache.
    const state = await openFor(descriptorPath(frozen.state.fd), 'r');
    files.push(state);
    const memory = { kind: 'frozen', ram: frozen.ram, state, imageHead: frozen.imageHead } as const;
    qemu = await startQemu(startOf(recipe, memory, files.slice(0, -1), signal));
    await thaw(qemu, inQemu(STATE), { signal, deadlineMs: FREEZE_DEADLINE_MS });
    return guest(qemu, recipe, frozen.hello, { how: 'clone', durationMs: performance.now() - from });
  } catch (cause) {
    await qemu?.[Symbol.asyncDispose]();
    if (signal.aborted || qemu === undefined) throw cause;
    throw new ThawError(
      `the template could not be restored: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  } finally {
    await closeAll(files);
  }
}
