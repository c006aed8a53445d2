/** The last step of every kind of spec: from files on the host to a Kernel. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { hashOf } from '../cache.ts';
import { UnsupportedError, UsageError } from '../errors.ts';
import { reasonOf } from '../file-errors.ts';
import { parseConfig } from './kconfig.ts';
import type { Kernel, KernelVersion } from './kernel.ts';
import type { ModuleIndex } from './module-index.ts';
import { moduleName, readModuleInfo } from './modinfo.ts';
import { loadOrder } from './module-order.ts';

export interface KernelParts {
  readonly spec: string;
  readonly release: string;
  readonly version: KernelVersion;
  readonly image: string;
  /** Text of the configuration. */
  readonly config: string;
  readonly systemMap: string | undefined;
  /** Read when modules are first asked for. */
  readonly modules: () => Promise<ModuleIndex>;
  /** What the kernel is known by; image, modules and config follow from it. */
  readonly ingredients: unknown;
  readonly origin: string;
}

/** @param replace module → file, as the user wrote them */
export async function assembleKernel(parts: KernelParts, replace: Readonly<Record<string, string>>): Promise<Kernel> {
  const { spec, release, version, image, systemMap, origin } = parts;
  const config = parseConfig(parts.config);
  const replacements = new Map(Object.entries(replace).map(([name, file]) => [moduleName(name), file]));
  let index: Promise<ModuleIndex> | undefined;
  const modules = (): Promise<ModuleIndex> => (index ??= parts.modules());
  for (const [name, file] of replacements) await checkReplacement(name, file, spec, modules);
  const hashes = await Promise.all([...replacements].sort().map(async ([name, file]) => [name, await fileHash(file)]));
  return {
    spec,
    release,
    version,
    image,
    config,
    systemMap,
    identity: hashOf({ v: 1, kernel: parts.ingredients, config: parts.config, replacements: hashes }),
    origin,
    modules: async (names) => loadOrder({ spec, config }, await modules(), replacements, names),
  };
}

async function checkReplacement(
  name: string,
  file: string,
  spec: string,
  modules: () => Promise<ModuleIndex>,
): Promise<void> {
  const info = await readModuleInfo(file).catch((cause: unknown) => {
    throw new UsageError(`--module ${name}=${file}: ${reasonOf(cause)}`, { cause });
  });
  if (info.name !== undefined && moduleName(info.name) !== name)
    throw new UsageError(`--module ${name}=${file}: that file is the module ${info.name}`);
  if ((await modules()).builtin.has(name))
    throw new UnsupportedError(`${name} as a module`, {
      message: `--module ${name}=${file}: ${name} is built into ${spec} and cannot be replaced`,
    });
}

/** SHA-256 of a file, in hexadecimal. */
export async function fileHash(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** A configuration's text; Throws UsageError when it cannot be read. */
export async function readConfig(file: string, spec: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UsageError(`kernel '${spec}': cannot read its configuration ${file}: ${reasonOf(cause)}`, { cause });
  });
}
