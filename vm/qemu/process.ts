/** A running QEMU: started unprivileged and mortal, spoken to over inherited sockets, gone when disposed of. */
import { chown, open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { execa } from 'execa';
import * as z from 'zod';
import { hostArchitecture } from '../architecture.ts';
import { HarnessError } from '../errors.ts';
import { requireProgram } from '../programs.ts';
import { qemuArguments, type Descriptors, type QemuMachine } from './command-line.ts';
import { connectAgent, type AgentConnection } from '../agent/connection.ts';
import { settledWithin } from '../deadline.ts';
import { consoleText } from './console-text.ts';
import { connectQmp, type Qmp } from './qmp.ts';
import { mortal, ownedDirectory, type RunAs } from './reaper.ts';

/** How QEMU ended. */
export interface Ending {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** All that it said on standard error. */
  readonly stderr: string;
}

export interface Qemu extends AsyncDisposable {
  readonly pid: number;
  readonly qmp: Qmp;
  readonly agent: AgentConnection;
  /** A directory that QEMU may write to; removed with it. */
  readonly directory: string;
  /** The host's end of the guest's terminal. */
  readonly terminal: Duplex | undefined;
  readonly ended: Promise<Ending>;
  /** What the guest's console has said: `consoleText`. */
  console(): Promise<string>;
}

/** The first descriptors are standard input, output, error, and these. */
const DESCRIPTORS: Descriptors = { qmp: 3, agent: 4, console: 5 };
const FIRST_FILE = 6;

/** The number that `files[index]` has in QEMU. */
export function inQemu(index: number): number {
  return FIRST_FILE + index;
}

/**
 * What a machine is started from: `describe` gets the number that each of `files` has in QEMU, and behind them that of
 * the terminal's socket, where there is to be one.
 */
export interface QemuStart {
  readonly files: readonly FileHandle[];
  readonly describe: (descriptors: readonly number[]) => QemuMachine;
  readonly terminal?: boolean;
  readonly user: RunAs | undefined;
  readonly signal: AbortSignal;
}

/** Time for QEMU to open its monitor, in ms. It is the host's work, not the guest's. */
const START_DEADLINE_MS = 20_000;

/** argv for key and log: the same for each start of the same kind. */
export function describedArguments(
  start: Pick<QemuStart, 'describe'>,
  fileCount: number,
  name: string,
): readonly string[] {
  return qemuArguments(
    start.describe(Array.from({ length: fileCount }, (_, index) => inQemu(index))),
    DESCRIPTORS,
    name,
  );
}

/**
 * Starts QEMU and connects to its monitor.
 * Rejects with UnsupportedError when a program is missing, HarnessError with QEMU's own words when it refuses.
 */
export async function startQemu(start: QemuStart): Promise<Qemu> {
  const { files, terminal = false, user, signal } = start;
  const terminalDescriptor = inQemu(files.length);
  signal.throwIfAborted();
  const directory = await ownedDirectory(user);
  const cleanUps: (() => Promise<unknown>)[] = [directory.remove];
  const cleanUp = async (): Promise<void> => {
    for (const step of cleanUps.splice(0).reverse()) await step();
  };
  try {
    if (user !== undefined) await chown(directory.path, user.uid, user.gid);
    // Opened before QEMU could put something else in its place, and never by name again.
    const log = await open(path.join(directory.path, 'console'), 'wx+', 0o600);
    cleanUps.push(() => log.close());
    // QEMU wants a descriptor that is for writing and nothing else.
    const logWriter = await open(path.join(directory.path, 'console'), 'a');
    cleanUps.push(() => logWriter.close());

    const program = requireProgram(hostArchitecture().qemu.program);
    const argv = describedArguments(start, files.length + Number(terminal), path.basename(directory.path));
    // execa passes descriptors on from the fourth on too; only its types do not say so.
    const inherited = [
      'pipe',
      'pipe',
      logWriter.fd,
      ...files.map(({ fd }) => fd),
      ...(terminal ? ['pipe'] : []),
    ] as 'pipe'[];
    const child = execa(requireProgram('setpriv'), mortal([program, ...argv], user), {
      stdio: ['ignore', 'ignore', 'pipe', ...inherited],
      buffer: { fd3: false, fd4: false, ...(terminal ? { [`fd${terminalDescriptor}`]: false } : {}) },
      env: { TMPDIR: directory.path },
      // A session of its own: Ctrl-C is for fathom, which ends its QEMUs itself.
      detached: true,
      reject: false,
    });
    const ended = child.then(({ exitCode, signal, stderr, originalMessage }): Ending => ({
      exitCode,
      signal,
      stderr: stderr || (originalMessage ?? ''),
    }));
    if (child.pid === undefined) throw new HarnessError(`cannot start setpriv: ${(await ended).stderr}`);
    cleanUps.push(async () => {
      child.kill('SIGKILL');
      await ended;
    });

    const agent = connectAgent(child.stdio[DESCRIPTORS.agent] as unknown as Duplex);
    const qmp = await connectQmp(child.stdio[DESCRIPTORS.qmp] as unknown as Duplex, {
      signal,
      deadlineMs: START_DEADLINE_MS,
    }).catch(async (cause: unknown) => {
      if (signal.aborted) throw signal.reason;
      const ending = await settledWithin(ended, { signal, deadlineMs: 1000 });
      if (ending === 'deadline') throw new HarnessError(`${program} runs, but: ${String(cause)}`, { cause });
      throw new HarnessError(`${program} did not start: ${endingInWords(ending.value)}`, { cause });
    });
    qmp.onEvent(({ event }) => {
      if (event === 'STOP') void reportBadState(qmp, agent);
    });
    return {
      pid: child.pid,
      qmp,
      agent,
      directory: directory.path,
      terminal: terminal ? (child.stdio[terminalDescriptor] as unknown as Duplex) : undefined,
      ended,
      console: () => consoleText(log),
      [Symbol.asyncDispose]: cleanUp,
    };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

/** A STOP that fathom asked for leaves QEMU `paused`; in any other state the guest cannot go on, and nobody would say so. */
async function reportBadState(qmp: Qmp, agent: AgentConnection): Promise<void> {
  const limits = { signal: new AbortController().signal, deadlineMs: START_DEADLINE_MS };
  const state = await qmp.execute('query-status', {}, runState, limits).catch(() => undefined);
  if (state !== undefined && FATAL_STATES.includes(state.status))
    agent.interrupt({ kind: 'stopped', why: state.status });
}

const runState = z.object({ status: z.string() });
const FATAL_STATES = ['internal-error', 'io-error', 'guest-panicked', 'watchdog'];

/** `exit status 1: qemu-system-x86_64: …`, `killed by SIGKILL`. */
export function endingInWords({ exitCode, signal, stderr }: Ending): string {
  const how = signal === undefined ? `exit status ${exitCode ?? 'unknown'}` : `killed by ${signal}`;
  return stderr.trim() === '' ? how : `${how}: ${stderr.trim()}`;
}
