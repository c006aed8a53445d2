/**
 * What is done to a fathom on purpose, and what it may make of that. Each fault: `name`; `exits` and `kinds`, the exit
 * statuses and verdicts that are right (whatever agrees is compared with a run without faults); `bites`, the verdict or
 * status that shows that it took effect (a fault may come too late); before the run `prepare`, which returns what the run
 * needs in `env` and `args`, and what to undo; beside it `during`.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { $ } from 'zx';
import { descriptorsOf, processesOf } from './residue.js';
import { sabotagingCompiler } from './sabotage.js';

const quiet = $({ quiet: true });
const AGREES = ['agrees'];
const CRASHED = ['agrees', 'crashed', 'unsupported'];
const HUNG = ['agrees', 'hung', 'unsupported'];
const LOST = ['agrees', 'broken', 'unsupported'];

/** Results after which an agent fails: early, in the middle, and one that only the longer scenarios have. */
const AFTER = [2, 9, 25];

function sabotaged(name, misdeed, rest) {
  const prepare = async ({ place, pick }) => ({ env: { CC: await sabotagingCompiler(place, misdeed, pick(AFTER)) } });
  return { name, prepare, ...rest };
}

/** At any moment of the run, or a little later. */
async function interrupted(signal, { child, random, usualMs }) {
  await delay(random() * usualMs * 1.1);
  child.kill(signal);
}

function signalled(signal, status) {
  return {
    name: signal,
    during: (round) => interrupted(signal, round),
    // Before node has come to listen to it, a signal ends the process by itself.
    exits: [0, status, signal],
    kinds: AGREES,
    bites: [status, signal],
    partial: true,
  };
}

/** Any of the guests that are there, once one is; undefined when the run is over before. */
async function anyGuest({ place, child, random, pick }) {
  await delay(random() * 500);
  while (child.exitCode === null && child.signalCode === null) {
    const guests = (await processesOf(place)).filter(({ name }) => name.startsWith('qemu-system'));
    if (guests.length > 0) return pick(guests).pid;
    await delay(20);
  }
  return undefined;
}

