/**
 * An agent on a running machine, with the disks of a scenario on loop devices: the process that takes them away again is
 * there, and outlives this one.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Duplex } from 'node:stream';
import { execa } from 'execa';
import { connectAgent, type AgentConnection } from '../agent/connection.ts';
import type { Hello } from '../agent/protocol.ts';
import { settledWithin } from '../deadline.ts';
import { HarnessError } from '../errors.ts';
import type { BuiltDisk } from '../machine.ts';
import { requireProgram } from '../programs.ts';
import { say, type Reach } from './reach.ts';

/** What is kept in a directory of its own, and what it takes to take it away. */
const CLEAN = `
clean() {
  for disk in "$1"/disk/*; do
    [ ! -L "$disk" ] || losetup -d "$(readlink "$disk")" 2>/dev/null
  done
  # Where a mount is still on its way out, the device goes after it.
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    losetup --list --noheadings --output BACK-FILE | grep -qF "$1/" || break
    sleep 0.5
  done
  [ ! -s "$1/loaded" ] || modprobe -r $(cat "$1/loaded") 2>/dev/null
  rm -rf "$1"
}
`;

/** Removes what sessions have left whose process was killed, and makes a place by the name it is given. */
const OPEN = `${CLEAN}
mkdir -m 700 "$1" || exit 1
for old in /var/tmp/fathom-direct.*; do
  # One that is just being made has nobody for a moment.
  [ -d "$old" ] && [ -n "$(find "$old" -maxdepth 0 -mmin +1)" ] || continue
  kill -0 "$(cat "$old/pid" 2>/dev/null)" 2>/dev/null || clean "$old"
done
`;

/** Takes away a place in which nothing has been started yet. */
const DISCARD = `${CLEAN}clean "$1"`;

/** Cut off in the middle, which whoever stops it does at the other end of the pipe, nobody will come for the place. */
const FILL = 'trap "" HUP INT TERM; echo $$ > "$1/pid"; tar -x -S -C "$1" -f - || { rm -rf "$1"; exit 1; }';

/**
 * The disks' loop devices have high numbers: those that plans attach get the lowest, as in a guest. Without anyone to write
 * to it the agent ends, whatever has become of those who started it, and then all goes.
 */
const RUN = `${CLEAN}
trap '' HUP INT TERM PIPE
place=$1
shift
cd "$place" || exit 1
echo $$ > pid
mkdir disk
free=64
for image in disk[0-9]*; do
  [ -f "$image" ] || continue
  until losetup "/dev/loop$free" "$place/$image" 2>/dev/null; do
    free=$((free + 1))
    [ "$free" -lt 256 ] || { echo "no free loop device for $image" >&2; clean "$place"; exit 1; }
  done
  ln -s "/dev/loop$free" "disk/\${image#disk}"
  free=$((free + 1))
done
for module in "$@"; do
  [ -d "/sys/module/$module" ] || grep -qw "$module" /proc/filesystems || { modprobe -q "$module" && echo "$module" >> loaded; }
done
./agent --stdio
status=$?
cd /
clean "$place"
exit "$status"
`;

/** Time for the agent to say hello, ms. */
const HELLO_MS = 30_000;
/** Time for it to end by itself when nobody speaks to it any more: a step's, and taking down what is mounted. ms */
const END_MS = 60_000;

export interface Session extends AsyncDisposable {
  readonly agent: AgentConnection;
  readonly hello: Hello;
  /** Where the disk of a slot is to be found. */
  device(slot: number): string;
  /** How the process on this side ended, in words. */
  readonly ended: Promise<string>;
}

export interface SessionRequest {
  readonly reach: Reach;
  /** Path of the agent, on this side. */
  readonly agent: string;
  readonly disks: readonly BuiltDisk[];
  readonly modules: readonly string[];
  readonly signal: AbortSignal;
}

/** Throws HarnessError when the machine is not reached or the agent does not come up. */
export async function openSession({ reach, agent, disks, modules, signal }: SessionRequest): Promise<Session> {
  // The name is known here before the place is there: what stops us in between must not leave it.
  const place = `/var/tmp/fathom-direct.${randomUUID()}`;
  try {
    await say(reach, OPEN, [place], { signal });
    await fill(reach, place, { agent, ...Object.fromEntries(disks.map((disk, n) => [`disk${n}`, disk.path])) }, signal);
  } catch (error) {
    const { signal: never } = new AbortController();
    // A machine that is not reached is told by the first error.
    await say(reach, DISCARD, [place], { signal: never }).catch(() => undefined);
    throw error;
  }
  const [program, ...args] = reach.command(RUN, [place, ...modules]);
  const child = execa(program, args, {
    stdin: 'pipe',
    buffer: { stdout: false, stderr: true },
    reject: false,
    // Ctrl-C is for fathom, which then lets it end.
    detached: true,
  });
  const ended = child.then(({ exitCode, signal: killedBy, stderr }) => {
    const how = exitCode === undefined ? `killed by ${killedBy ?? '?'}` : `exit status ${exitCode}`;
    return stderr.trim() === '' ? how : `${how}: ${stderr.trim()}`;
  });
  const connection = connectAgent(Duplex.from({ readable: child.stdout, writable: child.stdin }));
  const close = async (): Promise<void> => {
    child.stdin.end();
    const { signal: never } = new AbortController();
    if ((await settledWithin(ended, { signal: never, deadlineMs: END_MS })) === 'deadline') child.kill('SIGKILL');
    await ended;
  };
  try {
    const first = await connection.next({ signal, deadlineMs: HELLO_MS });
    if (first === 'deadline') throw new HarnessError(`${reach.name}: the agent said nothing for ${HELLO_MS / 1000} s`);
    if (first.kind === 'closed') throw new HarnessError(`${reach.name}: the agent did not start: ${await ended}`);
    if (first.kind !== 'line' || first.line.type !== 'hello')
      throw new HarnessError(`${reach.name}: the agent's first word was none: ${JSON.stringify(first)}`);
    return {
      agent: connection,
      hello: first.line,
      device: (slot) => `${place}/disk/${slot}`,
      ended,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Copies files to the place, by their new names, with their holes. */
async function fill(
  reach: Reach,
  place: string,
  files: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const staging = await mkdtemp(path.join(tmpdir(), 'fathom-staging-'));
  try {
    for (const [name, file] of Object.entries(files)) await symlink(path.resolve(file), path.join(staging, name));
    const [program, ...args] = reach.command(FILL, [place]);
    const packing = execa(
      requireProgram('tar'),
      ['-c', '-h', '--hard-dereference', '-S', '-C', staging, '-f', '-', ...Object.keys(files)],
      {
        cancelSignal: signal,
        buffer: { stdout: false },
        reject: false,
      },
    );
    const { failed, stderr } = await packing.pipe(program, args, { cancelSignal: signal, reject: false });
    signal.throwIfAborted();
    const packed = await packing;
    if (failed || packed.failed)
      throw new HarnessError(`${reach.name}: the disks could not be copied there: ${packed.stderr} ${stderr}`.trim());
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
