/** A package and its libraries → a directory from which its programs start, whatever the machine's own libraries are. */
import { access, chmod, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PackageIndex } from '../archive/apt-index.ts';
import { extractDeb } from '../archive/deb.ts';
import type { ArchivePackage } from '../archive/packages.ts';
import { hostArchitecture } from '../architecture.ts';
import { HarnessError } from '../errors.ts';
import { isStatic } from './static-program.ts';

/** Where Debian's packages put their programs. */
const PROGRAM_PLACES = ['usr/bin', 'usr/sbin', 'bin', 'sbin'] as const;

/**
 * Leaves `root/`, what the packages hold, and `bin/`: for each program of the package a script which starts it with the
 * dynamic loader and the libraries of `root/`, or, where the package came without a loader, the static program itself.
 */
export async function unpackTool(
  index: PackageIndex,
  one: ArchivePackage,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const debs = path.join(directory, 'debs');
  const [own, root, bin] = ['own', 'root', 'bin'].map((name) => path.join(directory, name)) as [string, string, string];
  for (const made of [debs, own, root, bin]) await mkdir(made);
  for (const deb of await index.downloadWhole(one, debs, signal)) {
    await extractDeb(deb, root, signal);
    if (path.basename(deb).startsWith(`${one.name}_`)) await extractDeb(deb, own, signal);
  }
  const libraries = await existing(root, libraryPlaces());
  const loaders = await existing(
    root,
    libraries.map((place) => `${place}/${hostArchitecture().dynamicLoader}`),
  );
  const [loader] = loaders;
  for (const place of PROGRAM_PLACES) {
    for (const program of await readdir(path.join(own, place)).catch(() => [])) {
      const script = path.join(bin, program);
      if (loader === undefined) {
        await requireStatic(path.join(own, place, program), `${one.name} ${one.version}`);
        await symlink(`../root/${place}/${program}`, script);
        continue;
      }
      await writeFile(script, starter({ loader, libraries, program: `${place}/${program}` }));
      await chmod(script, 0o755);
    }
  }
  await rm(debs, { recursive: true });
  await rm(own, { recursive: true });
}

async function requireStatic(file: string, who: string): Promise<void> {
  if (!(await isStatic(file))) throw new HarnessError(`${who} came without a dynamic loader`);
}

/** Before and since the merge of /usr. */
function libraryPlaces(): readonly string[] {
  const triplet = `${hostArchitecture().name}-linux-gnu`;
  return [`usr/lib/${triplet}`, `lib/${triplet}`];
}

async function existing(root: string, places: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    places.map((place) =>
      access(path.join(root, place)).then(
        () => place,
        () => undefined,
      ),
    ),
  );
  return found.filter((place) => place !== undefined);
}

interface Start {
  /** Paths within the root. */
  readonly loader: string;
  readonly libraries: readonly string[];
  readonly program: string;
}

/** LD_LIBRARY_PATH is how fakeroot's own library is found. */
function starter({ loader, libraries, program }: Start): string {
  const places = libraries.map((place) => `$root/${place}`).join(':');
  return `#!/bin/sh
root="\${0%/*}/../root"
exec "$root/${loader}" --library-path "${places}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" "$root/${program}" "$@"
`;
}