async function kill(pid, signal) {
  try {
    if (pid !== undefined) process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

async function truncateIn({ cache, pick, random }, room) {
  const directory = path.join(cache, room);
  const files = (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((item) => item.isFile() && item.name !== 'entry.json' && item.parentPath !== directory)
    .map((item) => path.join(item.parentPath, item.name));
  const file = pick(files);
  await truncate(file, Math.floor(random() * (await stat(file)).size));
  return {};
}

const truncated = (room) => ({
  name: `cache: a file of ${room} truncated`,
  prepare: (round) => truncateIn(round, room),
  exits: [0],
  kinds: AGREES,
});

async function tmpfs(directory, bytes) {
  await mkdir(directory, { recursive: true });
  await quiet`mount -t tmpfs -o size=${Math.ceil(bytes / 4096) * 4096} soak ${directory}`;
  return async () => {
    await quiet`umount ${directory}`;
    // Where another mount namespace has just been made, the mount is there a little longer.
    await rm(directory, { recursive: true, maxRetries: 20, retryDelay: 200 });
  };
}

/** A cache with all but the templates, and less room than one takes. */
async function fullCache({ place, cache }) {
  const small = path.join(place, 'full');
  const { stdout } = await quiet`du -s --block-size=1 --exclude=templates ${cache}`;
  const undo = await tmpfs(small, Number(stdout.split('\t')[0]) * 1.02 + 8 * 2 ** 20);
  for (const room of await readdir(cache))
    if (room !== 'templates') await quiet`cp -a --sparse=always ${path.join(cache, room)} ${small}`;
  return { env: { FATHOM_CACHE: small }, undo, mine: [small] };
}

async function fullEvidence({ place, pick }) {
  const small = path.join(place, 'full');
  const undo = await tmpfs(small, pick([16, 64, 256]) * 1024);
  return { output: path.join(small, 'evidence'), undo, mine: [small] };
}

const scenarioFile = (name, text) => ({
  name: `a scenario file that ${name}`,
  prepare: async ({ place }) => {
    const file = path.join(place, 'soak-scenario.mjs');
    await writeFile(file, text);
    return { args: [file] };
  },
  exits: [2],
  kinds: [],
  bites: [2],
});

/** 1 GB on the console of a guest, faster than a serial line could: as QEMU writes it, by its own descriptor. */
async function flood(round) {
  const guest = await anyGuest(round);
  if (guest === undefined) return;
  const [console] = await descriptorsOf(guest, /\/console$/);
  if (console === undefined) return;
  const piece = Buffer.from(`${'x'.repeat(79)}\n`.repeat(2 ** 16));
  const stream = createWriteStream(console, { flags: 'a' });
  let failed = false;
  stream.on('error', () => (failed = true));
  for (let left = 2 ** 30; left > 0 && !failed; left -= piece.length)
    if (!stream.write(piece))
      await Promise.race([new Promise((resolve) => stream.once('drain', resolve)), delay(1000)]);
  stream.end();
}

/** The host's clock as fathom and QEMU see it, back and forth. */
async function fakeClock({ place }) {
  const packages = path.join(place, 'faketime');
  if (!(await readdir(packages).catch(() => undefined))) {
    await mkdir(packages);
    await $({ quiet: true, cwd: packages })`apt-get download libfaketime`;
    await $({ quiet: true, cwd: packages })`sh -c 'dpkg-deb -x libfaketime_*.deb .'`;
  }
  const { stdout } = await quiet`find ${packages} -name libfaketime.so.1`;
  const file = path.join(place, 'clock');
  await writeFile(file, '+0d');
  const env = {
    LD_PRELOAD: stdout.trim(),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
  return { env, clock: file };
}

async function jumpingClock({ child, random, prepared }) {
  while (child.exitCode === null && child.signalCode === null) {
    await writeFile(prepared.clock, `${random() < 0.5 ? '-' : '+'}${Math.ceil(random() * 400)}d`);
    await delay(100 + random() * 300);
  }
}

/** The other one is judged as this one is. */
async function secondFathom({ startAnother }) {
  await startAnother();
}

export const FAULTS = [
  sabotaged('guest panics', 'panic', { exits: [1], kinds: CRASHED, bites: ['crashed'] }),
  {
    name: 'guest runs out of kernel stack',
    prepare: () => ({ args: ['erofs-device-nesting'] }),
    exits: [1],
    kinds: [...CRASHED, 'disagrees'],
    bites: ['crashed'],
  },
  sabotaged('guest answers no more', 'stop', { exits: [1], kinds: HUNG, bites: ['hung'], weight: 0.3 }),
  sabotaged('agent ends', 'exit', { exits: [125], kinds: LOST, bites: ['broken'] }),
  sabotaged("agent's worker killed", 'kill', { exits: [125], kinds: LOST, bites: ['broken'] }),
  sabotaged('agent answers garbage', 'garbage', { exits: [125], kinds: LOST, bites: ['broken'] }),
  sabotaged('clock of the guest jumps', 'clock', { exits: [0], kinds: AGREES }),
  { name: 'clock of the host jumps', prepare: fakeClock, during: jumpingClock, exits: [0], kinds: AGREES },
  {
    name: 'QEMU killed',
    during: async (round) => kill(await anyGuest(round), 'SIGKILL'),
    exits: [0, 125],
    kinds: LOST,
    bites: ['broken'],
  },
  {
    name: 'QEMU stopped',
    during: async (round) => kill(await anyGuest(round), 'SIGSTOP'),
    exits: [0, 125],
    kinds: LOST,
    bites: ['broken'],
    weight: 0.3,
  },
  { name: '1 GB on the console', during: flood, exits: [0], kinds: AGREES },
  {
    name: 'disk full, for a template',
    prepare: fullCache,
    exits: [125],
    // One that is there, or that still fits, is one to run on.
    kinds: LOST,
    bites: ['broken'],
  },
  { name: 'disk full, for the evidence', prepare: fullEvidence, exits: [125], kinds: LOST, bites: [125] },
  ...['templates', 'initramfs', 'disks', 'images', 'agents', 'kernels'].map(truncated),
  {
    name: 'two at once, cold templates',
    prepare: async ({ cache }) => {
      await rm(path.join(cache, 'templates'), { recursive: true, force: true });
      return {};
    },
    during: secondFathom,
    exits: [0],
    kinds: AGREES,
  },
  signalled('SIGINT', 130),
  signalled('SIGTERM', 143),
  signalled('SIGHUP', 129),
  { ...signalled('SIGKILL', 'SIGKILL'), leavesUntilNextStart: true },
  {
    name: 'stdout closed',
    during: async ({ child, random, usualMs }) => {
      await delay(random() * usualMs);
      child.stdout.destroy();
    },
    exits: [0, 141],
    kinds: AGREES,
    bites: [141],
    partial: true,
  },
  scenarioFile('throws', "throw new Error('on purpose');\n"),
  scenarioFile('never returns', 'for (;;);\n'),
  scenarioFile('waits for ever', 'await new Promise(() => undefined);\n'),
];
