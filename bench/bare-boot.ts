/** A kernel booted by bare QEMU to a one-line init that loads the same modules: what everything is measured against. */
import { execa } from 'execa';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { dir } from 'tmp-promise';
import { pack } from '../vm/agent/initramfs.ts';
import type { Kernel, Shape } from '../vm/machine.ts';
import { chooseAccelerator } from '../vm/qemu/accelerator.ts';

const SOURCE = path.join(import.meta.dirname, '../../bench/bare-init.c');

export interface BareBoot extends AsyncDisposable {
  /** Boots once, until the init has said that it is up; in ms. */
  run(signal: AbortSignal): Promise<number>;
}

/**
 * Compiles the init and packs it with the modules. Memory as the shape's, and one CPU, as fathom's guests have.
 * `stackTracer`: it is switched on before the init is up.
 */
export async function bareBoot(
  kernel: Kernel,
  { modules, memoryMiB }: Pick<Shape, 'modules' | 'memoryMiB'>,
  { stackTracer }: { readonly stackTracer: boolean },
  signal: AbortSignal,
): Promise<BareBoot> {
  const { path: place, cleanup } = await dir({ unsafeCleanup: true, prefix: 'fathom-bench' });
  const init = path.join(place, 'init');
  const initramfs = path.join(place, 'initramfs.cpio');
  await execa('cc', ['-O2', '-static', '-o', init, SOURCE], { cancelSignal: signal });
  await writeFile(
    initramfs,
    await pack(init, await kernel.modules(['virtio_pci', 'virtio_console', 'virtio_blk', ...modules]), signal),
  );
  const { name } = await chooseAccelerator('auto', signal);
  const options = [
    '-nodefaults',
    '-no-reboot',
    '-display',
    'none',
    '-machine',
    `q35,accel=${name}`,
    '-cpu',
    // What people type; fathom's own guests leave out three features of it (vm/architecture.ts).
    name === 'kvm' ? 'host' : 'max',
    '-m',
    `${memoryMiB}M`,
  ];
  const boot = [
    '-kernel',
    kernel.image,
    '-initrd',
    initramfs,
    '-append',
    `console=ttyS0 quiet loglevel=4 panic=-1${stackTracer ? ' STACK_TRACER=1' : ''}`,
    '-serial',
    'stdio',
  ];
  return {
    async run(aborted) {
      const begun = performance.now();
      const qemu = execa('qemu-system-x86_64', [...options, ...boot], { cancelSignal: aborted, stdin: 'ignore' });
      for await (const line of qemu) if (line.includes('bare boot: up')) break;
      const took = performance.now() - begun;
      qemu.kill('SIGKILL');
      await qemu.catch(() => undefined);
      return took;
    },
    [Symbol.asyncDispose]: cleanup,
  };
}
