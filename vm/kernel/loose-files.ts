/** Kernels that lie about as files: named one by one, or the running kernel's own. */
import { access, constants, readFile } from 'node:fs/promises';
import { release as runningRelease } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { UnsupportedError, UsageError } from '../errors.ts';
import { reasonOf } from '../file-errors.ts';
import type { KernelParts } from './assemble.ts';
import { fileHash, readConfig } from './assemble.ts';
import { readBanner } from './banner.ts';
import type { ModuleIndex } from './module-index.ts';
import { findModuleFiles, fingerprint, indexFromDepmod, indexFromModules } from './module-index.ts';
import type { KernelSpec } from './spec.ts';

/** `image:FILE,modules=DIR,config=FILE`. Without `config=`, DIR/config; without `modules=`, all is taken as built in. */
export async function resolveImage(spec: string, named: Extract<KernelSpec, { kind: 'image' }>): Promise<KernelParts> {
  const image = path.resolve(named.image);
  const directory = named.modules === undefined ? undefined : path.resolve(named.modules);
  const config = named.config ?? (directory === undefined ? undefined : path.join(directory, 'config'));
  if (config === undefined) throw new UsageError(`kernel '${spec}': its configuration is needed, config=FILE`);
  const text = await readConfig(config, spec);
  return fromFiles(spec, { image, config: text, systemMap: undefined, directory, origin: `image ${image}` });
}

/** The running kernel. Throws UnsupportedError when its files are not on this machine (a container, say). */
export async function resolveHost(spec: string, root = '/', release = runningRelease()): Promise<KernelParts> {
  const boot = path.join(root, 'boot');
  const directory = path.join(root, 'lib/modules', release);
  const images = [path.join(boot, `vmlinuz-${release}`), path.join(directory, 'vmlinuz')];
  const image = await firstReadable(images);
  if (image === undefined)
    throw new UnsupportedError(`the files of the running kernel ${release}`, {
      message: `kernel '${spec}': cannot read ${images.join(' or ')}`,
      remedy: `If the file is there, only root may read it (sudo chmod +r). In a container the kernel belongs to another machine: name one as debian:VERSION or image:FILE,modules=DIR,config=FILE.`,
    });
  const compressed = path.join(root, 'proc/config.gz');
  const configs = [path.join(boot, `config-${release}`), path.join(directory, 'config'), compressed];
  const config = await firstReadable(configs);
  if (config === undefined)
    throw new UnsupportedError(`the configuration of the running kernel ${release}`, {
      message: `kernel '${spec}': cannot read ${configs.join(' or ')}`,
      remedy: `image:${image},modules=${directory},config=FILE`,
    });
  const text =
    config === compressed
      ? (await promisify(gunzip)(await readFile(config))).toString()
      : await readConfig(config, spec);
  const systemMap = await firstReadable([path.join(boot, `System.map-${release}`), path.join(directory, 'System.map')]);
  return fromFiles(spec, { image, config: text, systemMap, directory, origin: `the running kernel, ${image}` });
}

interface Files {
  readonly image: string;
  readonly config: string;
  readonly systemMap: string | undefined;
  /** Where modules.dep or the module files lie. */
  readonly directory: string | undefined;
  readonly origin: string;
}

async function fromFiles(spec: string, { directory, ...files }: Files): Promise<KernelParts> {
  const banner = await readBanner(files.image);
  const modules = directory === undefined ? new Map<string, string>() : await moduleFiles(spec, directory);
  const ingredients = { v: 1, image: await fileHash(files.image), modules: await fingerprint(modules.values()) };
  return { spec, ...banner, ...files, modules: () => indexOf(directory, modules), ingredients };
}

function moduleFiles(spec: string, directory: string): Promise<ReadonlyMap<string, string>> {
  return findModuleFiles(directory).catch((cause: unknown) => {
    throw new UsageError(`kernel '${spec}': cannot read its modules in ${directory}: ${reasonOf(cause)}`, { cause });
  });
}

async function indexOf(directory: string | undefined, files: ReadonlyMap<string, string>): Promise<ModuleIndex> {
  const installed =
    directory !== undefined && (await firstReadable([path.join(directory, 'modules.dep')])) !== undefined;
  return installed ? indexFromDepmod(directory) : indexFromModules(directory ?? '', files);
}

async function firstReadable(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const readable = await access(file, constants.R_OK).then(
      () => true,
      () => false,
    );
    if (readable) return file;
  }
  return undefined;
}
