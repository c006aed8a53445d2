/** RPM packages with Fedora's layout, made here by rpmbuild of a kernel that fathom has. */
import { copyFile, cp, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import type { Kernel } from '../../../vm/kernel/kernel.ts';

/** Package → file. */
export type FedoraRpms = Readonly<Record<'kernel-core' | 'kernel-modules-core' | 'kernel-modules', string>>;

/** @param directory where the packages lie afterwards */
export async function fedoraRpms(kernel: Kernel, directory: string): Promise<FedoraRpms> {
  const root = path.join(directory, 'root');
  const place = path.join(root, 'lib/modules', kernel.release);
  const installed = (await kernel.modules(['erofs']))[0]!.file.replace(/\/kernel\/.*/, '');
  await mkdir(path.dirname(place), { recursive: true });
  await cp(installed, place, { recursive: true });
  await copyFile(kernel.image, path.join(place, 'vmlinuz'));
  await copyFile(kernel.systemMap!, path.join(place, 'System.map'));
  await writeFile(path.join(place, 'config'), configText(kernel));
  // The sources are another package's, which is not there.
  await rm(path.join(place, 'build'), { force: true });
  await symlink(`/usr/src/kernels/${kernel.release}`, path.join(place, 'build'));
  const rpms = await pack(root, directory);
  await rm(root, { recursive: true });
  return rpms;
}

function configText(kernel: Kernel): string {
  return [...kernel.config].map(([name, value]) => `CONFIG_${name}=${value}\n`).join('');
}

/** erofs and overlayfs to kernel-modules, the other modules to kernel-modules-core, all that is no module to kernel-core. */
function packageOf(file: string): keyof FedoraRpms {
  if (!/\.ko(\.\w+)?$/.test(file)) return 'kernel-core';
  return /\/fs\/(erofs|overlayfs)\//.test(file) ? 'kernel-modules' : 'kernel-modules-core';
}

/** No compiler, no debug package, no scriptlets: the files as they are, in a payload as Fedora's (zstd). */
async function pack(root: string, directory: string): Promise<FedoraRpms> {
  const files = new Map<keyof FedoraRpms, string[]>([
    ['kernel-core', []],
    ['kernel-modules-core', []],
    ['kernel-modules', []],
  ]);
  for (const item of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (item.isDirectory()) continue;
    const file = `/${path.relative(root, path.join(item.parentPath, item.name))}`;
    files.get(packageOf(file))!.push(file);
  }
  const names = [...files.keys()];
  for (const [name, listed] of files) await writeFile(path.join(directory, `${name}.list`), `${listed.join('\n')}\n`);
  const spec = path.join(directory, 'kernel.spec');
  await writeFile(
    spec,
    `Name: kernel\nVersion: 6.17.8\nRelease: 1\nSummary: Kernel\nLicense: GPL-2.0-only\nAutoReqProv: no\n%description\nKernel.\n` +
      names
        .map(
          (name) =>
            `%package -n ${name}\nSummary: Kernel\n%description -n ${name}\nKernel.\n%files -n ${name} -f ${directory}/${name}.list\n`,
        )
        .join(''),
  );
  const macros = {
    _topdir: path.join(directory, 'top'),
    _rpmdir: directory,
    _build_name_fmt: '%%{NAME}.rpm',
    _binary_payload: 'w1.zstdio',
    _build_id_links: 'none',
    __os_install_post: '%{nil}',
    debug_package: '%{nil}',
    // What Fedora's own build does not check either: modules with nothing in .gnu_debugdata, links to another package.
    __check_files: '%{nil}',
    _dbpath: path.join(directory, 'database'),
  };
  const defines = Object.entries(macros).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  await execa('rpmbuild', ['-bb', '--nodeps', '--noprep', '--buildroot', root, '--noclean', ...defines, spec]);
  return Object.fromEntries(names.map((name) => [name, path.join(directory, `${name}.rpm`)])) as FedoraRpms;
}
