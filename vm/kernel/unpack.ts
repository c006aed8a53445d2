/** The packages of one kernel, Debian's or RPM → a directory with its image, configuration, symbols and modules, and depmod's files. */
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { extractDeb } from '../archive/deb.ts';
import { extractRpm } from '../archive/rpm.ts';
import { HarnessError, UsageError } from '../errors.ts';
import { runProgram } from '../run-program.ts';
import { isAbsent } from '../file-errors.ts';
import { readBanner } from './banner.ts';
import { findModuleFiles } from './module-index.ts';
import { certificatesOf, isSignedBy } from './module-signature.ts';

const unpackedSchema = z.object({
  v: z.literal(1),
  release: z.string(),
  version: z.object({ major: z.number(), minor: z.number(), patch: z.number(), rc: z.number().optional() }),
  /** Paths within the directory. */
  image: z.string(),
  config: z.string(),
  systemMap: z.string().optional(),
  modules: z.string(),
});
/** What `kernel.json` in the directory says. */
export type Unpacked = z.infer<typeof unpackedSchema>;

/** Where modules lie in a package: before and since the merge of /usr. */
const MODULE_ROOTS = ['usr/lib/modules', 'lib/modules'] as const;

/**
 * Fills `directory` from `.deb` files; both packagings: all in one, or image, modules and base apart.
 * Throws UsageError when they do not make one whole kernel.
 *
 * @param unchecked packages whose hash nobody vouches for: a boot image inside is not taken, and every module must
 *   be signed by a key inside the boot image of the other packages, or HarnessError
 */
export async function unpackDebs(
  debs: readonly string[],
  directory: string,
  signal: AbortSignal,
  unchecked: readonly string[] = [],
): Promise<Unpacked> {
  const everything = await mkdtemp(path.join(directory, '.unpack-'));
  for (const deb of unchecked) await extractDeb(deb, everything, signal);
  if (unchecked.length > 0) await disarm(everything);
  for (const deb of debs) await extractDeb(deb, everything, signal);
  const unpacked = await arrange(everything, directory, [...debs, ...unchecked], DEBIAN, signal);
  if (unchecked.length > 0)
    await checkSignatures(path.join(directory, unpacked.image), path.join(directory, unpacked.modules), signal);
  return unpacked;
}

/** The same from `.rpm` files, which have image, configuration and symbols beside the modules, and no /boot. */
export async function unpackRpms(rpms: readonly string[], directory: string, signal: AbortSignal): Promise<Unpacked> {
  const everything = await mkdtemp(path.join(directory, '.unpack-'));
  const patterns = MODULE_ROOTS.flatMap((root) => [`./${root}/*`, `${root}/*`, `/${root}/*`]);
  for (const rpm of rpms) await extractRpm(rpm, everything, patterns, signal);
  return arrange(everything, directory, rpms, FEDORA, signal);
}

/** Which package it is that holds a part of the kernel, for who has forgotten it. */
interface Packaging {
  readonly modules: string;
  readonly image: string;
  readonly config: string;
}

const DEBIAN: Packaging = {
  modules: 'the linux-modules package (or linux-image, up to 6.18) belongs to a kernel',
  image: 'the linux-binary package holds it since 6.19',
  config: 'the linux-base package holds it since 6.19',
};
const FEDORA: Packaging = {
  modules: 'kernel-modules-core and kernel-modules hold the modules (kernel-core, up to Fedora 37)',
  image: 'kernel-core holds it',
  config: 'kernel-core holds it',
};

/** From all files of the packages to a directory as it is described above. */
async function arrange(
  everything: string,
  directory: string,
  packages: readonly string[],
  packaging: Packaging,
  signal: AbortSignal,
): Promise<Unpacked> {
  // The rest of a kernel package is documentation.
  for (const part of ['boot', ...MODULE_ROOTS]) {
    await mkdir(path.dirname(path.join(directory, part)), { recursive: true });
    await rename(path.join(everything, part), path.join(directory, part)).catch(ignoreAbsent);
  }
  await rm(everything, { recursive: true, force: true });

  const found = await findParts(directory, packages, packaging);
  // Some distributions let only root read the image; QEMU runs as somebody else.
  await chmod(path.join(directory, found.image), 0o644);
  const { release, version } = await readBanner(path.join(directory, found.image));
  const base = path.join(directory, found.modules, '../../..');
  await runProgram({
    program: 'depmod',
    args: ['-b', base, path.basename(found.modules)],
    making: `the modules of ${release}`,
    signal,
  });
  const unpacked: Unpacked = {
    v: 1,
    release,
    version: { ...version, ...(version.rc === undefined ? {} : { rc: version.rc }) },
    ...found,
  };
  await writeFile(path.join(directory, 'kernel.json'), JSON.stringify(unpacked));
  return unpacked;
}

