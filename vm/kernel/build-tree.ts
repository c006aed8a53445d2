/** A kernel build tree as it lies after `make`: no modules_install, no depmod. */
import { access, constants, copyFile, mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { hostArchitecture } from '../architecture.ts';
import { UnsupportedError, UsageError } from '../errors.ts';
import { isAbsent } from '../file-errors.ts';
import type { KernelParts } from './assemble.ts';
import { fileHash, readConfig } from './assemble.ts';
import { readBanner } from './banner.ts';
import { fingerprint, indexFromModules, parseModuleList } from './module-index.ts';

/** @param directory the tree, or its O= directory */
export async function resolveTree(spec: string, directory: string): Promise<KernelParts> {
  const tree = path.resolve(directory);
  const image = await findImage(spec, tree);
  const config = await readConfig(path.join(tree, '.config'), spec);
  const { release, version } = await readBanner(image);
  const files = await modulesOf(tree);
  return {
    spec,
    release,
    version,
    image,
    config,
    systemMap: (await exists(path.join(tree, 'System.map'))) ? path.join(tree, 'System.map') : undefined,
    modules: () => indexFromModules(tree, files),
    ingredients: { v: 1, image: await fileHash(image), modules: await fingerprint(files.values()) },
    origin: `build tree ${tree}`,
  };
}

/**
 * Copies what a kernel of a built tree consists of to another directory, which is a build tree as far as `tree:` is
 * concerned; the other way round it puts back what was built before.
 */
export async function copyBuilt(from: string, to: string): Promise<void> {
  const [source, target] = [path.resolve(from), path.resolve(to)];
  const image = await findImage(`tree:${from}`, source);
  const files = [image, ...(await modulesOf(source)).values()];
  for (const name of ['.config', 'System.map', 'modules.order'])
    if (await exists(path.join(source, name))) files.push(path.join(source, name));
  for (const file of files) {
    const copy = path.join(target, path.relative(source, file));
    await mkdir(path.dirname(copy), { recursive: true });
    await copyFile(file, copy, constants.COPYFILE_FICLONE);
  }
}

async function findImage(spec: string, tree: string): Promise<string> {
  const name = hostArchitecture().image;
  const architectures = await readdir(path.join(tree, 'arch')).catch(() => []);
  for (const one of architectures.sort()) {
    const image = path.join(tree, 'arch', one, 'boot', name);
    if (await exists(image)) return image;
  }
  throw new UsageError(
    `kernel '${spec}': there is no ${path.join(tree, 'arch/*/boot', name)}; is ${tree} a kernel build tree (or its O= directory), and built (make ${name} modules)?`,
  );
}

/** What modules.order names. Until 6.2 its lines were those of an installation, `kernel/fs/erofs/erofs.ko`. */
async function modulesOf(tree: string): Promise<ReadonlyMap<string, string>> {
  const order = await readFile(path.join(tree, 'modules.order'), 'utf8').catch((error: unknown) => {
    if (isAbsent(error)) return '';
    throw error;
  });
  const files = new Map<string, string>();
  for (const [name, listed] of parseModuleList(order)) {
    const places = [listed, listed.replace(/^kernel\//, '')].map((one) => path.join(tree, one));
    const file = (await exists(places[0]!)) ? places[0]! : places[1]!;
    if (!(await exists(file)))
      throw new UnsupportedError(`module ${name}`, {
        message: `the build tree ${tree} is half built: modules.order names ${listed}, which is not there`,
        remedy: `make -C ${tree} modules`,
      });
    files.set(name, file);
  }
  return files;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
