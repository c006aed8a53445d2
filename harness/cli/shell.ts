/** `fathom shell`: a scenario's mounts in a guest, with a shell on the user's terminal. */
import { Option, type Command } from 'commander';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { UsageError } from '../../vm/machine.ts';
import { isStatic } from '../../vm/tools/static-program.ts';
import { newestProgram } from '../../vm/tools/tools.ts';
import { qemu } from '../run/backend.ts';
import { loadScenarios } from '../run/load-scenarios.ts';
import { openShell, type Done, type UserTerminal } from '../run/shell.ts';
import type { Context } from './main.ts';
import { collectModule } from './module-option.ts';

interface Options {
  readonly kernel?: string;
  readonly module?: Readonly<Record<string, string>>;
  readonly until?: string;
  readonly tool?: readonly string[];
  readonly accel: 'auto' | 'kvm' | 'tcg';
  readonly mirror?: string;
}

/** Longest text of commands that the agent takes, in bytes, less what fathom puts before it. */
const MAX_COMMANDS_BYTES = 65_000;

export function register(program: Command, context: Context): void {
  program
    .command('shell')
    .summary("a shell in a guest that has a scenario's mounts")
    .description(
      "Boots a kernel, carries out a scenario's steps, and leaves its mounts as they are, with a shell (busybox) on the terminal. Leaving the shell switches the guest off. Where standard input is no terminal, it is the shell's commands.",
    )
    .argument('<scenario>', 'its name, or the path of its file')
    .option(
      '-k, --kernel <spec>',
      'kernel to boot: debian:6.17.13, deb:FILE, rpm:FILE, tree:DIR, image:FILE,modules=DIR,config=FILE, host',
    )
    .option('-m, --module <name=file>', 'put FILE.ko in place of a module, may be given again', collectModule)
    .option('--until <step>', 'carry out the steps up to this one, and not those after it')
    .option('--tool <file>', 'put a static program of this machine into /bin, may be given again', collect)
    .addOption(new Option('--accel <name>', 'accelerator').choices(['auto', 'kvm', 'tcg']).default('auto'))
    .option('--mirror <url>', "Debian mirror (default: the machine's own apt sources)")
    .addHelpText(
      'after',
      `
Examples:
  $ fathom shell fedora-coreos-2087 --kernel debian:6.17.13
  $ fathom shell fedora-coreos-2087 --kernel debian:6.17.13 --until "overlay on it" --tool ./my-test
  $ echo 'cat /proc/mounts; dmesg | tail' | fathom shell fedora-coreos-2087 --kernel debian:6.17.13`,
    )
    .action((name: string, options: Options) => shellCommand(name, options, context));
}

async function shellCommand(name: string, options: Options, { signal }: Context): Promise<void> {
  const { kernel, module = {}, until, tool = [], accel, mirror } = options;
  if (kernel === undefined)
    throw new UsageError('which kernel? --kernel debian:6.17.13, say; `fathom kernels` lists what can be had');
  const [scenario, ...others] = await loadScenarios([name], signal);
  if (scenario === undefined || others.length > 0)
    throw new UsageError(`${name} is a group of scenarios: a shell is in one`);
  const say = (words: string): void => void process.stderr.write(`${words}\n`);
  const commands = process.stdin.isTTY ? undefined : await commandsFrom(process.stdin);
  const own = await programsOf(tool);
  const busybox = await newestProgram('busybox-static', 'busybox', { signal, onProgress: say });
  const outcome = await openShell({
    scenario,
    kernel,
    until,
    programs: new Map([...own, ['busybox', busybox.file]]),
    place: { replace: module, accelerator: accel, mirror, backend: qemu, signal, onPhase: (_, words) => say(words) },
    terminal: userTerminal(commands, signal, say),
  });
  switch (outcome.kind) {
    case 'completed': {
      const shell = outcome.results.at(-1);
      if (shell?.ok !== true) {
        say(`the guest cannot start a shell: ${shell?.call ?? 'it'}: ${shell?.errno ?? 'failed'}`);
        process.exitCode = 125;
      } else if (shell.status !== undefined && shell.status !== 0) say(`the shell ended with status ${shell.status}`);
      return;
    }
    case 'crashed':
      say(`the kernel died: ${outcome.title}\n${outcome.consoleTail}`);
      process.exitCode = 1;
      return;
    case 'hung':
      say(`the guest hangs in ${outcome.step ?? 'no step'}: ${outcome.where}`);
      process.exitCode = 1;
      return;
    case 'lost':
      say(`the guest is lost: ${outcome.reason}`);
      process.exitCode = 125;
      return;
  }
  outcome satisfies never;
}

async function commandsFrom(input: NodeJS.ReadStream): Promise<string> {
  const commands = await text(input);
  if (Buffer.byteLength(commands) > MAX_COMMANDS_BYTES)
    throw new UsageError(`standard input has more than ${MAX_COMMANDS_BYTES} bytes: too much for the shell's commands`);
  if (commands.includes('\0')) throw new UsageError('standard input has a NUL byte: the shell takes text');
  return commands;
}

async function programsOf(files: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const programs = new Map<string, string>();
  for (const file of files) {
    const found = await isStatic(file).catch((cause: unknown) => {
      throw new UsageError(`--tool ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    });
    if (!found) throw new UsageError(`--tool ${file}: it is no static program, and the guest has no libraries for it`);
    programs.set(path.basename(file), file);
  }
  return programs;
}

function userTerminal(commands: string | undefined, signal: AbortSignal, say: (words: string) => void): UserTerminal {
  const { stdin, stdout } = process;
  return {
    type: process.env['TERM'] ?? 'dumb',
    // A terminal that does not know its size says 0.
    rows: (stdout.isTTY && stdout.rows) || 24,
    columns: (stdout.isTTY && stdout.columns) || 80,
    commands,
    onReady: (done, release) => {
      for (const line of whatIsWhere(done)) say(line);
      say(commands === undefined ? `${release}: exit or Ctrl-D switches it off` : release);
    },
    connect: (machine) => connect(machine, commands === undefined, signal, stdin, stdout),
  };
}

/** In raw mode Ctrl-C and Ctrl-Z are bytes like others, and mean what they mean in the guest. */
async function connect(
  machine: Duplex,
  interactive: boolean,
  signal: AbortSignal,
  stdin: NodeJS.ReadStream,
  stdout: NodeJS.WriteStream,
): Promise<void> {
  const give = (): void => {
    if (!interactive) return;
    stdin.setRawMode(false);
    stdin.unpipe(machine);
    stdin.pause();
  };
  if (interactive) {
    stdin.setRawMode(true);
    stdin.pipe(machine);
  }
  machine.pipe(stdout, { end: false });
  signal.addEventListener('abort', give, { once: true });
  try {
    // QEMU is killed when the shell has ended: that its end of the socket is gone is no fault.
    await finished(machine, { writable: false }).catch(() => undefined);
  } finally {
    signal.removeEventListener('abort', give);
    give();
  }
}

function whatIsWhere(done: readonly Done[]): readonly string[] {
  const shown = done.filter(({ step, target }) => target !== undefined || !step.startsWith('set-up: '));
  const width = Math.max(0, ...shown.map(({ step }) => step.length));
  return shown.map(({ step, result, target }) =>
    `${step.padEnd(width)}  ${result.ok ? 'ok' : (result.errno ?? 'not tried')}${result.ok && target !== undefined ? `  ${target}` : ''}`.trimEnd(),
  );
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