export async function readUnpacked(directory: string): Promise<Unpacked> {
  return unpackedSchema.parse(JSON.parse(await readFile(path.join(directory, 'kernel.json'), 'utf8')));
}

/** Leaves only plain files and directories, so that nothing unpacked later goes through a link, and no boot image. */
async function disarm(directory: string): Promise<void> {
  for (const item of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const plain = item.isDirectory() || (item.isFile() && !item.name.startsWith('vmlinuz'));
    if (!plain) await rm(path.join(item.parentPath, item.name));
  }
}

/** How many modules are unpacked and checked at a time. */
const CHECKERS = 4;

async function checkSignatures(image: string, modules: string, signal: AbortSignal): Promise<void> {
  const certificates = await certificatesOf(image);
  const files = [...(await findModuleFiles(modules)).values()].values();
  const checker = async (): Promise<void> => {
    for (const file of files) {
      signal.throwIfAborted();
      if (!(await isSignedBy(file, certificates)))
        throw new HarnessError(
          `${path.basename(file)} is not signed by the kernel that it should belong to (${image}); its package came from the archive's pool with no hash to check it by`,
        );
    }
  };
  await Promise.all(Array.from({ length: CHECKERS }, checker));
}

async function findParts(
  directory: string,
  packages: readonly string[],
  packaging: Packaging,
): Promise<Pick<Unpacked, 'image' | 'config' | 'systemMap' | 'modules'>> {
  const modules = (await Promise.all(MODULE_ROOTS.map((root) => list(directory, root)))).flat();
  const names = packages.map((one) => path.basename(one)).join(', ');
  const [directoryOfModules, second] = modules;
  if (directoryOfModules === undefined)
    throw new UsageError(`${names}: no lib/modules/RELEASE inside; ${packaging.modules}`);
  if (second !== undefined)
    throw new UsageError(
      `${names}: more than one kernel inside: ${modules.map((one) => path.basename(one)).join(', ')}`,
    );
  const release = path.basename(directoryOfModules);
  const first = async (...candidates: string[]): Promise<string | undefined> => {
    for (const candidate of candidates) if (await isFile(path.join(directory, candidate))) return candidate;
    return undefined;
  };
  const image = await first(
    `boot/vmlinuz-${release}`,
    `${directoryOfModules}/vmlinuz`,
    `${directoryOfModules}/vmlinuz.unsigned`,
  );
  const config = await first(`boot/config-${release}`, `${directoryOfModules}/config`);
  if (image === undefined) throw new UsageError(`${names}: no boot image for ${release} inside; ${packaging.image}`);
  if (config === undefined)
    throw new UsageError(`${names}: no configuration for ${release} inside; ${packaging.config}`);
  const wantsModules = /^CONFIG_\w+=m$/m.test(await readFile(path.join(directory, config), 'utf8'));
  if (wantsModules && (await findModuleFiles(path.join(directory, directoryOfModules))).size === 0)
    throw new UsageError(`${names}: no modules for ${release} inside; ${packaging.modules}`);
  const systemMap = await first(`boot/System.map-${release}`, `${directoryOfModules}/System.map`);
  return { image, config, modules: directoryOfModules, ...(systemMap === undefined ? {} : { systemMap }) };
}

async function list(directory: string, root: string): Promise<string[]> {
  const names = await readdir(path.join(directory, root)).catch(ignoreAbsent);
  return (names ?? []).map((name) => `${root}/${name}`);
}

async function isFile(file: string): Promise<boolean> {
  return lstat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

function ignoreAbsent(error: unknown): undefined {
  if (!isAbsent(error)) throw error;
  return undefined;
}
