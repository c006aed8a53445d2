/** The system programs that fathom starts, where Debian keeps them, and what each is for. No npm package is used here. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { hostArchitecture } from './architecture.ts';
import { UnsupportedError } from './errors.ts';

export interface ProgramRow {
  readonly name: string;
  /** What has to be there: a program on the search path, or any one of some files. */
  readonly found: { readonly program: string } | { readonly anyOf: readonly string[] };
  readonly debianPackage: string;
  readonly neededFor: string;
  /** Without it no run can be made; without the others only what they are needed for is unsupported. */
  readonly required: boolean;
  /** It brings much along: set-up leaves it to those who want what it is for. */
  readonly byHand?: true;
  /** How to ask for the version: the first match of the pattern in all that it prints. */
  readonly version?: { readonly args: readonly string[]; readonly pattern: RegExp };
}

const dotted = /\d+(?:\.\d+)+/;
const option = (pattern: RegExp) => ({ args: ['--version'], pattern });

const qemu = (): ProgramRow => {
  const { program, package: debianPackage } = hostArchitecture().qemu;
  return {
    name: program,
    found: { program },
    debianPackage,
    neededFor: 'every machine',
    required: true,
    version: option(dotted),
  };
};

const program = (
  name: string,
  debianPackage: string,
  rest: Pick<ProgramRow, 'neededFor' | 'required' | 'byHand' | 'version'>,
): ProgramRow => ({
  name,
  found: { program: name },
  debianPackage,
  ...rest,
});

/** Throws UnsupportedError on a machine of an architecture that fathom has no guests for. */
export function programs(): readonly ProgramRow[] {
  return [
    qemu(),
    // 1.5 knows no --version, and later ones do not say it under --help.
    program('mkfs.erofs', 'erofs-utils', {
      neededFor: 'erofs images',
      required: true,
      version: option(/(?<=mkfs\.erofs\D*)\d+(?:\.\d+)+/),
    }),
    program('mkfs.xfs', 'xfsprogs', {
      neededFor: 'XFS backing disks',
      required: true,
      version: { args: ['-V'], pattern: dotted },
    }),
    program('mke2fs', 'e2fsprogs', {
      neededFor: 'ext4 backing disks',
      required: false,
      version: { args: ['-V'], pattern: dotted },
    }),
    program('debugfs', 'e2fsprogs', {
      neededFor: 'ext4 backing disks',
      required: false,
      version: { args: ['-V'], pattern: dotted },
    }),
    program('mkfs.btrfs', 'btrfs-progs', {
      neededFor: 'btrfs backing disks',
      required: false,
      version: option(dotted),
    }),
    program('mksquashfs', 'squashfs-tools', {
      neededFor: 'squashfs disks',
      required: false,
      version: { args: ['-version'], pattern: dotted },
    }),
    // What is in the parentheses is the distribution's version: `cc (Debian 12.2.0-14) 12.2.0`.
    program('cc', 'gcc', {
      neededFor: "compiling the guest's agent",
      required: true,
      version: option(/(?<=\) |version )\d+(?:\.\d+)+/),
    }),
    {
      name: 'static libc',
      found: {
        anyOf: [`/usr/lib/${hostArchitecture().name}-linux-gnu/libc.a`, '/usr/lib64/libc.a', '/usr/lib/libc.a'],
      },
      debianPackage: 'libc6-dev',
      neededFor: "compiling the guest's agent",
      required: true,
    },
    program('xz', 'xz-utils', { neededFor: 'modules packed as .ko.xz', required: true, version: option(dotted) }),
    program('zstd', 'zstd', { neededFor: 'modules packed as .ko.zst', required: false, version: option(dotted) }),
    program('depmod', 'kmod', {
      neededFor: 'the order of modules',
      required: true,
      version: option(/(?<=kmod version )\d+/),
    }),
    program('modinfo', 'kmod', {
      neededFor: 'the order of modules',
      required: true,
      version: option(/(?<=kmod version )\d+/),
    }),
    program('dpkg-deb', 'dpkg', { neededFor: 'kernels of debian: and deb:', required: false, version: option(dotted) }),
    program('apt-get', 'apt', { neededFor: 'kernels of debian:', required: false, version: option(dotted) }),
    {
      name: "Debian's archive keys",
      found: {
        anyOf: ['/usr/share/keyrings/debian-archive-keyring.gpg', '/usr/share/keyrings/debian-archive-keyring.pgp'],
      },
      debianPackage: 'debian-archive-keyring',
      neededFor: 'kernels of debian:',
      required: false,
    },
    program('setpriv', 'util-linux', {
      neededFor: 'QEMU without privileges, for root',
      required: true,
      version: option(dotted),
    }),
    program('fallocate', 'util-linux', {
      neededFor: 'templates as sparse files',
      required: true,
      version: option(dotted),
    }),
    program('cp', 'coreutils', { neededFor: 'disks as sparse files', required: true, version: option(dotted) }),
    program('vagrant', 'vagrant vagrant-libvirt', {
      neededFor: '--machine vagrant',
      required: false,
      byHand: true,
      version: option(dotted),
    }),
    program('cpio', 'cpio', {
      neededFor: 'kernels of rpm:, and the tests of the initramfs',
      required: false,
      version: { args: ['--version'], pattern: dotted },
    }),
    program('tar', 'tar', { neededFor: '--machine host and ssh:', required: false, version: option(dotted) }),
    program('ssh', 'openssh-client', {
      neededFor: '--machine ssh:',
      required: false,
      version: { args: ['-V'], pattern: dotted },
    }),
    program('make', 'make', {
      neededFor: 'building a kernel tree (--build, --patch)',
      required: false,
      version: option(dotted),
    }),
    program('git', 'git', {
      neededFor: 'a patch on a kernel tree (--patch)',
      required: false,
      version: option(dotted),
    }),
    // It takes every argument for a package.
    program('rpm2cpio', 'rpm2cpio', { neededFor: 'kernels of rpm:', required: false }),
    program('rpmbuild', 'rpm', { neededFor: 'the tests of rpm:', required: false, version: option(dotted) }),
    program('shellcheck', 'shellcheck', {
      neededFor: 'the tests of `fathom script`',
      required: false,
      version: option(/(?<=version: )\d+(?:\.\d+)+/),
    }),
    program('fakeroot', 'fakeroot', {
      neededFor: 'trees with owners or modes of their own, for an ordinary user',
      required: false,
      version: option(dotted),
    }),
    program('setfattr', 'attr', {
      neededFor: 'trees with extended attributes',
      required: false,
      version: option(dotted),
    }),
  ];
}

