/** Starts the programs that make filesystems and unpack packages, and ends them: on abort nothing of theirs is left. */
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { HarnessError } from './errors.ts';
import { requireProgram, searchPath } from './programs.ts';

export interface ProgramRun {
  /** A name from the table of vm/programs.ts. */
  readonly program: string;
  /** Where the program is, when it is not the one that is installed (vm/tools/). */
  readonly file?: string | undefined;
  readonly args: readonly string[];
  /** What is being made, for messages: `erofs image 1f0c…`. */
  readonly making: string;
  /** A program and its arguments that runs the program as its own last arguments, such as fakeroot. */
  readonly under?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The file that it reads as its standard input; default: nothing. */
  readonly stdinFile?: string;
  /** The file that its standard output goes to, bytes as they are; what is returned is then empty. */
  readonly stdoutFile?: string;
  readonly signal: AbortSignal;
  /** Told of each line of its standard output as it comes. */
  readonly onLine?: (line: string) => void;
  /** Default: 15 minutes. */
  readonly deadlineMs?: number;
  /** Do not throw for an exit status other than 0. */
  readonly tolerant?: boolean;
}

/** No image that a test can want takes this long, on a slow disk either. */
const DEADLINE_MS = 15 * 60_000;
const GRACE_MS = 2_000;

/**
 * What a program printed. Throws UnsupportedError when it is not installed, HarnessError with the tail of what it
 * said when it fails or does not end in time, the signal's reason on abort.
 */
export async function runProgram(run: ProgramRun): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const { program, args, making, under = [], signal, deadlineMs = DEADLINE_MS } = run;
  signal.throwIfAborted();
  const [file, ...rest] = [...under, run.file ?? requireProgram(program), ...args] as [string, ...string[]];
  // Its own process group: fakeroot is a shell script, and its child has to go with it.
  const child = execa(file, rest, {
    ...(run.cwd === undefined ? {} : { cwd: run.cwd }),
    env: { PATH: searchPath(), LC_ALL: 'C', TZ: 'UTC', ...run.env },
    stdin: run.stdinFile === undefined ? 'ignore' : { file: run.stdinFile },
    stdout: run.stdoutFile === undefined ? linesTo(run.onLine) : { file: run.stdoutFile },
    detached: true,
    reject: false,
    stripFinalNewline: false,
  });
  const deadline = AbortSignal.timeout(deadlineMs);
  const stop = AbortSignal.any([signal, deadline]);
  const onStop = () => void endGroup(child.pid, child);
  stop.addEventListener('abort', onStop, { once: true });
  // `exit` is reached without an abort when the process is told to end at once; a child of ours must not outlive it.
  const onExit = () => signalGroup(child.pid, 'SIGINT');
  process.once('exit', onExit);
  const result = await child;
  process.removeListener('exit', onExit);
  const stdout = run.stdoutFile === undefined ? result.stdout : '';
  stop.removeEventListener('abort', onStop);
  signal.throwIfAborted();
  if (deadline.aborted)
    throw new HarnessError(`${program} for ${making} had not ended after ${deadlineMs} ms and was stopped`);
  if (result.failed && run.tolerant !== true) {
    const how =
      result.exitCode === undefined
        ? (result.signal ?? result.originalMessage ?? 'could not be started')
        : `exit status ${result.exitCode}`;
    throw new HarnessError(
      `${program} for ${making} failed (${how}): ${tail(`${stdout}\n${result.stderr}`)}\ncommand: ${result.escapedCommand}`,
    );
  }
  return { stdout, stderr: result.stderr };
}

function linesTo(onLine: ProgramRun['onLine']) {
  if (onLine === undefined) return 'pipe';
  return function* (line: unknown) {
    onLine(String(line));
    yield line;
  };
}

/** SIGINT first: fakeroot ends its daemon on it, and on no other signal. */
async function endGroup(pid: number | undefined, ended: PromiseLike<unknown>): Promise<void> {
  signalGroup(pid, 'SIGINT');
  const grace = new AbortController();
  const timer = delay(GRACE_MS, 'late', { signal: grace.signal, ref: false }).catch(() => 'ended');
  const first = await Promise.race([Promise.resolve(ended).then(() => 'ended'), timer]);
  grace.abort();
  if (first === 'late') signalGroup(pid, 'SIGKILL');
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function tail(output: string): string {
  const lines = output
    .split(/[\n\r]/)
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  return lines.length === 0 ? 'it said nothing' : lines.slice(-12).join('\n');
}
