/** Where kernels, disks and guests come from. */
import { cacheLimit, pruneCache } from '../../vm/cache.ts';
import { buildDisk } from '../../vm/image/disk.ts';
import { resolveKernel } from '../../vm/kernel/resolve.ts';
import type { BuiltDisk, DiskSpec, Kernel, Shape, Template, TerminalRequest } from '../../vm/machine.ts';
import { prepareTemplate } from '../../vm/qemu/template.ts';

export interface Backend {
  /** Throws UsageError for a spec that cannot be meant, UnsupportedError or HarnessError when the kernel cannot be had. */
  findKernel(spec: string, request: KernelRequest): Promise<Kernel>;
  buildDisk(disk: DiskSpec, options: { readonly signal: AbortSignal }): Promise<BuiltDisk>;
  /** Throws BootFailure when the kernel does not come up. */
  prepareTemplate(request: TemplateRequest): Promise<Template>;
  /** Called once after a run for which something was booted, and so kept: removes what has not been used for longest. */
  tidy(): Promise<void>;
}

export interface KernelRequest {
  /** Module name → file that replaces it. */
  readonly replace: Readonly<Record<string, string>>;
  readonly mirror: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

export interface TemplateRequest {
  readonly kernel: Kernel;
  readonly shape: Shape;
  readonly accelerator: 'auto' | 'kvm' | 'tcg';
  /** Boot each guest instead of cloning a template. */
  readonly fresh: boolean;
  /** Gives the guest a terminal. */
  readonly terminal?: TerminalRequest;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

/** Guests on this machine's QEMU. */
export const qemu: Backend = {
  findKernel: (spec, { mirror, ...request }) =>
    resolveKernel(spec, { ...request, ...(mirror === undefined ? {} : { mirror }) }),
  buildDisk,
  prepareTemplate,
  tidy: async () => {
    await pruneCache(cacheLimit());
  },
};