/** `$PATH` and the places of mkfs and depmod, which an ordinary user's `$PATH` leaves out. */
export function searchPath(): string {
  const named = (process.env['PATH'] ?? '').split(path.delimiter).filter((place) => place !== '');
  return [...new Set([...named, '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'])].join(path.delimiter);
}

/** Where a program or file of the table is; undefined when it is not there. */
export function locate(row: ProgramRow): string | undefined {
  const { found } = row;
  const candidates =
    'program' in found
      ? searchPath()
          .split(path.delimiter)
          .map((place) => path.join(place, found.program))
      : found.anyOf;
  return candidates.find((candidate) => existsSync(candidate));
}

/** What set-up installs. */
export function missingPrograms(): readonly ProgramRow[] {
  return programs().filter((row) => row.byHand === undefined && locate(row) === undefined);
}

/** The one line for a root shell that brings the missing programs. */
export function installLine(missing: readonly Pick<ProgramRow, 'debianPackage'>[]): string {
  const packages = [...new Set(missing.map((row) => row.debianPackage))].join(' ');
  return `apt-get update && apt-get install --no-install-recommends -y ${packages}`;
}

/** Where a program is. Throws UnsupportedError with the line that installs it. */
export function requireProgram(name: string): string {
  const row = programs().find((candidate) => candidate.name === name);
  if (row === undefined) throw new TypeError(`${name} is not in the table of system programs`);
  const place = locate(row);
  if (place !== undefined) return place;
  throw new UnsupportedError(name, {
    message: `${name} is not installed, and it is needed for ${row.neededFor}`,
    remedy: `as root: ${installLine([row])}`,
  });
}

/** What a program of the table is, for cache keys: its file, without starting it. Changes with every upgrade. */
export function programIdentity(name: string): string {
  return fileIdentity(requireProgram(name));
}

/** The same for any program: a path, or a name to be looked for; undefined when it is not there. */
export function identityOfAny(name: string): string | undefined {
  const candidates = name.includes('/')
    ? [name]
    : searchPath()
        .split(path.delimiter)
        .map((place) => path.join(place, name));
  const found = candidates.find((place) => existsSync(place));
  return found === undefined ? undefined : fileIdentity(found);
}

function fileIdentity(file: string): string {
  const place = realpathSync(file);
  const { size, mtimeMs } = statSync(place);
  return `${place} ${size} ${mtimeMs}`;
}
