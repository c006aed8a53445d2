/** From power-on to the agent's hello. */
import { HarnessError } from '../errors.ts';
import type { KernelModule } from '../kernel/kernel.ts';
import type { Hello, Kernel } from '../machine.ts';
import { BootFailure } from '../machine.ts';
import type { AgentEvent } from '../agent/connection.ts';
import { consoleTail, deathOf } from './crash.ts';
import type { Limits } from '../deadline.ts';
import { endingInWords, startQemu, type Qemu, type QemuStart } from './process.ts';
import { cpuStates, whereabouts } from './whereabouts.ts';

/** How often a silent boot is looked at, ms. */
const LOOK_MS = 500;
/** A CPU seen halted with interrupts off this many times in a row is not going to wake. */
const DEAD_LOOKS = 3;

export interface Booted {
  readonly qemu: Qemu;
  readonly hello: Hello;
  readonly durationMs: number;
}

/** What is booted, and what its agent has to say of it. */
export interface BootRequest {
  readonly kernel: Kernel;
  /** In its initramfs, in order of loading. */
  readonly modules: readonly KernelModule[];
  readonly bootDeadlineMs: number;
}

/**
 * Boots a guest and waits for its agent.
 * Rejects with BootFailure when the kernel dies or says nothing in time, HarnessError when QEMU or the agent fails, or
 * another kernel or other modules came up than were asked for. The caller disposes of `qemu`.
 */
export async function bootGuest(
  start: QemuStart,
  { kernel, modules, bootDeadlineMs: deadlineMs }: BootRequest,
): Promise<Booted> {
  const from = performance.now();
  const qemu = await startQemu(start);
  try {
    const event = await firstWord(qemu, { signal: start.signal, deadlineMs });
    if (event !== 'silence' && event !== 'dead' && event.kind === 'line' && event.line.type === 'hello') {
      checkHello(event.line, kernel, modules);
      return { qemu, hello: event.line, durationMs: performance.now() - from };
    }
    throw await bootError(qemu, kernel, event, { signal: start.signal, deadlineMs });
  } catch (error) {
    await qemu[Symbol.asyncDispose]();
    throw error;
  }
}

/** Nothing that the guest does is this kernel's doing unless it is this kernel, with these modules (loaded or refused). */
export function checkHello(hello: Hello, kernel: Kernel, modules: readonly KernelModule[]): void {
  if (hello.release !== kernel.release)
    throw new HarnessError(`${kernel.spec} is ${kernel.release}, and ${hello.release} booted`);
  const [asked, tried] = [modules, hello.modules].map((list) => list.map(({ name }) => name).join(' '));
  if (asked !== tried)
    throw new HarnessError(
      `the guest of ${kernel.release} was to load the modules ${asked}, and it tried ${tried === '' ? 'none' : tried}: its initramfs is not whole`,
    );
}

async function firstWord(qemu: Qemu, { signal, deadlineMs }: Limits): Promise<AgentEvent | 'silence' | 'dead'> {
  const until = performance.now() + deadlineMs;
  let deadLooks = 0;
  for (;;) {
    const leftMs = until - performance.now();
    if (leftMs <= 0) return 'silence';
    const event = await qemu.agent.next({ signal, deadlineMs: Math.min(leftMs, LOOK_MS) });
    if (event !== 'deadline') return event;
    const states = await cpuStates(qemu.qmp, { signal, deadlineMs }).catch(() => []);
    deadLooks = states.length > 0 && states.every(({ dead }) => dead) ? deadLooks + 1 : 0;
    if (deadLooks === DEAD_LOOKS) return 'dead';
  }
}

async function bootError(
  qemu: Qemu,
  kernel: Kernel,
  event: AgentEvent | 'silence' | 'dead',
  limits: Limits,
): Promise<Error> {
  const who = `${kernel.release} (${kernel.spec})`;
  const ending = event !== 'silence' && event !== 'dead' && event.kind === 'closed' ? await qemu.ended : undefined;
  const console = await qemu.console();
  const tail = consoleTail(console);
  const said = tail === '' ? '; its console said nothing' : `; its console:\n${tail}`;
  const death = deathOf(console);
  if (death?.kind === 'crash')
    return new BootFailure('crashed', `${who} died while booting: ${death.title}${said}`, tail);
  if (death !== undefined)
    return new HarnessError(`${who} booted and its agent ended before it said hello: ${death.title}${said}`);
  if (event === 'silence' || event === 'dead') {
    const where = await whereabouts(qemu.qmp, kernel, { ...limits, deadlineMs: 5000 });
    if (where === undefined)
      return new HarnessError(`${who} did not come up, and QEMU does not answer either: is it stopped?${said}`);
    const why =
      event === 'dead'
        ? 'stopped for good while booting'
        : `did not come up within ${Math.round(limits.deadlineMs / 1000)} s`;
    return new BootFailure('hung', `${who} ${why}: ${where}${said}`, tail);
  }
  switch (event.kind) {
    case 'closed':
      // A reset without a panic is a triple fault: the kernel's. Any other end is QEMU's.
      return ending?.exitCode === 0
        ? new BootFailure('crashed', `${who} reset the machine while booting, with no panic${said}`, tail)
        : new HarnessError(
            `QEMU ended while ${who} was booting: ${ending === undefined ? '' : endingInWords(ending)}${said}`,
          );
    case 'stopped':
      return new HarnessError(`QEMU stopped ${who} while it was booting: ${event.why}${said}`);
    case 'garbage':
      return new HarnessError(`the first word of the agent on ${who} is none: ${event.text}: ${event.why}${said}`);
    case 'line':
      return new HarnessError(`the agent on ${who} began with ${event.line.type} in place of hello${said}`);
  }
  event satisfies never;
}
