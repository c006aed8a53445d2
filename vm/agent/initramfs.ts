/** The initramfs of a machine: the agent as /init, and the modules to load, decompressed on the host. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ExecaError, execa } from 'execa';
import { cached } from '../cache.ts';
import { HarnessError, UnsupportedError } from '../errors.ts';
import type { Kernel, KernelModule } from '../kernel/kernel.ts';
import { buildAgent } from './build.ts';
import type { NewcEntry } from './newc.ts';
import { newc } from './newc.ts';

export interface Initramfs {
  /** Path of the (uncompressed) cpio archive. */
  readonly path: string;
  /** What is loaded, in order. */
  readonly modules: readonly KernelModule[];
}

export interface InitramfsRequest {
  readonly kernel: Kernel;
  /** Modules by name; dependencies are added, built-ins left out. */
  readonly modules: readonly string[];
  /** Static programs of the host, by the name that they get in the guest's /bin. */
  readonly programs?: ReadonlyMap<string, string> | undefined;
  readonly signal: AbortSignal;
}

/** Builds it once for an agent, a kernel and a list of modules. Throws UnsupportedError for a module that the kernel has not. */
export async function buildInitramfs({
  kernel,
  modules: names,
  programs = new Map(),
  signal,
}: InitramfsRequest): Promise<Initramfs> {
  const [agent, modules] = await Promise.all([buildAgent({ signal }), kernel.modules(names)]);
  const found = await Promise.all([...programs].map(async ([name, file]) => ({ name, content: await readFile(file) })));
  const directory = await cached({
    room: 'initramfs',
    title: `${kernel.release}, ${modules.length} modules`,
    ingredients: {
      v: 2,
      agent: agent.hash,
      kernel: kernel.identity,
      modules: modules.map(({ name }) => name),
      ...(found.length === 0 ? {} : { programs: found.map(({ name, content }) => [name, sha256(content)]) }),
    },
    signal,
    build: async (building) =>
      writeFile(path.join(building, 'initramfs.cpio'), await pack(agent.path, modules, signal, found)),
  });
  return { path: path.join(directory, 'initramfs.cpio'), modules };
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

interface Program {
  /** In /bin. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** The archive with any program as /init. */
export async function pack(
  init: string,
  modules: readonly KernelModule[],
  signal: AbortSignal,
  programs: readonly Program[] = [],
): Promise<readonly Uint8Array[]> {
  return newc([...(await entries(init, modules, signal)), ...programEntries(programs)]);
}

function programEntries(programs: readonly Program[]): readonly NewcEntry[] {
  if (programs.length === 0) return [];
  return [
    { kind: 'directory', path: 'bin', mode: 0o755 },
    ...programs.map(({ name, content }): NewcEntry => ({ kind: 'file', path: `bin/${name}`, mode: 0o755, content })),
  ];
}

async function entries(
  init: string,
  modules: readonly KernelModule[],
  signal: AbortSignal,
): Promise<readonly NewcEntry[]> {
  const contents = await Promise.all(modules.map(({ file }) => decompressed(file, signal)));
  const names = modules.map(({ name }, index) => `${String(index).padStart(3, '0')}-${name}.ko`);
  return [
    { kind: 'directory', path: 'dev', mode: 0o755 },
    // The kernel opens it as the agent's standard input and output, before devtmpfs is there.
    { kind: 'character', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
    { kind: 'file', path: 'init', mode: 0o755, content: await readFile(init) },
    { kind: 'directory', path: 'modules', mode: 0o755 },
    ...contents.map((content, index): NewcEntry => ({
      kind: 'file',
      path: `modules/${names[index]}`,
      mode: 0o644,
      content,
    })),
    {
      kind: 'file',
      path: 'modules/order',
      mode: 0o644,
      content: Buffer.from(names.map((name) => `${name}\n`).join('')),
    },
  ];
}

/** Program and Debian package for each suffix. Decompressed here, since a guest under emulation takes many times as long. */
const DECOMPRESSORS: Readonly<Record<string, { readonly program: string; readonly debian: string }>> = {
  '.xz': { program: 'xz', debian: 'xz-utils' },
  '.zst': { program: 'zstd', debian: 'zstd' },
  '.gz': { program: 'gzip', debian: 'gzip' },
};

async function decompressed(file: string, signal: AbortSignal): Promise<Uint8Array> {
  const decompressor = DECOMPRESSORS[path.extname(file)];
  if (decompressor === undefined) return readFile(file, { signal });
  const { program, debian } = decompressor;
  try {
    const { stdout } = await execa(program, ['-dc', file], {
      encoding: 'buffer',
      // The last byte of a signed module is a newline, and without it the kernel sees no signature.
      stripFinalNewline: false,
      maxBuffer: 1024 ** 3,
      cancelSignal: signal,
      stdin: 'ignore',
    });
    return stdout;
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof ExecaError && cause.code === 'ENOENT')
      throw new UnsupportedError(program, {
        message: `${file} cannot be decompressed: there is no \`${program}\``,
        remedy: `apt-get install ${debian}`,
        cause,
      });
    throw new HarnessError(`${program} cannot decompress ${file}; fetch the kernel anew or rebuild the module`, {
      cause,
    });
  }
}
