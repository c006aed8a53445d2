/** Compiles the agent with the machine's own C compiler, once per source and compiler. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ExecaError, execa } from 'execa';
import { cached, hashOf } from '../cache.ts';
import { HarnessError, UnsupportedError } from '../errors.ts';
import { identityOfAny } from '../programs.ts';

export interface Agent {
  /** Path of the executable. */
  readonly path: string;
  /** Hash of sources, compiler and flags; `hello.agent` says the same. */
  readonly hash: string;
}

export interface AgentOptions {
  readonly signal: AbortSignal;
  /** Dynamic, with AddressSanitizer and UndefinedBehaviorSanitizer: for tests on the host, not for a guest. */
  readonly sanitize?: boolean;
}

const WARNINGS = [
  '-Wall',
  '-Wextra',
  '-Wpedantic',
  '-Wshadow',
  '-Wconversion',
  '-Wsign-conversion',
  '-Wstrict-prototypes',
  '-Werror',
];
const COMMON = ['-std=gnu11', '-D_GNU_SOURCE', '-O2', ...WARNINGS];
const STATIC = ['-static'];
const SANITIZED = ['-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer'];
const REMEDY = 'apt-get install gcc libc6-dev';
/** The C sources are beside this file, or, seen from dist/vm/agent, in the package's own vm/agent. */
const DIRECTORIES = [import.meta.dirname, path.join(import.meta.dirname, '../../../vm/agent')];

/** The agent for this host's architecture, static. Throws UnsupportedError without a C compiler or a static libc. */
export async function buildAgent({ signal, sanitize = false }: AgentOptions): Promise<Agent> {
  const compiler = process.env['CC'] ?? 'cc';
  const flags = [...COMMON, ...(sanitize ? SANITIZED : STATIC)];
  const sources = await findSources();
  const ingredients = {
    v: 1,
    compiler: compilerIdentity(compiler),
    flags,
    sources: await hashSources(sources),
  };
  const hash = hashOf(ingredients);
  const directory = await cached({
    room: 'agents',
    title: sanitize ? 'agent with sanitizers' : 'agent',
    ingredients,
    signal,
    build: async (building) => {
      const units = sources.filter((file) => file.endsWith('.c'));
      const output = path.join(building, 'agent');
      await run(compiler, [...flags, `-DAGENT_HASH="${hash}"`, '-o', output, ...units], signal);
    },
  });
  return { path: path.join(directory, 'agent'), hash };
}

async function findSources(): Promise<readonly string[]> {
  for (const directory of DIRECTORIES) {
    const names = (await readdir(directory).catch(() => [])).filter((name) => /\.[ch]$/.test(name)).sort();
    if (names.length > 0) return names.map((name) => path.join(directory, name));
  }
  throw new HarnessError(
    `the agent's C sources are in none of ${DIRECTORIES.join(', ')}; the installation is incomplete`,
  );
}

async function hashSources(files: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const hashes = files.map(
    async (file) =>
      [
        path.basename(file),
        createHash('sha256')
          .update(await readFile(file))
          .digest('hex'),
      ] as const,
  );
  return Object.fromEntries(await Promise.all(hashes));
}

function compilerIdentity(compiler: string): string {
  const identity = identityOfAny(compiler);
  if (identity === undefined)
    throw new UnsupportedError('a C compiler', {
      message: `the agent cannot be compiled: there is no \`${compiler}\``,
      remedy: REMEDY,
    });
  return identity;
}

/** Standard output of the compiler. */
async function run(compiler: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  try {
    const { stdout } = await execa(compiler, args, { cancelSignal: signal, stdin: 'ignore', env: { LC_ALL: 'C' } });
    return stdout;
  } catch (cause) {
    signal.throwIfAborted();
    if (!(cause instanceof ExecaError)) throw cause;
    const said = String(cause.stderr);
    if (/cannot find -l?(c|asan|ubsan|libasan|libubsan)\b|fatal error: .*\.h: No such file/.test(said))
      throw new UnsupportedError('a static libc and its headers', {
        message: `the agent cannot be linked: ${tail(said)}`,
        remedy: REMEDY,
        cause,
      });
    throw new HarnessError(`\`${compiler}\` does not compile the agent: ${tail(said)}`, { cause });
  }
}

function tail(text: string): string {
  return text.trim().split('\n').slice(-5).join('\n');
}
