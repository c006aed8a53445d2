/**
 * Makes a bare clone ready to run, and costs a few milliseconds when it already is: npm packages, the build in dist/,
 * the system programs. Plain JavaScript on Node's own modules, since at first there is nothing else.
 *
 *     node bin/set-up.js      all three; exit status 125 when one of them cannot be had
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
/** What dist/ is made from; what is no TypeScript in there (the agent's C sources) is copied as it is. */
const sources = ['harness', 'vm', 'scenarios', 'bench'];
/** In dist/: what the command line loads, in few files. */
const bundle = 'bundle';
const buildInputs = [
  ...sources,
  'bin/set-up.js',
  'tsconfig.json',
  'tsconfig.build.json',
  'node_modules/.package-lock.json',
];

export class SetUpError extends Error {}

/** The npm packages and dist/ are there and no older than what they are made from; makes them so if not. */
export async function ensureBuilt() {
  // npm packs no lock file: this is an installed package, and comes built.
  if (!existsSync(path.join(root, 'package-lock.json'))) return;
  if (!arePackagesFresh()) await alone(async () => arePackagesFresh() || (await installPackages()));
  if (!isBuildFresh()) await alone(async () => isBuildFresh() || (await build()));
}

/** Every system program of vm/programs.ts is there. As root they are installed, else the line that does it is said. */
export async function ensurePrograms() {
  const { installLine, missingPrograms } = await import('../dist/vm/programs.js');
  const hasApt = existsSync('/usr/bin/apt-get');
  const wanted = () => missingPrograms().filter((row) => row.required || hasApt);
  const missing = wanted();
  if (missing.length === 0) return;
  for (const row of missing) say(`missing: ${row.name}, for ${row.neededFor}`);
  if (!hasApt) throw new SetUpError(`install the above; Debian has them in ${debianPackages(missing)}`);
  if (process.getuid() !== 0) throw new SetUpError(`as root run:\n  ${installLine(missing)}`);

  await alone(async () => {
    const still = wanted();
    if (still.length === 0) return;
    const packages = debianPackages(still);
    await step('reading the package index (apt-get update)', 'apt-get', ['update', '-q']);
    const install = ['install', '-q', '-y', '--no-install-recommends', ...packages.split(' ')];
    await step(`installing ${packages} (apt-get install)`, 'apt-get', install);
  });
  const left = wanted();
  if (left.length > 0)
    throw new SetUpError(`apt-get is content, yet not found: ${left.map((row) => row.name).join(', ')}`);
}

function debianPackages(rows) {
  return [...new Set(rows.map((row) => row.debianPackage))].join(' ');
}

/** npm writes its own lock file last, so an installation that was killed has none and is made again. */
function arePackagesFresh() {
  return newest('node_modules/.package-lock.json') >= newest('package-lock.json');
}

async function installPackages() {
  await step('installing the npm packages (npm ci)', 'npm', ['ci', '--no-audit', '--no-fund', '--include=dev']);
}

function isBuildFresh() {
  return newest('dist/.built') >= Math.max(...buildInputs.map(newest));
}

/**
 * Builds beside dist/ and swaps it in. Types are not checked here (`npm run types` does), which keeps it to a second.
 * The stamp has the time at which the build began, so a source saved meanwhile makes it stale again.
 */
async function build() {
  const began = new Date();
  const [dist, fresh, old] = ['dist', 'dist.new', 'dist.old'].map((name) => path.join(root, name));
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh);
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', fresh];
  await step('building dist/ (tsc)', process.execPath, tsc);
  for (const source of sources) {
    const from = path.join(root, source);
    const filter = (file) => !file.endsWith('.ts');
    if (existsSync(from)) cpSync(from, path.join(fresh, source), { recursive: true, filter });
  }
  await bundleProgram(fresh);
  writeFileSync(path.join(fresh, '.built'), '');
  utimesSync(path.join(fresh, '.built'), began, began);
  rmSync(old, { recursive: true, force: true });
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
}

/**
 * The command line and the scenarios with all that they import, packages too: finding and opening five hundred files is most
 * of a start. What several of them use goes into files beside the command line, so that there is one of it and paths
 * relative to a module's own mean the same.
 */
async function bundleProgram(place) {
  const esbuild = await import('esbuild');
  const scenarios = readdirSync(path.join(place, 'scenarios'), { recursive: true })
    .filter((file) => file.endsWith('.js'))
    .map((file) => path.join('scenarios', file));
  // What is CommonJS inside asks for Node's modules by require.
  const js = "import { createRequire as requireFor } from 'node:module'; const require = requireFor(import.meta.url);";
  await esbuild.build({
    absWorkingDir: place,
    entryPoints: ['harness/cli/main.js', ...scenarios],
    outbase: '.',
    outdir: bundle,
    chunkNames: 'harness/cli/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: { js },
    // Names stay, for the stacks of errors.
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: 'error',
  });
}

/** The latest change of a file, or of a folder and all in it, in ms; 0 when it is not there. */
function newest(name) {
  const place = path.join(root, name);
  const stats = statSync(place, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.mtimeMs ?? 0;
  // The folder's own time tells of what was removed from it.
  return readdirSync(place).reduce((latest, item) => Math.max(latest, newest(path.join(name, item))), stats.mtimeMs);
}

/** Runs one long thing; what it prints is shown only if it fails. */
async function step(title, program, args) {
  const began = Date.now();
  const elapsed = () => `${((Date.now() - began) / 1000).toFixed(1)} s`;
  say(title);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
  const ticking = setInterval(() => say(`  still at it after ${elapsed()}`), 10_000);
  try {
    const [code, signal] = await once(child, 'close');
    if (code !== 0)
      throw new SetUpError(
        `${program} ${args.join(' ')}: ${signal ?? `exit status ${code}`}\n${Buffer.concat(output)}`,
      );
    say(`  done in ${elapsed()}`);
  } catch (error) {
    throw error.code === 'ENOENT' ? new SetUpError(`${program} is not there, and "${title}" needs it`) : error;
  } finally {
    clearInterval(ticking);
  }
}

/**
 * One set-up at a time in one checkout. The lock is an abstract socket (unix(7)): the kernel gives it back however
 * its holder ends, so there is no stale lock to judge.
 */
async function alone(work) {
  const lock = net.createServer();
  for (let told = false; ; told = true) {
    try {
      lock.listen({ path: `\0fathom-set-up:${realpathSync(root)}`.slice(0, 100) });
      await once(lock, 'listening');
      break;
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error;
      if (!told) say('waiting for another set-up of this checkout');
      await sleep(100);
    }
  }
  try {
    await work();
  } finally {
    lock.close();
  }
}

function say(line) {
  process.stderr.write(`fathom: ${line}\n`);
}

/** Runs `work`; a set-up that fails ends the process with 125, in words instead of a stack. */
export async function orExit(work) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  try {
    if (major < 20 || (major === 20 && minor < 19))
      throw new SetUpError(`Node 20.19 or newer is needed, this is ${process.version}`);
    await work();
  } catch (error) {
    say(error instanceof SetUpError || error.name === 'UnsupportedError' ? error.message : error.stack);
    process.exit(125);
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await orExit(async () => {
    await ensureBuilt();
    await ensurePrograms();
  });
}
