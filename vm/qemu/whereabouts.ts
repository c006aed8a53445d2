/** Where the CPUs of a guest that does not answer are, in the kernel's own names. */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { hostArchitecture } from '../architecture.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Limits } from '../deadline.ts';
import type { Qmp } from './qmp.ts';

export interface CpuState {
  readonly programCounter: bigint;
  readonly user: boolean;
  readonly halted: boolean;
  /** Halted with interrupts off: nothing will ever wake it. */
  readonly dead: boolean;
}

/** The state of each CPU; empty when QEMU does not say. */
export async function cpuStates(qmp: Qmp, limits: Limits): Promise<readonly CpuState[]> {
  const text = await qmp.execute('human-monitor-command', { 'command-line': 'info registers -a' }, z.string(), limits);
  return parseRegisters(text);
}

/** `info registers -a` of QEMU, x86. */
export function parseRegisters(text: string): readonly CpuState[] {
  return text
    .split(/^CPU#\d+/m)
    .slice(1)
    .flatMap((cpu) => {
      const programCounter = hostArchitecture().programCounter.exec(cpu)?.[1];
      if (programCounter === undefined) return [];
      const halted = /\bHLT=1\b/.test(cpu);
      const flags = Number.parseInt(/\bR?E?FL=([0-9a-f]+)/.exec(cpu)?.[1] ?? '200', 16);
      return [
        {
          programCounter: BigInt(`0x${programCounter}`),
          user: /\bCPL=3\b/.test(cpu),
          halted,
          dead: halted && (flags & 0x200) === 0,
        },
      ];
    });
}

/** Looks at a guest that does not answer, and milliseconds between them: an idle CPU still wakes for its timer. */
const LOOKS = 5;
const BETWEEN_MS = 20;

/**
 * `cpu0 in ovl_copy_up_one+0x1c`, `cpu0 idle in pv_native_safe_halt+0xf`; says so when QEMU does not tell. Undefined when QEMU
 * itself does not answer: stopped, or starved by its host, it says nothing about the guest.
 */
export async function whereabouts(qmp: Qmp, kernel: Kernel, limits: Limits): Promise<string | undefined> {
  const looks: (readonly CpuState[])[] = [];
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) await delay(BETWEEN_MS, undefined, { signal: limits.signal });
    const states = await cpuStates(qmp, limits).catch(() => undefined);
    if (states === undefined) return undefined;
    looks.push(states);
  }
  const states = usualStates(looks);
  if (states.length === 0) return 'QEMU does not say where its CPUs are';
  const map = kernel.systemMap === undefined ? '' : await readFile(kernel.systemMap, 'utf8').catch(() => '');
  return states
    .map(
      ({ programCounter, user, halted }, index) =>
        `cpu${index} ${user ? 'in user space' : `${halted ? 'idle ' : ''}in ${symbolAt(map, programCounter)}`}`,
    )
    .join(', ');
}

/** Of several looks at a guest, each CPU as it was most often, idle, in user space or in the kernel: the first such look. */
export function usualStates(looks: readonly (readonly CpuState[])[]): readonly CpuState[] {
  return (looks[0] ?? []).map((first, cpu) => {
    const seen = looks.map((states) => states[cpu] ?? first);
    const alike = (one: CpuState): number =>
      seen.filter(({ user, halted }) => user === one.user && halted === one.halted).length;
    return seen.reduce((usual, one) => (alike(one) > alike(usual) ? one : usual), first);
  });
}

/** `name+0xoffset` by System.map, for an address of a kernel booted with nokaslr; the bare address outside of the kernel's text. */
export function symbolAt(systemMap: string, address: bigint): string {
  let nearest: { readonly name: string; readonly start: bigint } | undefined;
  let last = 0n;
  for (const [, start = '', name = ''] of systemMap.matchAll(/^([0-9a-f]{16}) [tTwW] (\S+)$/gm)) {
    const value = BigInt(`0x${start}`);
    if (value > last) last = value;
    if (value <= address && (nearest === undefined || value >= nearest.start)) nearest = { name, start: value };
  }
  // Modules lie behind the kernel's text, and System.map does not know them.
  if (nearest === undefined || address >= last) return `0x${address.toString(16)}`;
  return `${nearest.name}+0x${(address - nearest.start).toString(16)}`;
}
