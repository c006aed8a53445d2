/** The machine of the Vagrantfile, from outside: by the ssh that Vagrant prints, and back to a snapshot after a crash. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { dir } from 'tmp-promise';
import { untilReached } from '../direct/afterwards.ts';
import { bySsh, type Reach } from '../direct/reach.ts';
import { HarnessError, UsageError } from '../errors.ts';
import { requireProgram } from '../programs.ts';

export interface VagrantMachine extends AsyncDisposable {
  readonly reach: Reach;
  /** Keeps the machine as it is now. Rejects with HarnessError when the provider cannot. */
  save(signal: AbortSignal): Promise<void>;
  /** Makes it again what it was when it was kept. */
  restore(signal: AbortSignal): Promise<void>;
}

const SNAPSHOT = 'fathom';
/** An emulated machine is saved and restored in a minute, with its memory. ms */
const SNAPSHOT_MS = 900_000;
const ASK_MS = 120_000;
/** A machine that is restored goes on where it was, but its network takes a moment. ms */
const ANSWER_MS = 120_000;

/**
 * The machine of the Vagrantfile in `directory` or above it, which runs already. Throws UnsupportedError without
 * Vagrant, UsageError when there is no machine or it is not up.
 */
export async function openVagrant(directory: string, signal: AbortSignal): Promise<VagrantMachine> {
  const vagrant = requireProgram('vagrant');
  const run = (args: readonly string[], timeout: number) =>
    execa(vagrant, args, { cwd: directory, stdin: 'ignore', reject: false, cancelSignal: signal, timeout });
  const asked = await run(['ssh-config'], ASK_MS);
  signal.throwIfAborted();
  const host = hostOf(asked.stdout);
  if (asked.failed || host === undefined)
    throw new UsageError(`--machine vagrant: ${lastLine(asked.stderr || asked.stdout)}; is it up? vagrant up`);
  const place = await dir({ prefix: 'fathom-vagrant', unsafeCleanup: true });
  const config = path.join(place.path, 'ssh-config');
  await writeFile(config, `${asked.stdout}\n`);
  const reach = await bySsh({ name: 'vagrant', destination: host, config });
  const snapshot = async (args: readonly string[], stop: AbortSignal): Promise<void> => {
    const { failed, stderr, stdout } = await run(['snapshot', ...args], SNAPSHOT_MS);
    stop.throwIfAborted();
    // What is open leads to a machine that is no more.
    await reach.hangUp();
    if (failed) throw new HarnessError(`vagrant snapshot ${args.join(' ')}: ${lastLine(stderr || stdout)}`);
  };
  return {
    reach,
    save: (stop) => snapshot(['save', '--force', SNAPSHOT], stop),
    restore: async (stop) => {
      await snapshot(['restore', '--no-provision', SNAPSHOT], stop);
      await untilReached(reach, stop, ANSWER_MS);
    },
    [Symbol.asyncDispose]: async () => {
      await reach[Symbol.asyncDispose]();
      await place.cleanup();
    },
  };
}

/** The first host of an ssh configuration. */
export function hostOf(config: string): string | undefined {
  return /^Host (\S+)\s*$/m.exec(config)?.[1];
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
