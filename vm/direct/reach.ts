/**
 * How programs are started on a machine that is already running: on this one, or on another by ssh. Whatever is asked of it
 * is a POSIX shell script that runs as root.
 */
import path from 'node:path';
import { execa } from 'execa';
import { dir } from 'tmp-promise';
import { HarnessError, UnsupportedError, UsageError } from '../errors.ts';
import { requireProgram } from '../programs.ts';

export interface Reach extends AsyncDisposable {
  /** As the user names it: `host`, `ssh:me@lab:2222`. */
  readonly name: string;
  /** Whether it can go away while this process stays. */
  readonly isRemote: boolean;
  /** Program and arguments here that run the script there, `$1` and so on being `words`. */
  command(script: string, words: readonly string[]): readonly [program: string, ...args: string[]];
  /** Lets go of a connection that is kept: the machine at its other end is no longer the same. */
  hangUp(): Promise<void>;
}

/** This machine. Throws UnsupportedError for anyone but root. */
export function here(): Reach {
  if (process.getuid?.() !== 0)
    throw new UnsupportedError('root', {
      message: 'the machine host mounts and attaches loop devices, and that takes root',
      remedy: 'run the same as root, or leave --machine out: a guest takes no privilege',
    });
  return {
    name: 'host',
    isRemote: false,
    command: (script, words) => ['/bin/sh', '-c', script, 'fathom', ...words],
    hangUp: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

export interface SshTarget {
  /** `[USER@]HOST`, or a name of the configuration. */
  readonly destination: string;
  readonly port?: number;
  /** A configuration file in place of the user's own. */
  readonly config?: string;
  /** As the user names the machine. */
  readonly name: string;
}

/** `ssh:[USER@]HOST[:PORT]` without its `ssh:`. Throws UsageError. */
export function parseSshTarget(text: string): SshTarget {
  const match = /^((?:[^@\s:-][^@\s:]*@)?(?:\[[0-9a-fA-F:.]+\]|[^@\s:[\]-][^@\s:[\]]*))(?::(\d{1,5}))?$/.exec(text);
  const port = match?.[2] === undefined ? undefined : Number(match[2]);
  if (match === null || port === 0 || (port ?? 1) > 65535)
    throw new UsageError(`machine 'ssh:${text}': it is ssh:[USER@]HOST[:PORT], the host as ssh knows it`);
  const destination = match[1]!.replace(/\[(.*)\]$/, '$1');
  return { name: `ssh:${text}`, destination, ...(port === undefined ? {} : { port }) };
}

/** A machine that ssh reaches without asking anything, as root or as a user whom sudo asks nothing. */
export async function bySsh({ name, destination, port, config }: SshTarget): Promise<Reach> {
  const ssh = requireProgram('ssh');
  // One connection for all that is asked.
  const place = await dir({ prefix: 'fathom-ssh', unsafeCleanup: true });
  const options = [
    ...(config === undefined ? [] : ['-F', config]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...Object.entries({
      BatchMode: 'yes',
      // Vagrant's configuration says FATAL, with which ssh keeps to itself why it fails.
      LogLevel: 'ERROR',
      ConnectTimeout: '10',
      ServerAliveInterval: '5',
      ServerAliveCountMax: '3',
      ControlMaster: 'auto',
      ControlPath: path.join(place.path, 'control'),
      ControlPersist: '60',
    }).flatMap(([key, value]) => ['-o', `${key}=${value}`]),
  ];
  const hangUp = async (): Promise<void> => {
    await execa(ssh, [...options, '-O', 'exit', '--', destination], { reject: false, timeout: 5_000 });
  };
  return {
    name,
    isRemote: true,
    hangUp,
    command: (script, words) => {
      const inner = ['/bin/sh', '-c', script, 'fathom', ...words].map(quoted).join(' ');
      const line = `if [ "$(id -u)" = 0 ]; then exec ${inner}; else exec sudo -n -- ${inner}; fi`;
      return [ssh, ...options, '--', destination, `exec /bin/sh -c ${quoted(line)}`];
    },
    [Symbol.asyncDispose]: async () => {
      await hangUp();
      await place.cleanup();
    },
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** What a script printed. Throws HarnessError with what it said when it fails or takes longer than `deadlineMs`. */
export async function say(
  reach: Reach,
  script: string,
  words: readonly string[],
  { signal, deadlineMs = 60_000 }: { readonly signal: AbortSignal; readonly deadlineMs?: number },
): Promise<string> {
  const [program, ...args] = reach.command(script, words);
  const result = await execa(program, args, {
    reject: false,
    stdin: 'ignore',
    cancelSignal: signal,
    timeout: deadlineMs,
    stripFinalNewline: false,
  });
  signal.throwIfAborted();
  if (!result.failed) return result.stdout;
  const how = result.timedOut ? `no answer within ${deadlineMs / 1000} s` : `exit status ${result.exitCode ?? '?'}`;
  throw new HarnessError(`${reach.name}: ${how}: ${result.stderr.trim() || 'it said nothing'}`);
}
